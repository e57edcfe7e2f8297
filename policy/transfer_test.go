package policy_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestTransferIsBounded(t *testing.T) {
	t.Parallel()
	if no := policy.CheckTransferSize(policy.MaxTransfer); no != nil {
		t.Errorf("the most is refused: %s", no.Message)
	}
	checkRefusal(t, policy.CheckTransferSize(policy.MaxTransfer+1), "C14", "these are 200001 users and groups, and one transfer moves at most 200000")
	checkRefusal(t, policy.TransferBusy(&directory.Transfer{From: "acme-okta", To: "acme-entra"}), "C14", "drawbridge transfer undo acme-okta")
}

func TestTransferIsDescribed(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		`Connection "a": every write to them is refused with 403 (L9), because connection "b" manages them.`: policy.TransferLeaves("a", "b"),
		`1 user of the selection stays: connection "a" does not manage it.`:                                  policy.TransferStays(policy.StayingOthers, 1, "a", "b"),
		`2 users of the selection stay: connection "a" does not manage them.`:                                policy.TransferStays(policy.StayingOthers, 2, "a", "b"),
		`1 group stays: connection "a" does not manage it.`:                                                  policy.TransferStays(policy.StayingGroups, 1, "a", "b"),
		`2 deleted users stay with connection "a", which deleted them, until the end of the grace. If connection "b" creates a user with one of their names, that is a new user with another id (L5).`: policy.TransferStays(policy.StayingGone, 2, "a", "b"),
		`3 custom resources stay with connection "a": only users and groups move. They become local when that connection is disconnected.`:                                                             policy.TransferStays(policy.StayingResources, 3, "a", "b"),
		"deleted meanwhile": policy.TransferDeleted,
		`deleted by connection "a" meanwhile, and kept in grace`: policy.TransferMissed("a", "a"),
		`released from connection "a" meanwhile`:                 policy.TransferMissed("", "a"),
		`connection "c" manages it by now, and not "a"`:          policy.TransferMissed("c", "a"),
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestTransferCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name      string
		Said      directory.Statement
		Undo      bool
		Meanwhile directory.Statement // what the second connection said
		Same      bool
		Ending    string
		Observing string
		Maps      directory.MappingTarget
		Then      struct {
			Said     directory.Statement
			External string
			Sent     bool
			Refuse   string
		}
	}
	for _, c := range cases[testCase](t, "transfer.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			from, to := &directory.Connection{ID: "acme-okta"}, &directory.Connection{ID: "acme-entra"}
			if c.Same {
				to = from
			}
			for name, one := range map[string]*directory.Connection{"from": from, "to": to} {
				if c.Ending == name {
					one.Ending = &directory.Ending{}
				}
				if c.Observing == name {
					one.Observing = &directory.Observation{}
				}
			}
			if c.Maps != "" {
				to.AttributeMapping = &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: c.Maps, Source: "title"}}}
			}
			no := policy.CheckTransfer(from, to)
			if back := policy.CheckTransferBack(from, to); (back == nil) != (c.Ending == "" && c.Observing == "") {
				t.Errorf("the way back is refused by %v", back)
			}
			if c.Then.Refuse != "" {
				checkRefusal(t, no, "C14", c.Then.Refuse)
				return
			}
			if no != nil {
				t.Fatalf("refused: %s", no.Message)
			}
			s := world("operator")
			before := directory.User{UserName: "ann", ExternalID: "e1", Connection: "acme-okta", Statement: c.Said, StatedAt: now.Add(-time.Hour), State: directory.Active, Document: directory.Document(`{"userName":"ann"}`)}
			d := s.Transfer(before, to)
			if d.User.Connection != "acme-entra" || d.User.ExternalID != "" || d.Because[0] != "C14" || !strings.Contains(d.Why, "acme-okta") || (d.User.Sent != nil) != c.Then.Sent {
				t.Errorf("the decision is %+v", d)
			}
			if c.Undo {
				after := d.User
				if c.Meanwhile != "" {
					after.Statement, after.StatedAt = c.Meanwhile, now.Add(time.Minute)
				}
				d = s.Untransfer(after, &directory.Moved{ExternalID: "e1", Statement: c.Said, StatedAt: before.StatedAt, At: now}, from)
				if d.User.Connection != "acme-okta" {
					t.Errorf("given back to %q", d.User.Connection)
				}
			}
			if d.User.Statement != c.Then.Said || d.User.ExternalID != c.Then.External {
				t.Errorf("statement %s, externalId %q", d.User.Statement, d.User.ExternalID)
			}
		})
	}
}

// What a transfer gives back is what the first provider sent; without that, it is the present document (C14, C13).
func TestC14UndoneUsersOfAMappedConnection(t *testing.T) {
	t.Parallel()
	sent, present := directory.Document(`{"userName":"sent"}`), directory.Document(`{"userName":"present"}`)
	from := &directory.Connection{ID: "acme-okta", AttributeMapping: &directory.AttributeMapping{}}
	user := directory.User{UserName: "ann", Connection: "acme-entra", Document: present, Statement: directory.SaidActive, StatedAt: now}
	for want, moved := range map[string]*directory.Moved{string(sent): {Sent: sent, At: now}, string(present): {At: now}} {
		d := world("operator").Untransfer(user, moved, from)
		if string(d.User.Sent) != want || d.User.Connection != "acme-okta" {
			t.Errorf("%s, of %s; want %s", d.User.Sent, d.User.Connection, want)
		}
	}
	if d := world("operator").Untransfer(user, &directory.Moved{Sent: sent, At: now}, &directory.Connection{ID: "acme-okta"}); d.User.Sent != nil {
		t.Errorf("a connection without a mapping has %s", d.User.Sent)
	}
}
