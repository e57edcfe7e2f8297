package app

import (
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	repository "drawbridge"
)

// Each configuration key, environment variable and metric that a page names exists in this program.
func TestEveryNameInTheManualExists(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(repository.Documents, "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	names = append(names, "README.md", "SECURITY.md", "deploy/README.md", "deploy/systemd/README.md", "deploy/kubernetes/README.md", "deploy/compose.yaml", "deploy/compose.postgres.yaml")
	keys, variables, sections := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, key := range Keys() {
		keys[key.Name], variables[key.Env()], variables[key.Env()+"_FILE"] = true, true, true
		if section, _, nested := strings.Cut(key.Name, "."); nested {
			sections[section], keys[section] = true, true
		}
	}
	for _, name := range []string{"DRAWBRIDGE_SERVER", "DRAWBRIDGE_API_KEY", "DRAWBRIDGE_CA_FILE", "DRAWBRIDGE_CONFIG", "DRAWBRIDGE_DOCTOR_CREDENTIAL", "DRAWBRIDGE_BRIDGES" /* of the tests */, "DRAWBRIDGE_"} {
		variables[name] = true
	}
	metrics := shipped(t, "docs/metrics.md")
	found := 0
	for _, page := range names {
		text := shipped(t, page)
		for _, m := range regexp.MustCompile("`([a-z]+(?:\\.[a-z0-9_]+)+)(?:: [^`]*|=[^`]*)?`").FindAllStringSubmatch(text, -1) {
			section, _, _ := strings.Cut(m[1], ".")
			if !sections[section] {
				continue
			}
			found++
			parent := m[1][:strings.LastIndex(m[1], ".")]
			if !keys[m[1]] && !keys[parent] {
				t.Errorf("%s names %s, which is no key of the configuration", page, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`\bDRAWBRIDGE_[A-Z0-9_]*`).FindAllString(text, -1) {
			if found++; !variables[m] {
				t.Errorf("%s names the variable %s, which is not read", page, m)
			}
		}
		for _, m := range regexp.MustCompile("`(drawbridge_[a-z_]+[a-z])").FindAllStringSubmatch(text, -1) {
			if found++; !strings.Contains(metrics, m[1]) {
				t.Errorf("%s names the metric %s, which docs/metrics.md does not have", page, m[1])
			}
		}
	}
	if found < 150 {
		t.Errorf("only %d names were found", found)
	}
}

// numberedKey finds the key that a page calls name: its whole name, or the part after limits. or defaults.
func numberedKey(name string) (Key, bool) {
	for _, prefix := range []string{"", "limits.", "defaults."} {
		if key, ok := findKey(Keys(), prefix+name); ok {
			return key, true
		}
	}
	return Key{}, false
}

// amount is a number with its unit, as a page writes it.
var amount = regexp.MustCompile(`\b(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?: (KiB|MiB|GiB|ms|s|seconds|min|minutes|h|hours)\b)?`)

// amountOf is an amount in bytes or seconds, or the number itself.
func amountOf(t *testing.T, m []string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	if err != nil {
		t.Fatal(err)
	}
	unit := map[string]float64{"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "ms": 0.001, "s": 1, "seconds": 1, "min": 60, "minutes": 60, "h": 3600, "hours": 3600}
	return n * unit[m[2]]
}

// defaultAmount is the default of a key in the same units.
func defaultAmount(key Key) (float64, bool) {
	switch v := key.Default.(type) {
	case Bytes:
		return float64(v), true
	case time.Duration:
		return v.Seconds(), true
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// A number in brackets after a key, and a number in a table cell next to a key, is the default of that key.
func TestNumbersOfTheManualAreTheDefaults(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(repository.Documents, "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	compare := func(page string, key Key, m []string) {
		t.Helper()
		want, ok := defaultAmount(key)
		if !ok {
			return
		}
		if m[2] != "" && strings.HasSuffix(key.Name, "_mb") {
			want *= 1 << 20
		}
		if found++; amountOf(t, m) != want {
			t.Errorf("%s says %s for %s, and the default is %s", page, m[0], key.Name, key.text())
		}
	}
	inBrackets := regexp.MustCompile("`([a-z_]+(?:\\.[a-z_]+)*)` \\(([^)]*)\\)")
	keysOnly := regexp.MustCompile("^`[a-z_.]+`(?:, `[a-z_.]+`)*$")
	for _, page := range append(names, "README.md", "SECURITY.md", "deploy/README.md") {
		text := shipped(t, page)
		for _, m := range inBrackets.FindAllStringSubmatch(strings.Join(strings.Fields(text), " "), -1) {
			key, known := numberedKey(m[1])
			if first := amount.FindStringSubmatchIndex(m[2]); known && first != nil && first[0] == 0 && !strings.HasPrefix(m[2][first[1]:], " to ") {
				compare(page, key, amount.FindStringSubmatch(m[2]))
			}
		}
		for _, row := range strings.Split(text, "\n") {
			cells := strings.Split(row, "|")
			for i := 0; i+1 < len(cells); i++ {
				if !keysOnly.MatchString(strings.TrimSpace(cells[i])) {
					continue
				}
				amounts := amount.FindAllStringSubmatch(cells[i+1], -1)
				for n, name := range strings.Split(strings.TrimSpace(cells[i]), ", ") {
					if key, known := numberedKey(strings.Trim(name, "`")); known && len(amounts) > 0 {
						compare(page, key, amounts[min(n, len(amounts)-1)])
					}
				}
				break
			}
		}
	}
	if found < 45 {
		t.Errorf("only %d numbers were found", found)
	}
}
