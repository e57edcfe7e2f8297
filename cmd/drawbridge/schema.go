package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"drawbridge/console/client"
	"drawbridge/console/wire"

	"github.com/spf13/cobra"
)

func schemaCommand(t *terminal) *cobra.Command {
	return parent("schema", "Schemas that a tenant has of its own", "A tenant may have its own extensions of User and Group, and its own resource types.",
		schemaLoad(t), schemaRemove(t), schemaList(t))
}

func schemaLoad(t *terminal) *cobra.Command {
	var in wire.Schema
	var discard bool
	cmd := &cobra.Command{
		Use: "load TENANT FILE", Short: "Load a schema", Args: arguments("TENANT", "FILE"),
		Long: `FILE contains a schema in the JSON form of RFC 7643 section 7; - reads standard input. It becomes an extension of
--resource-type User or Group, or, with another name and an --endpoint, a resource type of its own. A schema with the same
id replaces the existing one.

Values of an attribute with the uniqueness server or global are unique within the tenant, existing values included. If two records
have the same value, the schema is refused and both are named. A schema that lacks an attribute with data, or gives it another type,
is refused too, unless --discard removes the data from every record.`,
		Example: `  drawbridge schema load acme badge.json --resource-type User
  drawbridge schema load acme device.json --resource-type Device --endpoint /Devices`,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := t.read(args[1])
			if err != nil {
				return err
			}
			if !json.Valid(text) {
				return usage(cmd.CommandPath(), "%s is not JSON", args[1])
			}
			in.Definition = text
			loaded, err := t.client().LoadSchema(cmd.Context(), args[0], in, client.Discard(discard))
			if err != nil {
				return err
			}
			return t.print(loaded, func() { t.say("Loaded %s for %s of %s.", loaded.URN, loaded.ResourceType, args[0]) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.ResourceType, "resource-type", "User", "User, Group, or the name of a new resource type")
	f.StringVar(&in.Endpoint, "endpoint", "", "path of a new resource type, such as /Devices")
	f.BoolVar(&in.Required, "required", false, "every resource must have the extension")
	discardFlag(cmd, &discard)
	return cmd
}

func discardFlag(cmd *cobra.Command, discard *bool) {
	cmd.Flags().BoolVar(discard, "discard", false, "remove data that no schema describes any more from every record")
}

func schemaRemove(t *terminal) *cobra.Command {
	var discard bool
	cmd := &cobra.Command{
		Use: "remove TENANT URN", Short: "Remove a schema", Args: arguments("TENANT", "URN"),
		Long: `Removes a schema from a tenant. If records contain its data, this is refused, because answers must not show what /Schemas
does not describe. --discard removes the data from every record in the same step, and deletes the resources of a removed resource
type. The audit trail has the removed data.`,
		Example: `  drawbridge schema remove acme urn:example:params:scim:schemas:badge:1.0:User
  drawbridge schema remove acme urn:example:params:scim:schemas:device:1.0 --discard`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := t.client().RemoveSchema(cmd.Context(), args[0], args[1], client.Discard(discard)); err != nil {
				return err
			}
			return t.print(map[string]string{"removed": args[1]}, func() { t.say("Removed %s from %s.", args[1], args[0]) })
		},
	}
	discardFlag(cmd, &discard)
	return cmd
}

// maxFile is the maximum size of a file; no schema is longer.
const maxFile = 1 << 20

func (t *terminal) read(file string) ([]byte, error) {
	from := t.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", file, maxFile)
	}
	return text, err
}

func schemaList(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "list TENANT", Short: "List the schemas of a tenant", Args: arguments("TENANT"),
		Example: "  drawbridge schema list acme",
		RunE: func(cmd *cobra.Command, args []string) error {
			page, err := t.client().Schemas(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return t.print(page.Items, func() {
				rows := [][]cell{}
				for _, s := range page.Items {
					rows = append(rows, cells(s.URN, s.ResourceType, orDash(s.Endpoint)))
				}
				t.list([]string{"SCHEMA", "RESOURCE TYPE", "ENDPOINT"}, rows, "Tenant "+args[0]+" has the standard schemas only.")
			})
		},
	}
}
