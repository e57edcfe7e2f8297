package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/output"
	"drawbridge/console/client"
)

// listFlags are the flags of every list.
func listFlags(cmd *cobra.Command, l *client.List) {
	cmd.Flags().StringVarP(&l.Q, "query", "q", "", "only those with this text in their name")
	cmd.Flags().IntVar(&l.Limit, "limit", 0, "how many at most; 0: all")
	if l.Filter == nil {
		l.Filter = client.Filter{}
	}
}

// sortFlags are the flags of a list that has several orders.
func sortFlags(cmd *cobra.Command, l *client.List, standard, orders string) {
	cmd.Flags().StringVar(&l.Sort, "sort", standard, orders)
	cmd.Flags().Var((*descending)(&l.Dir), "desc", "from the last to the first")
	cmd.Flags().Lookup("desc").NoOptDefVal = "true"
}

// descending is the flag --desc: the direction of a list.
type descending string

func (d *descending) String() string { return "" }
func (*descending) Type() string     { return "bool" }

func (d *descending) Set(text string) error {
	*d = ""
	if text == "true" {
		*d = "desc"
	}
	return nil
}

// filterFlag is a flag that narrows a list. Its name is that of the parameter of the API, with hyphens.
func filterFlag(cmd *cobra.Command, l *client.List, name, help string) {
	cmd.Flags().Var(filterValue{l.Filter, strings.ReplaceAll(name, "-", "_")}, name, help)
}

// filterValue is the value of one parameter of a filter.
type filterValue struct {
	filter client.Filter
	name   string
}

func (v filterValue) String() string {
	if v.filter == nil {
		return ""
	}
	return v.filter[v.name]
}

func (filterValue) Type() string { return "string" }

func (v filterValue) Set(text string) error {
	v.filter[v.name] = text
	return nil
}

// listed reads a list to its end, or up to the limit in l.
func listed[T any](l client.List, read func(client.List) ([]T, string, error)) ([]T, error) {
	return pages(l.Limit, func(cursor string, limit int) ([]T, string, error) {
		l := l
		l.Cursor, l.Limit = cursor, limit
		return read(l)
	})
}

// list prints the rows of a list, or a sentence that says why there are none. In CSV an empty list has the names of the columns, and the
// sentence goes to standard error.
func (t *terminal) list(head []string, rows [][]cell, none string) {
	if len(rows) > 0 {
		t.table(head, rows)
		return
	}
	if t.format.Kind == output.CSV {
		t.table(head, nil)
	} else {
		t.offer(head)
	}
	t.say("%s", none)
}

// unlessNarrowed chooses the sentence for an empty list: none for the whole list, unmatched for a filtered one.
func unlessNarrowed(l client.List, none, unmatched string) string {
	if l.Narrowed() {
		return unmatched
	}
	return none
}

// inScope chooses what an empty list over all tenants says: all to an operator who has access to every tenant, mine to one who has access to some,
// and to one without any why the list is empty.
func (t *terminal) inScope(ctx context.Context, rows [][]cell, all, mine string) string {
	if len(rows) > 0 {
		return ""
	}
	me, err := t.client().Me(ctx)
	switch {
	case err != nil || me.Operator == nil || me.Operator.AllTenants:
		return all
	case len(me.Operator.Tenants) == 0:
		return "You have access to no tenant, so this list is empty. An Owner gives you access: drawbridge operator update " + me.Operator.Email + " --add-tenant TENANT"
	}
	return mine
}

func noUsers(tenant string) string {
	return fmt.Sprintf("Tenant %s has no users yet. Its identity provider creates them (drawbridge connection list --tenant %s), or you do: drawbridge user create %s USERNAME", tenant, tenant, tenant)
}

// noConnections treats a list that is filtered only by tenant as the whole list of that tenant.
func (t *terminal) noConnections(ctx context.Context, l client.List, rows [][]cell) string {
	tenant := l.Filter["tenant"]
	if tenant == "" {
		return t.inScope(ctx, rows, unlessNarrowed(l, "There are no connections yet: drawbridge connection create acme-okta --tenant acme --type okta", "No connections match."),
			unlessNarrowed(l, "Your tenants have no connections yet: drawbridge connection create acme-okta --tenant acme --type okta", "No connections match."))
	}
	rest := l
	rest.Filter = maps.Clone(l.Filter)
	delete(rest.Filter, "tenant")
	return unlessNarrowed(rest, fmt.Sprintf("Tenant %s has no connections yet: drawbridge connection create %s-okta --tenant %s --type okta", tenant, tenant, tenant), "No connections match.")
}

// noAlerts takes the name of a tenant for a list of its alerts. past is what the list says about the alerts that were settled, or nothing.
func (t *terminal) noAlerts(ctx context.Context, rows [][]cell, tenant, past string) string {
	if tenant != "" {
		return "Tenant " + tenant + " has no open alerts" + past + "."
	}
	return t.inScope(ctx, rows, "There are no open alerts"+past+".", "Your tenants have no open alerts"+past+".")
}

func noInvitations(tenant, status string) string {
	if status != "" {
		return fmt.Sprintf("No invitation of %s is %s.", tenant, status)
	}
	return fmt.Sprintf("No user is invited or awaits confirmation in %s.", tenant)
}

func noRequests(tenant, status string) string {
	if status != "" {
		return fmt.Sprintf("No deletion request of %s is %s.", tenant, status)
	}
	return fmt.Sprintf("Tenant %s has no deletion requests.", tenant)
}
