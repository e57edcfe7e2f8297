package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// signedIn is the sign-in that commands share. It is stored in a file that only its owner may read.
type signedIn struct {
	Server  string    `json:"server"`
	Email   string    `json:"email"`
	Secret  string    `json:"secret"`
	Expires time.Time `json:"expires"`
	CAFile  string    `json:"ca_file,omitempty"` // as --ca-file said
}

// sessionFile is where a sign-in is kept: in the folder for the configuration of the user's programs.
func (t *terminal) sessionFile() (string, error) {
	folder := t.getenv("XDG_CONFIG_HOME", "")
	if folder == "" {
		var err error
		if folder, err = os.UserConfigDir(); err != nil {
			return "", fmt.Errorf("there is no folder to keep the sign-in in: %w; set XDG_CONFIG_HOME", err)
		}
	}
	return filepath.Join(folder, "drawbridge", "session.json"), nil
}

// session is the stored sign-in; ok is false if there is no valid one.
func (t *terminal) session() (s signedIn, ok bool) {
	file, err := t.sessionFile()
	if err != nil {
		return s, false
	}
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &s) != nil {
		return signedIn{}, false
	}
	return s, s.Server != "" && s.Secret != ""
}

func (t *terminal) keepSession(s signedIn) error {
	file, err := t.sessionFile()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	next := file + ".new" // a new file, so that the permissions of an older one do not apply
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, file)
}

// signInMethods lists the ways to sign in to a server.
func (t *terminal) signInMethods(ctx context.Context, server string) error {
	m, err := t.at(server).SignInMethods(ctx)
	if err != nil {
		return err
	}
	return t.print(m, func() {
		if m.FirstOwner {
			t.say("There is no operator yet: use the one-time link that the server printed when it started.")
			return
		}
		t.say("With e-mail address and password: drawbridge signin --server %s", server)
		if m.OIDC != nil {
			t.say("Through %s, in a browser: %s/api/v1/session/oidc", printable(m.OIDC.Label), server)
		}
		if m.Forgot {
			t.say("A forgotten password: drawbridge operator forgot E-MAIL --server %s", server)
		}
	})
}

