package app

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/scim/server"
	"drawbridge/store/bolt"
)

var update = flag.Bool("update", false, "write the generated files instead of comparing them")

func defaults(t *testing.T) *Config {
	t.Helper()
	c, err := Load(Source{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestEveryKeyHasAField finds keys without a field and fields without a key.
func TestEveryKeyHasAField(t *testing.T) {
	t.Parallel()
	var tags func(v reflect.Type, prefix string) []string
	tags = func(v reflect.Type, prefix string) (out []string) {
		for i := range v.NumField() {
			tag, f := v.Field(i).Tag.Get("mapstructure"), v.Field(i).Type
			switch {
			case tag == "-":
			case f.Kind() == reflect.Struct:
				out = append(out, tags(f, prefix+tag+".")...)
			default:
				out = append(out, prefix+tag)
			}
		}
		return out
	}
	fields := tags(reflect.TypeFor[Config](), "")
	keys := []string{"plans", recipientsKey}
	c := defaults(t)
	for _, k := range Keys() {
		keys = append(keys, k.Name)
		if k.Help == "" {
			t.Errorf("%s has no help", k.Name)
		}
		if value := c.value(k); reflect.TypeOf(value) != reflect.TypeOf(k.Default) {
			t.Errorf("%s is a %T in the table and a %T in the struct", k.Name, k.Default, value)
		} else if !cmp.Equal(value, k.Default) && fmt.Sprint(value) != fmt.Sprint(k.Default) {
			t.Errorf("%s is %v without a configuration, and %v in the table", k.Name, value, k.Default)
		}
	}
	slices.Sort(fields)
	slices.Sort(keys)
	if diff := cmp.Diff(keys, fields); diff != "" {
		t.Errorf("table (-) and struct (+) differ:\n%s", diff)
	}
	rows := tags(reflect.TypeFor[PlanConfig](), "")
	var planKeys []string
	for _, k := range planFields() {
		planKeys = append(planKeys, k.Name)
	}
	if diff := cmp.Diff(planKeys, rows); diff != "" {
		t.Errorf("fields of a plan: table (-) and struct (+) differ:\n%s", diff)
	}
}

func TestDefaultsAreThoseOfPolicy(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	if diff := cmp.Diff(policy.DefaultSettings(), c.Settings()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(server.DefaultLimits(), c.Limits.server()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(policy.ShippedPlans(), c.DirectoryPlans()); diff != "" {
		t.Error(diff)
	}
}

// TestMistakesAreNamed loads one broken configuration from each file of testdata/mistakes.
func TestMistakesAreNamed(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	for i, file := range files {
		files[i], _ = filepath.Abs(file)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			var src Source
			want := ""
			for _, f := range a.Files {
				switch f.Name {
				case "want":
					want = string(f.Data)
				case "env":
					src.Env = strings.Split(strings.TrimSpace(string(f.Data)), "\n")
				case "config.yaml":
					src.File = f.Name
					fallthrough
				default:
					if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			_, err = Load(src)
			var found Findings
			if !errors.As(err, &found) {
				t.Fatalf("no findings but %v", err)
			}
			if diff := cmp.Diff(want, strings.Join(found, "\n")+"\n"); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
		})
	}
}

func TestFlagsOverrideEnvironmentAndFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\nlimits: {scim_rate: 1, body_bytes: 1MiB}\nweb: {trusted_proxies: [10.1.2.3]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Source{
		File: file,
		Env: []string{
			"DRAWBRIDGE_LISTEN=127.0.0.1:2", "DRAWBRIDGE_LIMITS_SCIM_RATE=2.5", "DRAWBRIDGE_LOG_LEVEL=", "DRAWBRIDGE_LIMITS_SCIM_RAT=1",
			"DRAWBRIDGE_PORT_8080_TCP_ADDR=10.0.0.1", "DRAWBRIDGE_CONFIG=x", "DRAWBRIDGE_WEB_TRUSTED_PROXIES=10.0.0.0/8, ::1", "OTHER=1",
		},
		Flags: map[string]string{"listen": "127.0.0.1:3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3" || c.Limits.SCIMRate != 2.5 || c.Limits.BodyBytes != 1<<20 || c.Log.Level != "info" || len(c.Web.TrustedProxies) != 2 {
		t.Errorf("%+v", c)
	}
	want := []string{
		"the variable DRAWBRIDGE_LIMITS_SCIM_RAT is not read; did you mean DRAWBRIDGE_LIMITS_SCIM_RATE?",
		"the variable DRAWBRIDGE_LOG_LEVEL is set but empty, so it changes nothing",
	}
	if diff := cmp.Diff(want, c.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsAreReadFromFilesAndNotPrinted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const secret = "0123456789abcdef0123456789abcdef"
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Source{Env: []string{"DRAWBRIDGE_CURSOR_SECRET_FILE=" + file}})
	if err != nil {
		t.Fatal(err)
	}
	st, err := bolt.Open(filepath.Join(dir, "store.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	key, err := c.cursorSecret(t.Context(), st)
	if err != nil || string(key) != secret {
		t.Errorf("secret %q, %v", key, err)
	}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c), string(c.YAML()), fmt.Sprint(c.Values())} {
		if strings.Contains(text, secret) {
			t.Errorf("the secret is printed: %s", text)
		}
	}
	c = defaults(t)
	first, err := c.cursorSecret(t.Context(), st)
	if err != nil || len(first) != 32 {
		t.Fatal(first, err)
	}
	again, err := c.cursorSecret(t.Context(), st)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the key is not kept: %x %x %v", first, again, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "cursor.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestPrintedConfigurationLoads(t *testing.T) {
	t.Parallel()
	c := defaults(t)
	c.Listen, c.Limits.SCIMRate, c.ShutdownTimeout, c.Web.TrustedProxies = ":8443", 12.5, 90*time.Minute, []string{"::1", "10.0.0.0/8"}
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, c.YAML(), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := Load(Source{File: file})
	if err != nil {
		t.Fatalf("%v\n%s", err, c.YAML())
	}
	c.File, c.Plans = file, back.Plans // the shipped plans are spelt out
	if diff := cmp.Diff(fmt.Sprintf("%+v", c), fmt.Sprintf("%+v", back)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(policy.ShippedPlans(), back.DirectoryPlans()); diff != "" {
		t.Error(diff)
	}
}

const configs = "../../../configs"

// TestExampleIsGenerated compares configs/drawbridge.example.yaml with the table of keys: go test ./cmd/drawbridge/app -update
func TestExampleIsGenerated(t *testing.T) {
	file := filepath.Join(configs, "drawbridge.example.yaml")
	want := Example()
	if *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("configs/drawbridge.example.yaml is stale; go test ./cmd/drawbridge/app -update writes it:\n%s", diff)
	}
	// With all its lines freed it must load too, but for the files and names that are examples.
	free := regexp.MustCompile(`(?m)^( *)# ([a-z_]+:|  )`)
	_, settings, _ := strings.Cut(string(got), "\n\n")
	_, problems := loadText(t, free.ReplaceAllString(settings, "$1$2"))
	for _, p := range problems {
		if !strings.HasPrefix(p, "tls") && !strings.HasPrefix(p, "archive.") && !strings.HasPrefix(p, "cursor_secret_file") && !strings.HasPrefix(p, "mail.ca_file") && !strings.HasPrefix(p, "audit.syslog") && !strings.HasPrefix(p, "mail.password_file") && !strings.HasPrefix(p, "metrics.token_file") && !strings.HasPrefix(p, "store.url") && !strings.HasPrefix(p, "store.observe_url") && !strings.HasPrefix(p, "seal.") && !strings.HasPrefix(p, "outbound.proxy") {
			t.Errorf("freed of its comments the example has a mistake: %s", p)
		}
	}
}

func loadText(t *testing.T, text string) (*Config, Findings) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(Source{File: file})
	var found Findings
	if err != nil && !errors.As(err, &found) {
		t.Fatal(err)
	}
	return c, found
}

func TestShippedFilesLoad(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"drawbridge.example.yaml", "dev.yaml", "production.yaml"} {
		c, err := Load(Source{File: filepath.Join(configs, name)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if len(c.Warnings) > 0 {
			t.Errorf("%s: %v", name, c.Warnings)
		}
	}
}

func TestSizesAreParsed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Bytes{"0": 0, "512": 512, "5MiB": 5 << 20, "5 MiB": 5 << 20, "2GiB": 2 << 30, "1KiB": 1024} {
		got, err := ParseBytes(text)
		if err != nil || got != want {
			t.Errorf("ParseBytes(%q) = %d, %v", text, got, err)
		}
		if back, err := ParseBytes(got.String()); err != nil || back != want {
			t.Errorf("%d is written as %s and read as %d", want, got, back)
		}
	}
	for _, text := range []string{"", "x", "-1", "5MB", "1.5GiB", "99999999999999999999", "9000000000000GiB"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("ParseBytes(%q) = %d", text, got)
		}
	}
}

func TestADatabaseIsSeenBeforeTheConfigurationIsRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	database, none, pipe := filepath.Join(folder, "database.yaml"), filepath.Join(folder, "none.yaml"), filepath.Join(folder, "pipe")
	for file, text := range map[string]string{database: "store:\n  url_file: /run/secrets/url\nunknown: 1\n", none: "store:\n  connections: 5\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil { // to open it would take for ever
		t.Fatal(err)
	}
	url := []string{"DRAWBRIDGE_STORE_URL=postgres://127.0.0.1/drawbridge"}
	for i, c := range []struct {
		src  Source
		want bool
	}{
		{Source{}, false},
		{Source{File: none}, false},
		{Source{File: folder + "/missing"}, false},
		{Source{File: pipe, Env: url}, false},
		{Source{Env: url}, true},
		{Source{File: none, Env: url}, true},
		{Source{File: database}, true},
		{Source{Env: []string{"DRAWBRIDGE_STORE_URL_FILE=/run/secrets/url"}}, true},
	} {
		if got := NamesDatabase(c.src); got != c.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}

// TestDataFolderIsReadLikeTheConfiguration compares the short way to the data folder with the complete configuration.
func TestDataFolderIsReadLikeTheConfiguration(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("data: /from/file\nlisten: [nonsense]\nno_such: key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		src  Source
		want string
	}{
		{Source{}, "data"},
		{Source{File: file}, "/from/file"},
		{Source{File: file, Env: []string{"DRAWBRIDGE_DATA=/from/env", "DRAWBRIDGE_LISTEN=x"}}, "/from/env"},
		{Source{File: file, Env: []string{"DRAWBRIDGE_DATA=/from/env"}, Flags: map[string]string{"data": "/from/flag"}}, "/from/flag"},
	} {
		if got, err := DataFolder(c.src); got != c.want || err != nil {
			t.Errorf("%+v: %q, want %q (%v)", c.src, got, c.want, err)
		}
	}
	if _, err := DataFolder(Source{File: file + ".none"}); err == nil {
		t.Error("a missing file is not an error")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("listen: 127.0.0.1:1\nplans:\n  - name: x\n")
	f.Add("a: &a [*a]\n")
	f.Add("limits: {scim_rate: .nan}\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, found := loadText(t, text); found == nil && c.Validate() != nil {
			t.Errorf("loaded but not valid: %v", c.Validate())
		}
	})
}

func TestIDsAreOrdered(t *testing.T) {
	t.Parallel()
	last := directory.ID{}
	for range 10000 {
		id := newID()
		if bytes.Compare(id[:], last[:]) <= 0 {
			t.Fatalf("%s is not after %s", id, last)
		}
		last = id
	}
}
