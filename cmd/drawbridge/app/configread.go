package app

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
	"gopkg.in/yaml.v3"
)

// Source is where a configuration comes from. Later ones override earlier ones: defaults, File, Env, Flags.
type Source struct {
	File  string            // "" for none
	Env   []string          // as os.Environ gives it
	Flags map[string]string // by key, for flags that were given
}

// DataFolder is the data folder of a configuration. It ignores the rest, so that a command can find its server even if
// the rest is invalid.
func DataFolder(src Source) (string, error) { return peek(src, "data") }

// NamesDatabase reports whether the store of a configuration is a database. It ignores the rest, and a file that can be read only once.
func NamesDatabase(src Source) bool {
	if src.File != "" {
		if info, err := os.Stat(src.File); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	for _, name := range []string{"store.url", "store.url_file"} {
		if value, err := peek(src, name); err == nil && value != "" {
			return true
		}
	}
	return false
}

// peek gives the value of one key.
func peek(src Source, name string) (string, error) {
	key, _ := findKey(Keys(), name)
	keys := []Key{key}
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	v.SetConfigType("yaml")
	v.SetDefault(key.viper(), key.Default)
	if src.File != "" {
		if _, err := readFile(v, src.File, keys); err != nil {
			return "", err
		}
	}
	_, _ = readEnv(v, src.Env, keys) // Load reports what is wrong with them
	_ = readFlags(v, src.Flags, keys)
	return v.GetString(key.viper()), nil
}

// Findings is everything that is wrong with a configuration.
type Findings []string

// Error lists the findings, one a line.
func (f Findings) Error() string {
	if len(f) == 1 {
		return "the configuration has a mistake: " + f[0]
	}
	return fmt.Sprintf("the configuration has %d mistakes:\n  %s", len(f), strings.Join(f, "\n  "))
}

// Load reads a configuration strictly: an unknown key, a value of the wrong type and a rule that is broken are all
// reported at once, as Findings.
func Load(src Source) (*Config, error) {
	keys := Keys()
	v := viper.NewWithOptions(viper.KeyDelimiter(delimiter))
	v.SetConfigType("yaml")
	for _, k := range keys {
		v.SetDefault(k.viper(), k.Default)
	}
	v.SetDefault("plans", []any{})
	v.SetDefault("mail"+delimiter+"recipients", []any{})

	var found Findings
	if src.File != "" {
		problems, err := readFile(v, src.File, keys)
		if err != nil {
			return nil, err
		}
		found = append(found, problems...)
	}
	warnings, problems := readEnv(v, src.Env, keys)
	found = append(found, problems...)
	found = append(found, readFlags(v, src.Flags, keys)...)

	cfg := &Config{File: src.File, Warnings: warnings}
	if len(found) == 0 {
		// Unknown keys and wrong types were found above, with better messages; this is a safety net.
		if err := v.UnmarshalExact(cfg, strictDecoder); err != nil {
			return nil, Findings{err.Error()}
		}
	} else {
		// Continue with what can be read, so that broken rules are reported too.
		_ = v.Unmarshal(cfg, lenientDecoder)
	}
	found = append(found, cfg.readSecrets()...)
	found = append(found, cfg.check()...)
	if len(found) > 0 {
		return nil, slices.Compact(found)
	}
	return cfg, nil
}

func strictDecoder(c *mapstructure.DecoderConfig) {
	c.WeaklyTypedInput = false
	c.DecodeHook = decodeHook
}

func lenientDecoder(c *mapstructure.DecoderConfig) { c.DecodeHook = decodeHook }

// decodeHook makes durations and Bytes from text.
func decodeHook(from, to reflect.Type, value any) (any, error) {
	switch to {
	case reflect.TypeFor[time.Duration]():
		if text, ok := value.(string); ok {
			return time.ParseDuration(text)
		}
	case reflect.TypeFor[Bytes]():
		if text, ok := value.(string); ok {
			return ParseBytes(text)
		}
		if n, ok := value.(int); ok {
			return Bytes(n), nil
		}
	case reflect.TypeFor[float64]():
		if n, ok := value.(int); ok {
			return float64(n), nil
		}
	}
	return value, nil
}

// readFile merges the file into v and reports every key that is unknown, written twice or of the wrong type, each with
// its line.
func readFile(v *viper.Viper, file string, keys []Key) (Findings, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Findings{file + ": there is no such file"}
	}
	if err != nil {
		return nil, Findings{file + ": " + reason(err)}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, Findings{file + ": " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if len(root.Content) == 0 { // only comments
		return nil, nil
	}
	f := fileReader{file: file, keys: keys}
	f.walk(root.Content[0], "")
	if err := v.MergeConfigMap(f.values); err != nil {
		return nil, Findings{file + ": " + err.Error()}
	}
	return f.found, nil
}

// fileReader walks a YAML document against the table of keys.
type fileReader struct {
	file   string
	keys   []Key
	values map[string]any
	found  Findings
}

func (f *fileReader) report(n *yaml.Node, format string, args ...any) {
	f.found = append(f.found, fmt.Sprintf("%s:%d: %s", f.file, n.Line, fmt.Sprintf(format, args...)))
}

// set puts a value under a dotted name into the nested map that viper wants.
func (f *fileReader) set(name string, value any) {
	if f.values == nil {
		f.values = map[string]any{}
	}
	at := f.values
	parts := strings.Split(name, ".")
	for _, part := range parts[:len(parts)-1] {
		next, ok := at[part].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[part] = next
		}
		at = next
	}
	at[parts[len(parts)-1]] = value
}

// walk reads a mapping whose keys begin with prefix ("limits.").
func (f *fileReader) walk(n *yaml.Node, prefix string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			f.report(n, "%s must be a mapping, one \"key: value\" a line", cmp.Or(strings.TrimSuffix(prefix, "."), "the configuration"))
		}
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := prefix + key.Value
		if line, twice := seen[strings.ToLower(name)]; twice {
			f.report(key, "%s occurs here and in line %d; only one of them can count", name, line)
			continue
		}
		seen[strings.ToLower(name)] = key.Line
		switch k, known := findKey(f.keys, name); {
		case known:
			f.scalar(k, value)
		case name == "plans":
			f.list(name, "a name", planFields(), value)
		case name == recipientsKey:
			f.list(name, "an address", recipientFields(), value)
		case isSection(f.keys, name):
			f.walk(value, name+".")
		default:
			f.report(key, "%s", unknown("key", name, names(f.keys)))
		}
	}
}

