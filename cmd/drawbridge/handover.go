package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/client"
)

func tenantUnlink(t *terminal) *cobra.Command {
	var file, reason string
	cmd := &cobra.Command{
		Use: "unlink TENANT", Short: "Hand a tenant over: out of service, with a bundle to give away", Args: arguments("TENANT"),
		Long: `Takes a tenant out of service and writes its hand-over bundle: a signed archive of people, groups, settings, ledger,
events and audit trail, without any secret, which another installation takes in with: drawbridge tenant link FILE

Refused unless the tenant has an active Owner who is no operator of this installation. From then on nothing in it is
served or changed; tokens, application keys and the scopes of operators that name it end. Within the grace time
(tombstone_days, at least 7 days) you can take it back. After that the data is deleted, if the bundle was fetched and verified.`,
		Example: "  drawbridge tenant unlink acme --bundle acme.tar.gz --reason \"moved to another provider\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usage(cmd.CommandPath(), "--bundle is missing: where is the bundle to go?")
			}
			out, err := newBundleFile(file)
			if err != nil {
				return err
			}
			defer out.drop()
			if err := t.confirm(cmd, "From now on nothing in "+args[0]+" is served. Go on?"); err != nil {
				return err
			}
			if _, err := t.client().UnlinkTenant(cmd.Context(), args[0], reason); err != nil {
				return err
			}
			if err := t.fetchBundle(cmd.Context(), args[0], out); err != nil {
				return fmt.Errorf("%s is unlinked, but its bundle is not here yet: %w\nfetch it with: drawbridge tenant bundle %s --bundle FILE\nor take it back with: drawbridge tenant take-back %s", args[0], err, args[0], args[0])
			}
			return t.printHandover(cmd.Context(), args[0], file)
		},
	}
	cmd.Flags().StringVar(&file, "bundle", "", "the file for the bundle, which must not be there yet")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	cmd.Flags().Bool("yes", false, "do not ask")
	return cmd
}

func tenantBundle(t *terminal) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "bundle TENANT", Short: "Fetch the bundle of a tenant that is unlinked", Args: arguments("TENANT"),
		Long:    "Fetches the bundle again, verifies the file on the disk, and confirms to the server that you have it.",
		Example: "  drawbridge tenant bundle acme --bundle acme.tar.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return usage(cmd.CommandPath(), "--bundle is missing: where is the bundle to go?")
			}
			out, err := newBundleFile(file)
			if err != nil {
				return err
			}
			defer out.drop()
			if err := t.fetchBundle(cmd.Context(), args[0], out); err != nil {
				if !out.done {
					return whenInterrupted(err, "there is no bundle %s yet; run the command again", printable(file))
				}
				return err
			}
			return t.printHandover(cmd.Context(), args[0], file)
		},
	}
	cmd.Flags().StringVar(&file, "bundle", "", "the file for the bundle, which must not be there yet")
	return cmd
}

func tenantTakeBack(t *terminal) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "take-back TENANT", Short: "End a hand-over within the grace time", Args: arguments("TENANT"),
		Long: `The tenant is served again with all its data, and returns to the scopes of operators that named it.
Credentials stay revoked: drawbridge token rotate CONNECTION makes new ones. A bundle that was fetched before is now out of date.`,
		Example: "  drawbridge tenant take-back acme --reason \"they stay\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := t.client().TakeBackTenant(cmd.Context(), args[0], reason)
			if err != nil {
				return err
			}
			return t.print(s, func() {
				t.say("%s is %s again. Its connections and applications need new credentials.", s.Tenant, s.Status)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	return cmd
}

func tenantHandover(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "handover TENANT", Short: "Show how far a hand-over is", Args: arguments("TENANT"),
		Example: "  drawbridge tenant handover acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			return t.printHandover(cmd.Context(), args[0], "")
		},
	}
}

