package app

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"drawbridge/console/wire"
	"drawbridge/policy"
)

// value is the configured value of a key of the table.
func (c *Config) value(k Key) any {
	v := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(k.Name, ".") {
		v = field(v, part)
	}
	return v.Interface()
}

// field finds a field by the name in its tag.
func field(v reflect.Value, tag string) reflect.Value {
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("mapstructure") == tag {
			return v.Field(i)
		}
	}
	panic("app: no field of " + v.Type().String() + " has the tag " + tag)
}

// settings lists the configuration for the operator API, secrets hidden.
func (c *Config) settings() []wire.ConfigurationSetting {
	var out []wire.ConfigurationSetting
	for _, k := range Keys() {
		value := yamlValue(c.value(k))
		out = append(out, wire.ConfigurationSetting{Name: k.Name, Value: value, Set: value != k.text(), About: k.Help})
	}
	return out
}

// YAML writes the configuration as a file that Load reads, secrets hidden.
func (c *Config) YAML() []byte {
	p := printer{}
	for _, k := range Keys() {
		p.section(k.Name)
		p.line("%s: %s", k.Name[strings.LastIndexByte(k.Name, '.')+1:], yamlValue(c.value(k)))
		if k.Name == beforeRecipients && len(c.Mail.Recipients) > 0 {
			p.line("recipients:")
			for _, r := range c.Mail.Recipients {
				p.entry(recipientFields(), "address", reflect.ValueOf(r))
			}
		}
	}
	p.levels = nil
	plans := c.Plans
	if len(plans) == 0 {
		for _, plan := range policy.ShippedPlans() {
			plans = append(plans, planConfig(plan))
		}
	}
	p.line("plans:")
	for _, plan := range plans {
		p.entry(planFields(), "name", reflect.ValueOf(plan))
	}
	return []byte(p.b.String())
}

// Example is configs/drawbridge.example.yaml: every key with its default and what it means.
func Example() []byte {
	var p printer
	p.b.WriteString(`# Every setting of Drawbridge, with its default. Without any file the server starts with exactly these values, so a file needs the
# lines only that differ. Lines that begin with # are settings without a default, or lists that are long.
#
# Each key is also a variable: DRAWBRIDGE_ and the key in capitals with _ for the dots, so that limits.scim_rate is
# DRAWBRIDGE_LIMITS_SCIM_RATE. Flags win over variables, variables over the file. A key that does not exist is an error.
#
#     drawbridge config check --config FILE      finds every mistake at once
#     drawbridge config print --config FILE      shows what holds in the end
`)
	for _, k := range Keys() {
		p.b.WriteString("\n")
		p.section(k.Name)
		p.help(k)
		name := k.Name[strings.LastIndexByte(k.Name, '.')+1:]
		if k.Example != "" {
			p.line("# %s: %s", name, k.Example)
		} else {
			p.line("%s: %s", name, yamlValue(k.Default))
		}
		if k.Name == beforeRecipients {
			p.b.WriteString("\n")
			p.wrap("Who gets notices by mail. Without this list no one does.")
			p.comment = "# "
			p.line("recipients:")
			p.explained(recipientFields(), reflect.ValueOf(RecipientConfig{
				Address: "security@example.com", Tenants: []string{"acme"}, Kinds: []string{"protected_group.changed", "token.*"}, Gather: time.Hour,
			}))
			p.comment = ""
		}
	}
	p.levels = nil
	p.b.WriteString("\n")
	p.wrap("The catalogue of plans. These are the shipped ones; a list here takes their place.")
	p.comment = "# "
	p.line("plans:")
	for i, plan := range policy.ShippedPlans() {
		if i == 0 {
			p.explained(planFields(), reflect.ValueOf(planConfig(plan)))
			continue
		}
		p.entry(planFields(), "name", reflect.ValueOf(planConfig(plan)))
	}
	return []byte(p.b.String())
}

// printer writes YAML with two spaces a level.
type printer struct {
	b       strings.Builder
	comment string // before every line
	levels  []string
}

func (p *printer) line(format string, args ...any) {
	p.b.WriteString(p.comment + strings.Repeat("  ", len(p.levels)) + fmt.Sprintf(format, args...) + "\n")
}

// section opens the levels above a key that are not open yet.
func (p *printer) section(name string) {
	parts := strings.Split(name, ".")
	parts = parts[:len(parts)-1]
	same := 0
	for same < len(parts) && same < len(p.levels) && parts[same] == p.levels[same] {
		same++
	}
	p.levels = p.levels[:same]
	for _, part := range parts[same:] {
		p.line("%s:", part)
		p.levels = append(p.levels, part)
	}
}

// help writes what the key means.
func (p *printer) help(k Key) {
	text := k.Help
	if k.Choices != nil {
		text += " One of: " + strings.Join(k.Choices, ", ") + "."
	}
	if k.Example != "" {
		text += " Default: none."
	}
	p.wrap(text)
}

// wrap writes a comment of at most 120 columns.
func (p *printer) wrap(text string) {
	prefix := strings.Repeat("  ", len(p.levels)) + "# "
	line := prefix
	for i, word := range strings.Fields(text) {
		if i > 0 && len(line)+1+len(word) > 120 {
			p.b.WriteString(line + "\n")
			line = prefix
		}
		if line != prefix {
			line += " "
		}
		line += word
	}
	p.b.WriteString(line + "\n")
}

// beforeRecipients is the key after which mail.recipients is printed.
const beforeRecipients = "mail.gather"

// entry writes an entry of a list, without zero values except the field that names it.
func (p *printer) entry(fields []Key, name string, v reflect.Value) {
	bullet := "- "
	for _, k := range fields {
		if f := field(v, k.Name); k.Name == name || !f.IsZero() {
			p.line("  %s%s: %s", bullet, k.Name, yamlValue(f.Interface()))
			bullet = "  "
		}
	}
}

// explained writes an entry of a list with every field and its meaning.
func (p *printer) explained(fields []Key, v reflect.Value) {
	bullet := "- "
	for _, k := range fields {
		p.line("  %s%-40s # %s", bullet, k.Name+": "+yamlValue(field(v, k.Name).Interface()), k.Help)
		bullet = "  "
	}
}

// Values gives every setting by its name, secrets hidden.
func (c *Config) Values() map[string]any {
	out := map[string]any{}
	for _, k := range Keys() {
		switch v := c.value(k).(type) {
		case Secret:
			out[k.Name] = v.String()
		case time.Duration:
			out[k.Name] = v.String()
		case []string:
			out[k.Name] = append([]string{}, v...)
		default:
			out[k.Name] = v
		}
	}
	out["plans"] = c.DirectoryPlans()
	out[recipientsKey] = c.Mail.recipients()
	return out
}
