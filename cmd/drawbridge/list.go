package main

import (
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
)

// listFlags are the flags of every list.
func listFlags(cmd *cobra.Command, l *client.List) {
	cmd.Flags().StringVarP(&l.Q, "query", "q", "", "only those with this text in their name")
	cmd.Flags().IntVar(&l.Limit, "limit", 0, "at most so many; 0: all")
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

// listed reads a list to its end, or up to the limit of l.
func listed[T any](l client.List, read func(client.List) ([]T, string, error)) ([]T, error) {
	return pages(l.Limit, func(cursor string, limit int) ([]T, string, error) {
		l := l
		l.Cursor, l.Limit = cursor, limit
		return read(l)
	})
}
