package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// meant maps words that other programs use to the names of commands here.
func meant() map[string][]string {
	return map[string][]string{
		"activate": {"release", "resume", "restore"}, "reactivate": {"release", "restore"}, "unsuspend": {"release", "restore"}, "enable": {"release", "resume", "restore"}, "unlock": {"release", "restore"},
		"deactivate": {"suspend", "pause"}, "disable": {"suspend", "pause"}, "block": {"suspend"}, "lock": {"suspend"}, "stop": {"pause", "suspend"},
		"rm": {"delete", "remove", "revoke", "disconnect", "unlink"}, "del": {"delete", "remove", "revoke", "disconnect", "unlink"}, "remove": {"delete", "revoke", "disconnect", "unlink"},
		"delete": {"remove", "revoke", "disconnect", "unlink", "drop"}, "destroy": {"delete", "unlink", "disconnect"}, "purge": {"delete", "trim"}, "offboard": {"unlink"},
		"edit": {"update", "settings", "set"}, "modify": {"update", "set"}, "change": {"update", "set"}, "set": {"update"}, "patch": {"update"}, "rename": {"update"}, "configure": {"update", "config"}, "apply": {"update", "import"},
		"ls": {"list"}, "all": {"list"}, "find": {"list", "search"}, "get": {"show", "list"}, "describe": {"show", "overview"}, "info": {"show", "status"}, "view": {"show"}, "cat": {"show"}, "inspect": {"show"}, "explain": {"why", "rule"},
		"add": {"create", "invite"}, "new": {"create"}, "make": {"create"}, "mk": {"create"}, "register": {"create"}, "init": {"create"},
		"login": {"signin"}, "log-in": {"signin"}, "logout": {"signout"}, "log-out": {"signout"}, "who": {"whoami"}, "passwd": {"account password"},
		"company": {"tenant"}, "companies": {"tenant"}, "customer": {"tenant"}, "organization": {"tenant"}, "org": {"tenant"}, "idp": {"connection"}, "people": {"user"}, "person": {"user"}, "member": {"user", "group"}, "admin": {"operator"},
		"tenants": {"tenant"}, "users": {"user"}, "groups": {"group"}, "connections": {"connection"}, "tokens": {"token"}, "operators": {"operator"}, "jobs": {"job"}, "mails": {"mail"}, "alerts": {"alert"},
		"start": {"serve"}, "server": {"serve"}, "run": {"serve", "job"}, "up": {"serve"}, "logs": {"journal", "audit", "events"}, "log": {"journal", "audit", "events"}, "event": {"events"}, "health": {"status", "healthcheck"},
		"rotate-token": {"token rotate"}, "key": {"appkey", "account keys"}, "apikey": {"account keys"}, "api-key": {"account keys"}, "invoice": {"usage"}, "billing": {"usage", "seats"}, "licence": {"seats"}, "license": {"seats"}, "report": {"usage"},
		"help-me": {"doctor"}, "test": {"doctor", "check"}, "diagnose": {"doctor"}, "verify": {"check"}, "rules": {"rule"}, "manual": {"docs"}, "man": {"docs"}, "upgrade": {"check"}, "impersonate": {"enter"}, "launch": {"enter"},
	}
}

// noCommand refuses an unknown sub-command, and names similar ones.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", printable(cmd.CommandPath()+" "+args[0]))
	if near := suggestions(cmd, args[0]); len(near) > 0 {
		text += "; did you mean " + alternatives(near) + "?"
	}
	return fmt.Errorf("%s", text)
}

// suggestions are the commands that an unknown word may mean: other words for a sub-command, and words that are spelt alike, or else
// commands of that name elsewhere.
func suggestions(cmd *cobra.Command, word string) []string {
	word = strings.ToLower(word)
	var near []string
	for _, name := range meant()[word] {
		if c, rest, err := cmd.Find(strings.Fields(name)); err == nil && c != cmd && len(rest) == 0 {
			near = append(near, c.CommandPath())
		}
	}
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && (alike(c.Name(), word) || len(word) > 2 && strings.HasPrefix(c.Name(), word)) {
			near = append(near, c.CommandPath())
		}
	}
	if len(near) == 0 {
		names := []string{word}
		if !cmd.HasParent() { // what another noun calls it does not help: brake release does not activate a tenant
			names = append(names, meant()[word]...)
		}
		near = elsewhere(cmd, names)
	}
	slices.Sort(near)
	near = slices.Compact(near)
	return near[:min(len(near), 5)]
}

// alike reports whether word is a misspelt name: one letter in three may be wrong, two at most.
func alike(name, word string) bool {
	return distance(name, word) <= min((len(word)+1)/3, 2)
}

// elsewhere finds commands by their name in the whole tree.
func elsewhere(cmd *cobra.Command, names []string) []string {
	for _, name := range names {
		var found []string
		var look func(*cobra.Command)
		look = func(c *cobra.Command) {
			for _, sub := range c.Commands() {
				if sub.IsAvailableCommand() && sub.Name() == name {
					found = append(found, sub.CommandPath())
				}
				look(sub)
			}
		}
		look(cmd.Root())
		if len(found) > 0 && len(found) <= 5 { // a name such as list says nothing
			return found
		}
	}
	return nil
}
