package main

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"drawbridge/console/wire"
)

// previewable gives a command the flag --dry-run.
func previewable(t *terminal, cmd *cobra.Command) *cobra.Command {
	cmd.Flags().BoolVar(&t.dry, "dry-run", false, "say what would happen, and do nothing")
	return cmd
}

// previewed prints what an action would do.
func (t *terminal) previewed(p wire.Preview) error {
	return t.print(p, func() {
		if len(p.Changes) == 0 {
			t.say("Nothing would change.")
		} else {
			rows := [][]cell{}
			for i := range p.Changes {
				c := &p.Changes[i]
				rows = append(rows, cells(deed(c.Action), orDash(cmp.Or(c.Subject.Name, c.Subject.ID)), orDash(c.Rule), orDash(c.Reason)))
			}
			t.table([]string{"WOULD", "NAME", "RULE", "WHY"}, rows)
		}
		if s := p.Seats; s != nil && s.Before != s.After {
			limit := "no limit"
			if s.Limit > 0 {
				limit = "of " + strconv.Itoa(s.Limit)
			}
			t.say("Seats in use: %d, then %d (%s).", s.Before, s.After, limit)
		}
		if len(p.Events) > 0 {
			t.say("Applications would hear: %s.", strings.Join(p.Events, ", "))
		}
		if p.Notice != "" {
			t.say("%s", printable(p.Notice))
		}
		t.say("Nothing was done.")
	})
}

// deed says in words what an action of the audit trail does: "suspend the user". The code is in the other formats.
func deed(action string) string {
	if words, ok := deeds()[action]; ok {
		return words
	}
	noun, verb, ok := strings.Cut(action, ".")
	if !ok {
		return action
	}
	switch noun {
	case "appkey":
		noun = "application key"
	case "api_key":
		noun = "API key"
	}
	return strings.ReplaceAll(verb, "_", " ") + " the " + noun
}

// deeds has the actions whose name is no noun and verb.
func deeds() map[string]string {
	return map[string]string{ //nolint:gosec // the names of actions are no credentials
		"user.recover":             "mark the user for recovery",
		"user.recovered":           "end the recovery of the user",
		"user.unmanage":            "release the management of the user",
		"user.transfer":            "move the user to another connection",
		"user.transfer_undo":       "give the user back to the connection before",
		"user.deletion_notice":     "announce the deletion of the user",
		"user.invitation_revoke":   "revoke the invitation of the user",
		"user.accept":              "accept the invitation of the user",
		"deletion.request":         "ask for the deletion of the user",
		"deletion.approved":        "approve the deletion of the user",
		"deletion.rejected":        "reject the deletion of the user",
		"deletion.obsolete":        "end the request to delete the user",
		"group.members":            "change the members of the group",
		"group.unmanage":           "release the management of the group",
		"group.transfer":           "move the group to another connection",
		"group.transfer_undo":      "give the group back to the connection before",
		"group.keep_grants":        "keep the grants of the group",
		"connection.disconnected":  "end the connection",
		"token.create":             "create the credential",
		"token.issue":              "issue the credential",
		"token.expire":             "set the end of the credential",
		"token.expiring":           "announce the end of the credential",
		"token.revoke":             "revoke the credential",
		"tenant.unlinked":          "hand over the tenant",
		"tenant.take_back":         "take back the tenant",
		"seats.snapshot":           "count the seats of the tenant",
		"seats.notice":             "send a notice about the seats of the tenant",
		"seats.grow":               "buy seats for the tenant",
		"brake.hold":               "hold the removal",
		"brake.held":               "hold the removals of the connection",
		"brake.alerted":            "report the removals of the connection",
		"brake.withdraw":           "withdraw the held removal",
		"brake.release":            "release the held removal",
		"brake.discard":            "discard the held removal",
		"operator.delete":          "end the account of the operator for good",
		"operator.end_sessions":    "end the sessions of the operator",
		"operator.subscription":    "change the mails of the operator",
		"operator.mfa_remove":      "remove the second factor of the operator",
		"operator.mfa_reset":       "reset the second factor of the operator",
		"operator.password_reset":  "set a new password for the operator",
		"operator.invitation":      "register the operator",
		"link.invitation":          "make an invitation for the operator",
		"link.password_reset":      "make a link for a new password of the operator",
		"link.mfa_reset":           "make a link that resets the second factor of the operator",
		"link.email_change":        "make a link for a new e-mail address of the operator",
		"link.mail":                "send a link by mail",
		"operator.email_change":    "change the e-mail address of the operator",
		"provider.require_mfa":     "change the requirement of a second factor",
		"webhook.attach":           "attach the webhook to the tenant",
		"webhook.detach":           "detach the webhook from the tenant",
		"webhook.replay":           "deliver events again to the webhook",
		"webhook.skip":             "skip an event of the webhook",
		"webhook.rotate":           "rotate the secret of the webhook",
		"webhook.gap":              "note what was not delivered to the webhook",
		"webhook.reseal":           "seal the secret of the webhook again",
		"project.attach":           "attach the Google project to the tenant",
		"project.detach":           "detach the Google project from the tenant",
		"project.delete":           "delete the Google project",
		"target.sync":              "ask for a run of the target",
		"connection.credential":    "set the credential of the connection",
		"connection.observe_drop":  "drop what was observed of the connection",
		"connection.transfer_undo": "give people back to the connection",
	}
}
