package main

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"drawbridge/console/client"
	"drawbridge/scim/emulator"
)

// completer lists what an argument or the value of a flag may be, as "value\tdescription". before has the arguments before it.
type completer func(ctx context.Context, c *client.Client, before []string, begun string) ([]string, error)

const (
	mostCompletions   = 100
	completionTimeout = 3 * time.Second // for all requests of one completion
)

// completeAll gives every command completions for the arguments that its use line names, and for its flags. They come from the server that
// the command would use. If it does not answer, there are none.
func (t *terminal) completeAll(root *cobra.Command) {
	arguments, flags, pattern := argumentCompleters(), flagCompleters(), enumeration()
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		words := strings.Fields(cmd.Use)[1:]
		if len(words) > 0 && cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = func(cmd *cobra.Command, before []string, begun string) ([]string, cobra.ShellCompDirective) {
				if len(before) >= len(words) {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				word := strings.Trim(words[len(before)], "[]")
				if strings.Contains(word, "|") {
					return strings.Split(word, "|"), cobra.ShellCompDirectiveNoFileComp
				}
				if word == "FILE" || word == "FOLDER" {
					return nil, cobra.ShellCompDirectiveDefault
				}
				return t.complete(cmd, arguments[word], before, begun)
			}
		}
		complete := func(f *pflag.Flag) {
			if fn, ok := flags[f.Name]; ok {
				// The error says that the flag has completions already.
				_ = cmd.RegisterFlagCompletionFunc(f.Name, func(cmd *cobra.Command, before []string, begun string) ([]string, cobra.ShellCompDirective) {
					return t.complete(cmd, fn, before, begun)
				})
			} else if values := choices(pattern, f.Usage); len(values) > 0 {
				_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
		cmd.NonInheritedFlags().VisitAll(complete)
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// complete asks a completer. A person who presses the tab key cannot read an error, so an error gives no completions.
func (t *terminal) complete(cmd *cobra.Command, fn completer, before []string, begun string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp
	if fn == nil || t.connect(cmd) != nil {
		return nil, directive
	}
	ctx, stop := context.WithTimeout(cmd.Context(), completionTimeout)
	defer stop()
	all, err := fn(ctx, t.client(), before, begun)
	if err != nil {
		return nil, directive
	}
	found := slices.DeleteFunc(all, func(text string) bool { return !strings.HasPrefix(text, begun) })
	unfinished := len(found) > 0 // a setting whose value comes next: the shell must not add a space
	for i := range found {
		value, about, _ := strings.Cut(found[i], "\t")
		unfinished = unfinished && strings.HasSuffix(value, "=")
		found[i] = printable(value) + "\t" + printable(about)
	}
	found = found[:min(len(found), mostCompletions)]
	if unfinished {
		return found, directive | cobra.ShellCompDirectiveNoSpace
	}
	return found, directive
}

// argumentCompleters are keyed by the word in the use line.
func argumentCompleters() map[string]completer {
	return map[string]completer{
		"TENANT": tenantNames, "CONNECTION": connectionNames, "USER": userNames, "GROUP": groupNames, "OPERATOR": operatorNames,
		"TOKEN": func(ctx context.Context, c *client.Client, before []string, _ string) ([]string, error) {
			p, err := c.Tokens(ctx, before[0])
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].ID, p.Items[i].Prefix + "… " + p.Items[i].Status })
		},
		"JOB": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Jobs(ctx)
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Name, "" })
		},
		"MAIL": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Mails(ctx)
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].ID, p.Items[i].To })
		},
		"REQUEST": func(ctx context.Context, c *client.Client, before []string, _ string) ([]string, error) {
			if len(before) == 0 {
				return nil, nil
			}
			p, err := c.DeletionRequests(ctx, before[0], "pending", client.List{Limit: mostCompletions})
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].ID, p.Items[i].UserName })
		},
		"WEBHOOK": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Webhooks(ctx, client.List{Limit: mostCompletions})
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Name, p.Items[i].URL })
		},
		"CHANNEL": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Webhooks(ctx, client.List{Limit: mostCompletions})
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Name, p.Items[i].Format })
		},
		"TARGET": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Targets(ctx, client.List{Limit: mostCompletions})
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Name, p.Items[i].URL })
		},
		"GOOGLE-PROJECT": projectNames,
		"RULE":           func(context.Context, *client.Client, []string, string) ([]string, error) { return ruleNames(), nil },
	}
}

