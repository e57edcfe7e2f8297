package bridge

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/bridge/projects"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// Projects gives the verbs of Google projects.
func (v Pulls) Projects() *projects.Service { return v.s.projects }

// leaveProject ends that a connection uses a Google project, because it gets a key of its own.
func (t *tenantTx) leaveProject(c *directory.Connection) error {
	if c.Google == nil || c.Google.Project == "" {
		return nil
	}
	after := c.Clone()
	after.Google.Project = ""
	after.Version, after.Modified = c.Version+1, txn.Later(t.Now, c.Modified)
	was, is, changed := txn.Diff(connectionFacts(c), connectionFacts(&after))
	line := t.Line(directory.ActionConnectionUpdate, connectionSubject(&after))
	line.Before, line.After = txn.Document(was), txn.Document(is)
	t.Audit(line)
	t.Event(directory.ConnectionUpdated, connectionSubject(&after), append(is, directory.Attribute{Name: "changed", Value: txn.Texts(changed)}))
	t.Change.Connections = append(t.Change.Connections, after)
	return nil
}

// useProject refuses a Google project that is not attached to the tenant (C11), and removes the connection's own key when a project takes
// its place. before is nil for a new connection.
func (t *tenantTx) useProject(before, after *directory.Connection) error {
	was := ""
	if before != nil && before.Google != nil {
		was = before.Google.Project
	}
	is := ""
	if after.Google != nil {
		is = after.Google.Project
	}
	switch {
	case was == is:
		return nil
	case is == "":
		return &directory.Error{Code: directory.Invalid, Field: "google.credentials", Message: "give the connection a key of its own in place of the Google project: the setting google.credentials"}
	}
	attached, err := t.attachedProject(is)
	if err != nil {
		return err
	}
	if !attached {
		return &directory.Error{Code: directory.Invalid, Field: "google.project", Rule: "C11", Message: fmt.Sprintf("no Google project %q is attached to this company: attach it first", directory.Truncate(is, 100))}
	}
	if before == nil || was != "" {
		return nil
	}
	line := t.Line(directory.ActionConnectionCredential, connectionSubject(after))
	line.Reason = "the Google project " + is + " takes the place of its own key, which is deleted"
	t.Audit(line)
	t.Unset(directory.SealedKV, string(after.ID))
	return nil
}

// attachedProject reports whether a Google project is attached to the tenant.
func (t *tenantTx) attachedProject(name string) (attached bool, err error) {
	all, err := attachedProjects(t.Reader)
	return slices.Contains(all, name), err
}

// attachedProjects names the Google projects that are attached to a tenant.
func attachedProjects(r store.Reader) (names []string, err error) {
	err = txn.Each(r, directory.ProjectStateKV, "", "", func(_ string, state *directory.ProjectState) error {
		names = append(names, strings.Clone(state.Name))
		return nil
	})
	return names, err
}
