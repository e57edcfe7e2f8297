package provision

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"drawbridge/bridge/targets"
	"drawbridge/directory"
	"drawbridge/policy"
)

// nameOf is the attribute by which the application tells records of a kind apart.
func nameOf(kind directory.Kind) string {
	if kind == directory.GroupKind {
		return "displayName"
	}
	return "userName"
}

// nameKey is the key of who has a name in the application. Applications compare names without regard to case.
func nameKey(kind directory.Kind, sent directory.Attributes) string {
	return string(kind) + directory.Fold(sent.String(nameOf(kind)))
}

// holder gives who of the company has the name in the application that is wanted, by what was last sent.
func (x *sender) holder(kind directory.Kind, want directory.Attributes) (directory.ID, bool) {
	if x.names == nil {
		x.names = map[string]directory.ID{}
		for _, kind := range []directory.Kind{directory.UserKind, directory.GroupKind} {
			for id, l := range x.links(kind) {
				if l.Remote != "" {
					x.names[nameKey(kind, sentOf(&l))] = id
				}
			}
		}
	}
	id, there := x.names[nameKey(kind, want)]
	return id, there
}

// renamed reports whether a record of the application, by its id, is of the company and gets another name.
func (x *sender) renamed(kind directory.Kind, remote string) bool {
	id, there := x.owner[string(kind)+remote]
	if !there {
		return false
	}
	step, needed := stepOf(x.sides, kind, id)
	return needed && step.changed.String(nameOf(kind)) != ""
}

// circle gives the steps that block a step because each wants the name of the next one, and the last one the name of the first, so that none
// can be the first. nil: there is no such circle.
func (x *sender) circle(s Step) []Step {
	var out []Step
	seen := map[directory.ID]bool{}
	for at := s; ; {
		id, there := x.holder(s.Kind, at.want)
		if !there || seen[id] {
			return nil
		}
		if id == s.Local {
			return out
		}
		seen[id] = true
		next, needed := stepOf(x.sides, s.Kind, id)
		if !needed || next.want == nil || next.changed.String(nameOf(s.Kind)) == "" {
			return nil // this one keeps its name
		}
		out = append(out, next)
		at = next
	}
}

// exchange does a step that the application refused because people, or groups, want the names of each other. The first of the others
// gets another name for a moment, so that all of them can get theirs. What is not done then is done by the plan.
func (x *sender) exchange(ctx context.Context, s Step, others []Step) error {
	first := others[0]
	before := x.links(first.Kind)[first.Local]
	name := nameOf(first.Kind)
	if err := x.rename(ctx, first, interim(first.want.String(name), first.Local)); err != nil {
		return err
	}
	if err := x.send(ctx, s); err != nil {
		return errors.Join(err, x.rename(ctx, first, sentOf(&before).String(name)))
	}
	for i := len(others) - 1; i >= 0; i-- {
		if others[i].Weight > 0 {
			return nil // the brake judges it with the others
		}
		var f *failure
		if err := x.send(ctx, others[i]); errors.As(err, &f) {
			return nil // the plan notes it as its own failure
		} else if err != nil {
			return err
		}
	}
	return nil
}

// rename gives a record of the application another name, and stores that.
func (x *sender) rename(ctx context.Context, s Step, to string) error {
	l := x.links(s.Kind)[s.Local]
	if err := x.change(ctx, s.Kind, l.Remote, directory.Attributes{{Name: nameOf(s.Kind), Value: to}}, nil); err != nil {
		return err
	}
	l.Sent = set(sentOf(&l), nameOf(s.Kind), to).Document()
	return x.store(ctx, targets.Result{Kind: s.Kind, Local: s.Local, Link: &l})
}

// interim is a name that is free. It has the shape of an address if the name has.
func interim(name string, id directory.ID) string {
	text := id.String()
	local, domain, _ := strings.Cut(name, "@")
	local += "-" + text[len(text)-12:]
	if domain == "" {
		return local
	}
	return local + "@" + domain
}

// taken is the error of a step. Where the application refused it with 400 and a search finds its name with another record, the error says
// that the name is taken: some applications answer 400 for that.
func (x *sender) taken(ctx context.Context, s Step, err error) error {
	name := nameOf(s.Kind)
	if !isBadRequest(err) || s.want == nil || s.changed.String(name) == "" {
		return err
	}
	found, failed := x.client.find(ctx, s.Kind, name, s.want.String(name))
	if failed != nil { // what the application said first counts
		return err
	}
	own := x.links(s.Kind)[s.Local].Remote
	if !slices.ContainsFunc(found, func(r resource) bool { return r.id != own }) {
		return err
	}
	return &failure{policy.TargetFailure{Message: err.Error() + " (another record there has this name)"}, http.StatusConflict}
}

// isBadRequest reports whether the application answered 400 without saying that a name is taken.
func isBadRequest(err error) bool {
	f, ok := err.(*failure) //nolint:errorlint // a step gives it as it is
	return ok && f.status == http.StatusBadRequest
}

// isConflict reports whether the application says that a name is taken.
func isConflict(err error) bool {
	f, ok := err.(*failure) //nolint:errorlint // a step gives it as it is
	return ok && f.status == http.StatusConflict
}