// flagCompleters are the completers of flag values, by the name of the flag.
func flagCompleters() map[string]completer {
	fixed := func(values ...string) completer {
		return func(context.Context, *client.Client, []string, string) ([]string, error) { return values, nil }
	}
	return map[string]completer{
		"tenant": tenantNames, "tenants": lastOf(tenantNames), "connection": connectionNames, "google-project": projectNames, "user": nil,
		"plan": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Plans(ctx)
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Name, p.Items[i].Title })
		},
		"role": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.Roles(ctx)
			return each(p.Items, err, func(i int) (string, string) { return string(p.Items[i].Role), p.Items[i].Title })
		},
		"type": func(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
			p, err := c.ConnectionTypes(ctx)
			return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Type, p.Items[i].Title })
		},
		"set": settingPairs, "unset": func(context.Context, *client.Client, []string, string) ([]string, error) { return settingNames(), nil },
		"as": fixed(emulator.Names()...), "output": fixed("table", "json", "yaml", "csv", "name", "jsonpath="),
	}
}

// each makes completions of the entries of a list.
func each[T any](items []T, err error, of func(i int) (value, about string)) ([]string, error) {
	if err != nil {
		return nil, err
	}
	out := make([]string, len(items))
	for i := range items {
		value, about := of(i)
		out[i] = value + "\t" + about
	}
	return out, nil
}

func tenantNames(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
	p, err := c.Tenants(ctx, client.List{Limit: 500})
	return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Slug, p.Items[i].Name })
}

func projectNames(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
	p, err := c.GoogleProjects(ctx, client.List{Limit: mostCompletions})
	return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Name, p.Items[i].Account })
}

func connectionNames(ctx context.Context, c *client.Client, _ []string, _ string) ([]string, error) {
	p, err := c.Connections(ctx, client.List{Limit: 500})
	return each(p.Items, err, func(i int) (string, string) { return p.Items[i].Slug, p.Items[i].Type + " of " + p.Items[i].Tenant })
}

func userNames(ctx context.Context, c *client.Client, before []string, begun string) ([]string, error) {
	if len(before) == 0 {
		return nil, nil
	}
	p, err := c.Users(ctx, before[0], client.List{Q: begun, Limit: mostCompletions, Sort: "user_name"})
	return each(p.Items, err, func(i int) (string, string) { return p.Items[i].UserName, p.Items[i].DisplayName })
}

func groupNames(ctx context.Context, c *client.Client, before []string, begun string) ([]string, error) {
	if len(before) == 0 {
		return nil, nil
	}
	p, err := c.Groups(ctx, before[0], client.List{Q: begun, Limit: mostCompletions})
	return each(p.Items, err, func(i int) (string, string) { return p.Items[i].DisplayName, "" })
}

func operatorNames(ctx context.Context, c *client.Client, _ []string, begun string) ([]string, error) {
	p, err := c.Operators(ctx, client.List{Q: begun, Limit: mostCompletions})
	return each(p.Items, err, func(i int) (string, string) {
		return p.Items[i].Email, p.Items[i].FirstName + " " + p.Items[i].LastName + ", " + p.Items[i].Role
	})
}

// lastOf completes the last value of a list with commas.
func lastOf(one completer) completer {
	return func(ctx context.Context, c *client.Client, before []string, begun string) ([]string, error) {
		done, last := "", begun
		if i := strings.LastIndexByte(begun, ','); i >= 0 {
			done, last = begun[:i+1], begun[i+1:]
		}
		all, err := one(ctx, c, before, last)
		for i := range all {
			all[i] = done + all[i]
		}
		return all, err
	}
}

// settingPairs completes KEY=VALUE.
func settingPairs(_ context.Context, _ *client.Client, _ []string, begun string) ([]string, error) {
	key, _, hasValue := strings.Cut(begun, "=")
	var out []string
	if !hasValue {
		for _, name := range settingNames() {
			out = append(out, name+"=")
		}
		return out, nil
	}
	for _, value := range settingChoices()[key] {
		out = append(out, key+"="+value)
	}
	return out, nil
}

// enumeration is the form of a text that lists values.
func enumeration() *regexp.Regexp { return regexp.MustCompile(`^[a-z_]+(, [a-z_]+)* or [a-z_]+$`) }

// choices are the values in the text of a flag: "bearer, basic or oauth", possibly after a colon and before a parenthesis.
func choices(pattern *regexp.Regexp, usage string) []string {
	text, _, _ := strings.Cut(usage, " (")
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	if !pattern.MatchString(text) {
		return nil
	}
	return strings.Split(strings.ReplaceAll(text, " or ", ", "), ", ")
}

// settingNames are the settings that a tenant may have of its own.
func settingNames() []string { return slices.Sorted(maps.Keys(settingKinds())) }