func (t *terminal) printHandover(ctx context.Context, tenant, file string) error {
	s, err := t.client().Handover(ctx, tenant)
	if err != nil {
		return err
	}
	return t.print(s, func() {
		held := "not confirmed"
		if s.Manifest != "" {
			held = s.Manifest + ", confirmed " + moment(s.Confirmed)
		}
		if s.Since == nil {
			held = ""
		}
		t.details([2]string{"Tenant", s.Tenant}, [2]string{"Status", s.Status}, [2]string{"Since", orNothing(s.Since)}, [2]string{"By", s.By}, [2]string{"Reason", s.Reason},
			[2]string{"Can be taken back until", orNothing(s.Until)}, [2]string{"Bundle", held}, [2]string{"File", file}, [2]string{"Gone", orNothing(s.Gone)})
	})
}

func orNothing(at *time.Time) string {
	if at == nil {
		return ""
	}
	return moment(at)
}

// bundleFile is a bundle that is written to the disk. It gets its name when it is complete.
type bundleFile struct {
	*os.File
	name string
	done bool
}

// newBundleFile begins the file, so that a folder that cannot be written is known before anything is done.
func newBundleFile(name string) (*bundleFile, error) {
	if _, err := os.Lstat(name); err == nil {
		return nil, fmt.Errorf("%s is there already: choose another name", name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part")
	if err != nil {
		return nil, err
	}
	return &bundleFile{File: f, name: name}, nil
}

// drop removes what is not whole.
func (b *bundleFile) drop() {
	if !b.done {
		_ = b.Close()
		_ = os.Remove(b.Name())
	}
}

// finish gives the file its name, unless another file has it.
func (b *bundleFile) finish() error {
	if err := b.Close(); err != nil {
		return err
	}
	if err := os.Link(b.Name(), b.name); err != nil {
		return err
	}
	b.done = true
	if err := os.Remove(b.Name()); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(b.name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// fetchBundle writes the bundle, reads it back from the disk, and confirms to the server that it is stored.
func (t *terminal) fetchBundle(ctx context.Context, tenant string, out *bundleFile) error {
	c := t.client()
	key, err := c.BundleKey(ctx)
	if err != nil {
		return err
	}
	if err := c.Bundle(ctx, tenant, t.counting(out, "fetched")); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	found, err := app.VerifyBundle(out.Name(), []string{key.PublicKey})
	if err != nil {
		return err
	}
	if err := out.finish(); err != nil {
		return err
	}
	if _, err := c.ConfirmBundle(ctx, tenant, found.Sum); err != nil {
		return fmt.Errorf("%s is whole, but the server does not know yet that you hold it: %w", out.name, err)
	}
	return nil
}

// counting shows a person how much has passed.
func (t *terminal) counting(to io.Writer, verb string) io.Writer {
	if !isTerminal(t.err) {
		return to
	}
	return &countingWriter{to: to, say: func(n int64) { fmt.Fprintf(t.err, "\r%s %d KiB", verb, n>>10) }}
}

type countingWriter struct {
	to      io.Writer
	say     func(int64)
	n, last int64
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.n += int64(n)
	if w.n-w.last >= 1<<20 {
		w.last = w.n
		w.say(w.n)
	}
	return n, err
}

func tenantLink(t *terminal) *cobra.Command {
	var o client.LinkOptions
	cmd := &cobra.Command{
		Use: "link FILE", Short: "Import a company from its hand-over bundle", Args: arguments("FILE"),
		Long: `Imports a company that another installation handed over. Ids, states, ledger, events and audit trail stay the same.
This installation, or one that --trust names, must have signed the bundle. Get that key (drawbridge bundle key) by another way than
the bundle. The whole bundle is read before anything is stored, and the company is visible only when it is complete. Connections come without credentials: drawbridge token rotate CONNECTION makes them.

Refused where the data region differs from the setting region of this installation, where people need more seats than
there are, and for a company that is here already.`,
		Example: `  drawbridge tenant link acme.tar.gz --trust dbp_... --preview
  drawbridge tenant link acme.tar.gz --trust dbp_... --slug acme-ltd --plan business`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }() // it was only read
			l, err := t.client().LinkTenant(cmd.Context(), io.TeeReader(f, t.counting(io.Discard, "sent")), o)
			if err != nil {
				return err
			}
			return t.print(l, func() {
				verb := "Linked"
				if !l.Done {
					verb = "Would link"
				}
				t.say("%s %s (%s) as tenant %s.", verb, printable(l.Name), l.Was, l.Tenant)
				limit := "no limit"
				if l.Limit > 0 {
					limit = "limit " + strconv.Itoa(l.Limit)
				}
				t.details([2]string{"Plan", fmt.Sprintf("%s, %d seats in use, %s", l.Plan, l.Occupied, limit)}, [2]string{"Data region", l.DataRegion},
					[2]string{"Unlinked", moment(&l.Unlinked)}, [2]string{"Signed by", l.SignedBy}, [2]string{"Made by", l.Software}, [2]string{"Manifest", l.Manifest},
					[2]string{"Holds", linesText(l.Lines)}, [2]string{"Connections", orDash(strings.Join(l.Connections, ", "))})
				if l.Done && len(l.Connections) > 0 {
					t.say("Next: drawbridge token rotate %s", l.Connections[0])
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Slug, "slug", "", "slug here (default: as in the bundle)")
	f.StringVar(&o.Plan, "plan", "", "plan of the catalogue here (default: as in the bundle)")
	f.StringArrayVar(&o.Trust, "trust", nil, "public key of an installation whose bundles are taken; may be repeated")
	f.BoolVar(&o.DryRun, "preview", false, "verify all of it and take nothing in")
	return cmd
}

// linesText says how many records of each kind a bundle has.
func linesText(lines map[string]int) string {
	var parts []string
	for _, kind := range []string{"users", "groups", "memberships", "resources", "tombstones", "memos", "requests", "events", "audit"} {
		name := kind
		switch kind {
		case "memos": // the name in the format
			name = "state records"
		case "requests":
			name = "deletion requests"
		case "audit":
			name = "audit lines"
		}
		if lines[kind] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", lines[kind], name))
		}
	}
	return strings.Join(parts, ", ")
}

func bundleCommand(t *terminal) *cobra.Command {
	return parent("bundle", "Hand-over bundles", "A bundle is a signed archive of a company that was handed over. drawbridge tenant unlink makes one, drawbridge tenant link imports it.",
		bundleVerify(t), bundleKey(t))
}

func bundleVerify(t *terminal) *cobra.Command {
	var trust []string
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "Verify a bundle, without a server", Args: arguments("FILE"),
		Long: `Checks the checksum of every member, the signature, and that the bundle contains nothing else. With --trust, that key must have signed it.
Without --trust, the command prints the key for you to compare.`,
		Example: "  drawbridge bundle verify acme.tar.gz --trust dbp_...",
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := app.VerifyBundle(args[0], trust)
			if err != nil {
				return err
			}
			return t.print(b, func() {
				t.details([2]string{"Company", b.Name + " (" + string(b.Tenant) + ")"}, [2]string{"Data region", b.DataRegion}, [2]string{"Unlinked", moment(&b.Unlinked)},
					[2]string{"Signed by", b.Key}, [2]string{"Made by", b.Software}, [2]string{"Manifest", b.Sum}, [2]string{"Holds", linesText(b.Lines)})
				t.say("The bundle is whole.")
				if len(trust) == 0 {
					t.say("Compare the key with that of the installation that you expect: drawbridge bundle key")
				}
			})
		},
	}
	cmd.Flags().StringArrayVar(&trust, "trust", nil, "public key that must have signed it; may be repeated")
	return cmd
}

func bundleKey(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "key", Short: "Print the public key with which this installation signs bundles", Args: arguments(),
		Example: "  drawbridge bundle key",
		RunE: func(cmd *cobra.Command, _ []string) error {
			k, err := t.client().BundleKey(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(k, func() { t.say("%s", k.PublicKey) })
		},
	}
}