func (f *fileReader) scalar(k Key, n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Tag == "!!null" { // "listen:" with no value
		f.report(n, "%s has no value; leave the line out to get the default, %s", k.Name, k.text())
		return
	}
	value, err := k.fromNode(n)
	if err != nil {
		f.report(n, "%s: %s", k.Name, err)
		return
	}
	f.set(k.Name, value)
}

// list reads a list of entries with the fields of a table.
func (f *fileReader) list(list, what string, fields []Key, n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		f.report(n, "%s must be a list, each entry with %s", list, what)
		return
	}
	rows := make([]any, 0, len(n.Content))
	for i, entry := range n.Content {
		if entry.Kind == yaml.AliasNode {
			entry = entry.Alias
		}
		where := fmt.Sprintf("%s[%d]", list, i)
		if entry.Kind != yaml.MappingNode {
			f.report(entry, "%s must be a mapping with %s", where, what)
			continue
		}
		row := map[string]any{}
		for j := 0; j+1 < len(entry.Content); j += 2 {
			key, value := entry.Content[j], entry.Content[j+1]
			k, known := findKey(fields, key.Value)
			if !known {
				f.report(key, "%s: %s", where, unknown("key", key.Value, names(fields)))
				continue
			}
			if _, twice := row[k.Name]; twice {
				f.report(key, "%s: %s occurs twice", where, key.Value)
				continue
			}
			got, err := k.fromNode(value)
			if err != nil {
				f.report(value, "%s.%s: %s", where, k.Name, err)
				continue
			}
			row[k.Name] = got
		}
		rows = append(rows, row)
	}
	f.set(list, rows)
}

// readEnv merges variables into v. A variable that is set but empty does not override. That, and a variable that is not one of our keys, is
// only a warning, because an orchestrator adds variables of its own.
func readEnv(v *viper.Viper, env []string, keys []Key) (warnings []string, found Findings) {
	byName := map[string]Key{}
	var known []string
	for _, k := range keys {
		byName[k.Env()] = k
		known = append(known, k.Env())
	}
	sorted := slices.Sorted(slices.Values(env))
	for _, line := range sorted {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, envPrefix) || name == FileEnv {
			continue
		}
		k, ok := byName[name]
		switch {
		case !ok:
			if near := nearest(name, known); near != "" {
				warnings = append(warnings, fmt.Sprintf("the variable %s is not read; did you mean %s?", name, near))
			}
		case value == "":
			warnings = append(warnings, fmt.Sprintf("the variable %s is set but empty, so it changes nothing", name))
		default:
			parsed, err := k.parse(value)
			if err != nil {
				found = append(found, fmt.Sprintf("%s: %s", name, err))
				continue
			}
			v.Set(k.viper(), parsed)
		}
	}
	return warnings, found
}

func readFlags(v *viper.Viper, flags map[string]string, keys []Key) (found Findings) {
	for _, k := range keys {
		value, given := flags[k.Name]
		if !given {
			continue
		}
		parsed, err := k.parse(value)
		if err != nil {
			found = append(found, fmt.Sprintf("--%s: %s", k.Name, err))
			continue
		}
		v.Set(k.viper(), parsed)
	}
	return found
}

// readSecrets takes secrets from the files that name them.
func (c *Config) readSecrets() (found Findings) {
	for _, s := range []struct {
		name  string
		value *Secret
		file  string
	}{
		{"cursor_secret", &c.CursorSecret, c.CursorSecretFile},
		{"metrics.token", &c.Metrics.Token, c.Metrics.TokenFile},
		{"store.url", &c.Store.URL, c.Store.URLFile},
		{"seal.key", &c.Seal.Key, c.Seal.KeyFile},
		{"seal.old_key", &c.Seal.OldKey, c.Seal.OldKeyFile},
		{"outbound.proxy", &c.Outbound.Proxy, c.Outbound.ProxyFile},
		{"store.observe_url", &c.Store.ObserveURL, c.Store.ObserveURLFile},
		{"archive.s3.secret_key", &c.Archive.S3.SecretKey, c.Archive.S3.SecretKeyFile},
		{"archive.s3.session_token", &c.Archive.S3.SessionToken, c.Archive.S3.SessionTokenFile},
		{"mail.password", &c.Mail.Password, c.Mail.PasswordFile},
		{"api.oidc.client_secret", &c.API.OIDC.ClientSecret, c.API.OIDC.ClientSecretFile},
	} {
		switch {
		case s.file == "":
		case *s.value != "":
			found = append(found, fmt.Sprintf("%s and %s_file are both set; only one of them can count", s.name, s.name))
		default:
			text, err := os.ReadFile(s.file)
			if err != nil {
				found = append(found, fmt.Sprintf("%s_file: %s: %s", s.name, s.file, reason(err)))
				continue
			}
			*s.value = Secret(strings.TrimRight(string(text), "\r\n"))
			if *s.value == "" {
				found = append(found, fmt.Sprintf("%s_file: %s is empty", s.name, s.file))
			}
		}
	}
	return found
}