func (t *terminal) forgetSession() error {
	file, err := t.sessionFile()
	if err == nil {
		err = os.Remove(file)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func signInCommand(t *terminal) *cobra.Command {
	var email, file, code string
	var methods bool
	cmd := &cobra.Command{
		Use: "signin", Short: "Sign in to a server over the network, as yourself", Args: arguments(),
		Long: `Opens a session on the server that --server (or DRAWBRIDGE_SERVER) names. Later commands act as you there, until signout or
until the session ends; --data still means the server of that folder and its local Owner.

The session is kept in a file that only you may read, in the folder for your programs' configuration (drawbridge/session.json), and is
printed nowhere. The password is asked for, or read from --password-file; so is a code of your second factor, if you have one.`,
		Example: `  drawbridge signin --server https://drawbridge.example.com --email you@example.com
  drawbridge signin --server http://127.0.0.1:8080 --email you@example.com --password-file secret.txt --code 123456`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, err := t.signInServer(cmd.CommandPath())
			if err != nil {
				return err
			}
			if methods {
				return t.signInMethods(cmd.Context(), server)
			}
			if email, err = t.ask(cmd.CommandPath(), "E-mail address: ", email, "--email"); err != nil {
				return err
			}
			password, err := t.secret(cmd.CommandPath(), "Password: ", file, "--password-file")
			if err != nil {
				return err
			}
			c := t.at(server)
			in := wire.SignInRequest{Email: email, Password: password, Code: code}
			account, secret, err := c.SignIn(cmd.Context(), in)
			if wantsCode(err) && in.Code == "" {
				if in.Code, err = t.ask(cmd.CommandPath(), "Code of your second factor, or a recovery code: ", "", "--code"); err != nil {
					return err
				}
				account, secret, err = c.SignIn(cmd.Context(), in)
			}
			if err != nil {
				return err
			}
			if secret == "" {
				return fmt.Errorf("%s let you in without a session: is it a drawbridge server?", server)
			}
			kept := signedIn{Server: server, Email: email, Secret: secret}
			if t.caFile != "" {
				if kept.CAFile, err = filepath.Abs(t.caFile); err != nil {
					return err
				}
			}
			if account.Expires != nil {
				kept.Expires = *account.Expires
			}
			if err := t.keepSession(kept); err != nil {
				return err
			}
			return t.print(account, func() {
				t.say("Signed in at %s as %s (%s), until %s.", server, printable(email), account.Role, moment(account.Expires))
				if account.EnrolOnly {
					t.say("A second factor is required of you; nothing else is open until it is there: drawbridge account mfa enrol")
				}
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&email, "email", "", "your e-mail address")
	f.StringVar(&file, "password-file", "", "file with your password; - is standard input")
	f.StringVar(&code, "code", "", "code of your second factor, or a recovery code")
	f.BoolVar(&methods, "methods", false, "only list the ways to sign in to the server")
	return cmd
}

// signInServer is the server to sign in to. A password is not sent over a network without encryption.
func (t *terminal) signInServer(command string) (string, error) {
	server := t.server
	if s, ok := t.session(); ok && server == "" {
		server = s.Server
	}
	u, err := url.Parse(server)
	switch {
	case server == "":
		return "", usage(command, "name the server with --server https://… or DRAWBRIDGE_SERVER; the API must be on there (api.enabled)")
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return "", usage(command, "--server is a URL such as https://drawbridge.example.com, not %q", server)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", usage(command, "%s would get your password in the clear: use https", server)
	}
	return strings.TrimRight(server, "/"), nil
}

func wantsCode(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Code == "unauthorized" && e.Field == "code"
}

// wantsProof reports whether err asks the operator to prove who they are.
func wantsProof(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Code == "forbidden" && e.Field == "session"
}

// ask is a given value, or what a person types.
func (t *terminal) ask(command, question, given, flag string) (string, error) {
	if given != "" {
		return given, nil
	}
	if !isTerminal(t.in) {
		return "", usage(command, "%s is missing, and there is no terminal to ask for it", flag)
	}
	fmt.Fprint(t.err, question)
	text, err := t.readLine(t.in)
	if err == nil && text == "" {
		err = usage(command, "%s is missing", flag)
	}
	return text, err
}

// secret is the first line of a file, or what a person types, which is not shown.
func (t *terminal) secret(command, question, file, flag string) (string, error) {
	in, isFile := t.in.(*os.File)
	if file == "" && isFile && isTerminal(t.in) {
		fmt.Fprint(t.err, question)
		text, err := term.ReadPassword(int(in.Fd()))
		fmt.Fprintln(t.err)
		if err == nil && len(text) == 0 {
			err = usage(command, "the password is empty")
		}
		return string(text), err
	}
	if file == "" {
		return "", usage(command, "%s is missing, and there is no terminal to ask for it", flag)
	}
	return t.password(command, file)
}

func signOutCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "signout", Short: "End the session of signin", Args: arguments(),
		Long:    "Ends the session on the server and removes the file that keeps it.",
		Example: "  drawbridge signout",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, ok := t.session()
			if !ok {
				return t.print(map[string]string{}, func() { t.say("You were not signed in.") })
			}
			err := t.at(s.Server).As(s.Secret).SignOut(cmd.Context())
			if code := client.CodeOf(err); code == "unauthorized" || code == "not_found" { // it had ended already
				err = nil
			}
			if forgotten := t.forgetSession(); forgotten != nil {
				return forgotten
			}
			if err != nil {
				return fmt.Errorf("the file is removed, but the server could not be reached, so the session lasts until %s: %w", moment(&s.Expires), err)
			}
			return t.print(map[string]string{"signed_out": s.Email, "server": s.Server}, func() { t.say("Signed out at %s.", s.Server) })
		},
	}
}

func whoamiCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show who you are, and on which server", Args: arguments(),
		Example: "  drawbridge whoami\n  DRAWBRIDGE_API_KEY=dbk_… drawbridge whoami --server https://drawbridge.example.com",
		RunE: func(cmd *cobra.Command, _ []string) error {
			me, err := t.client().Me(cmd.Context())
			if err != nil {
				return err
			}
			return t.print(me, func() {
				if me.Operator == nil {
					t.say("The local Owner of the server on the data folder %s: every user who may open its socket.", t.data)
					return
				}
				t.operator(me.Operator)
				t.details([2]string{"Acting by", map[string]string{"session": "a session", "key": "an API key"}[me.AuthMethod]}, [2]string{"At", t.serverName()})
				if me.EnrolOnly {
					t.say("A second factor is required of you; nothing else is open until it is there: drawbridge account mfa enrol")
				}
			})
		},
	}
}

// way is the server on the network that commands use, with the credential for it. The order of precedence is --server,
// --data, the stored sign-in, the folder ./data.
func (t *terminal) way() (server, secret string) {
	key := t.getenv("DRAWBRIDGE_API_KEY", "")
	s, ok := t.session()
	switch {
	case t.server != "":
		if key == "" && ok && strings.TrimRight(t.server, "/") == s.Server {
			key = s.Secret
		}
		return t.server, key
	case t.dataNamed() || !ok || key != "":
		return "", key
	}
	return s.Server, s.Secret
}

// dataNamed reports whether the data folder was named explicitly.
func (t *terminal) dataNamed() bool {
	return t.dataGiven || t.getenv("DRAWBRIDGE_DATA", "") != ""
}
