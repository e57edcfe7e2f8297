package s3_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/archive"
	"drawbridge/archive/s3"
	"drawbridge/archive/s3/s3test"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
)

const answerBytes = 70 << 20

type storage struct {
	*s3test.Storage
	url string
	now time.Time
	cfg s3.Config
}

// begin makes storage with the bucket archive, which is reached by TLS.
func begin(t *testing.T, change ...func(*s3.Config)) (*storage, *s3.Bucket) {
	t.Helper()
	s := &storage{Storage: s3test.New(time.Now, "archive"), now: time.Now()}
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	guard := outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Roots: x509.NewCertPool()}
	guard.Roots.AddCert(server.Certificate())
	s.cfg = s3.Config{
		Endpoint: s.url, Bucket: "archive", Prefix: "drawbridge/one", AccessKey: s.AccessKey, SecretKey: s.SecretKey,
		Transport: outbound.New(guard).Client(0, answerBytes).Transport, Now: func() time.Time { return s.now },
	}
	for _, f := range change {
		f(&s.cfg)
	}
	b, err := s3.New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func list(t *testing.T, b *s3.Bucket, prefix string) (out []string) {
	t.Helper()
	if err := b.List(t.Context(), prefix, func(name string, size int64) error {
		out = append(out, fmt.Sprint(name, " ", size))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestObjectsAreFiles(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "drawbridge/one"} {
		s, b := begin(t, func(c *s3.Config) { c.Prefix = prefix })
		s.Page = 3
		for i := range 10 {
			if err := b.Put(t.Context(), fmt.Sprintf("acme/audit/%d", i), bytes.Repeat([]byte("x"), i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Put(t.Context(), "acme/events/1", []byte("y")); err != nil {
			t.Fatal(err)
		}
		if got := list(t, b, "acme/audit/"); len(got) != 10 || got[9] != "acme/audit/9 9" {
			t.Errorf("it lists %q", got)
		}
		if got := list(t, b, "other/audit/"); got != nil {
			t.Errorf("it lists %q", got)
		}
		if got, err := b.Get(t.Context(), "acme/audit/4", 4); err != nil || string(got) != "xxxx" {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := b.Get(t.Context(), "acme/audit/4", 3); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("a large object: %v", err)
		}
		if _, err := b.Get(t.Context(), "acme/audit/99", 3); directory.CodeOf(err) != directory.NotFound {
			t.Errorf("no object: %v", err)
		}
		end := errors.New("end")
		if err := b.List(t.Context(), "acme/", func(string, int64) error { return end }); !errors.Is(err, end) {
			t.Errorf("%v", err)
		}
		if first := s.Names("archive")[0]; !strings.HasPrefix(first, strings.TrimPrefix(prefix+"/acme/", "/")) {
			t.Errorf("the first object is %s", first)
		}
	}
}

// A check writes once, and then only lists until an hour has passed or something failed. It removes nothing, so the key needs no right to.
func TestCheckWritesRarely(t *testing.T) {
	t.Parallel()
	s, b := begin(t)
	check := func(want ...string) {
		t.Helper()
		before := len(s.Calls())
		if err := b.Check(t.Context(), 10); err != nil {
			t.Error(err)
		}
		if got := s.Calls()[before:]; !slices.Equal(got, want) {
			t.Errorf("the check asked for %q", got)
		}
	}
	const put, get = "PUT /archive/drawbridge/one/.writable", "GET /archive/"
	check(put)
	check(get)
	s.now = s.now.Add(time.Hour)
	check(put)
	s.Fail(s3test.Refuse(http.MethodPut, 403, "AccessDenied"))
	if err := b.Put(t.Context(), "acme/audit/1", nil); err == nil {
		t.Error("it was written")
	}
	if err := b.Check(t.Context(), 10); err == nil {
		t.Error("the check sees nothing")
	}
	s.Fail(nil)
	check(put)
}

// Each fault has a sentence with cause and place, without the key, and nothing is stored.
func TestFaultsOfTheStorage(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		config func(*s3.Config)
		harm   func(*storage)
		want   string
	}{
		"another access key": {config: func(c *s3.Config) { c.AccessKey = "AKIAOTHER" }, want: "does not know the access key"},
		"another secret":     {config: func(c *s3.Config) { c.SecretKey = "another secret" }, want: "the secret key is wrong"},
		"no bucket":          {config: func(c *s3.Config) { c.Bucket = "absent" }, want: "has no bucket absent"},
		"another region":     {config: func(c *s3.Config) { c.Region = "eu-central-1" }, want: "in another region"},
		"a clock that is off": {harm: func(s *storage) {
			s.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		}, want: "the clock of this server and that of the storage differ"},
		"no right":          {harm: func(s *storage) { s.Fail(s3test.Refuse("", 403, "AccessDenied")) }, want: "has no right"},
		"full":              {harm: func(s *storage) { s.Fail(s3test.Refuse("", 507, "XMinioStorageFull")) }, want: "it is full"},
		"a quota":           {harm: func(s *storage) { s.Fail(s3test.Refuse("", 400, "QuotaExceeded")) }, want: "it is full"},
		"read-only":         {harm: func(s *storage) { s.Fail(s3test.Refuse("", 405, "MethodNotAllowed")) }, want: "it is read-only"},
		"an unknown error":  {harm: func(s *storage) { s.Fail(s3test.Refuse("", 418, "Teapot")) }, want: "418 Teapot: this is Teapot"},
		"an overloaded one": {harm: func(s *storage) { s.Fail(s3test.Refuse("", 503, "SlowDown")) }, want: "try again later"},
		"no S3": {harm: func(s *storage) {
			s.Fail(func(w http.ResponseWriter, _ *http.Request) bool { _, _ = io.WriteString(w, "<html>"); return true })
		}, want: ""},
		"a redirect": {harm: func(s *storage) { s.Fail(redirect) }, want: "in another region"},
		"an ended connection": {harm: func(s *storage) {
			s.Fail(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
		}, want: "ended the connection"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var changes []func(*s3.Config)
			if c.config != nil {
				changes = append(changes, c.config)
			}
			s, b := begin(t, changes...)
			if c.harm != nil {
				c.harm(s)
			}
			name := "acme/audit/1"
			_, got := b.Get(t.Context(), name, 100)
			errs := map[string]error{"Get": got, "List": b.List(t.Context(), "acme/", func(string, int64) error { return nil })}
			if what != "no S3" { // such a server answers a PUT with 200, and has nothing when the segment is read back
				errs["Put"], errs["Check"] = b.Put(t.Context(), name, []byte("x")), b.Check(t.Context(), 10)
			} else {
				delete(errs, "Get")
			}
			for call, err := range errs {
				if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), s.url) || !strings.Contains(err.Error(), s.cfg.Bucket) {
					t.Errorf("%s: %v", call, err)
				}
				if err != nil && (strings.Contains(err.Error(), s.cfg.SecretKey) || strings.Contains(err.Error(), s.cfg.AccessKey)) {
					t.Errorf("%s shows the key: %v", call, err)
				}
			}
			if stored := s.Names("archive"); stored != nil {
				t.Errorf("it has %v", stored)
			}
		})
	}
}

// redirect sends the client to the metadata service of a cloud.
func redirect(w http.ResponseWriter, r *http.Request) bool {
	http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
	return true
}

// A list that ends because time is up must not look like a short one.
func TestListThatIsCutOffIsAnError(t *testing.T) {
	t.Parallel()
	s, b := begin(t)
	s.Page = 1
	for i := range 3 {
		if err := b.Put(t.Context(), fmt.Sprint("acme/", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := b.List(ctx, "acme/", func(string, int64) error {
		n++
		cancel()
		return nil
	})
	if directory.CodeOf(err) != directory.Unavailable || n == 3 {
		t.Errorf("%d objects, %v", n, err)
	}
}

// The addresses of the storage pass the guard.
func TestStorageIsDialledThroughTheGuard(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	for _, endpoint := range []string{s.url, "https://169.254.169.254", "http://93.184.216.34"} {
		cfg := s.cfg
		cfg.Endpoint, cfg.Transport = endpoint, outbound.New(outbound.Config{}).Client(0, answerBytes).Transport
		b, err := s3.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "outbound.allow") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if calls := s.Calls(); len(calls) > 0 {
		t.Errorf("the storage was asked %q", calls)
	}
}

// Segments in a bucket are the same files: the archive reads them, and so does the independent reader, which shares no code with this program,
// from a copy. An object that was cut off or changed is found.
func TestSegmentsInABucket(t *testing.T) {
	t.Parallel()
	s, b := begin(t)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	a := archive.New(b, key)
	var chain, previous directory.Hash
	for i := range 3 {
		line := directory.Audit{Seq: uint64(i + 1), Time: s.now.UTC(), Tenant: "acme", Action: "user.update", Outcome: directory.Done, ChainStart: i == 0}
		line.Hash = line.Sum(chain)
		text, err := archive.Line(line)
		if err != nil {
			t.Fatal(err)
		}
		segment, _, err := a.Write(t.Context(), archive.Manifest{
			Tenant: "acme", Kind: archive.Audit, First: line.Seq, Last: line.Seq, From: s.now.UTC(), To: s.now.UTC(), Written: s.now.UTC(),
			Previous: previous, ChainPrevious: chain, ChainHead: line.Hash,
		}, [][]byte{text})
		if err != nil {
			t.Fatal(err)
		}
		chain, previous = line.Hash, segment.Head
	}
	entries, err := a.Segments(t.Context(), "acme", archive.Audit)
	if err != nil || len(entries) != 3 {
		t.Fatal(entries, err)
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	verify := func() (string, error) {
		dir := t.TempDir()
		if err := s.Save("archive", dir); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), python, "../../deploy/archive-verify.py", dir+"/drawbridge/one", "--head", previous.String(), "--key", a.Key()).CombinedOutput()
		return string(out), err
	}
	if out, err := verify(); err != nil || !strings.Contains(out, "lines 1 to 3 in 3 segments, head "+previous.String()) {
		t.Errorf("%v\n%s", err, out)
	}
	name := "drawbridge/one/" + entries[1].Name
	for what, harm := range map[string]func([]byte) []byte{
		"cut off": func(c []byte) []byte { return c[:len(c)-5] },
		"changed": func(c []byte) []byte { c[len(c)/2] ^= 1; return c },
		"removed": func([]byte) []byte { return nil },
	} {
		var before []byte
		s.Change("archive", name, func(c []byte) []byte { before = bytes.Clone(c); return harm(c) })
		if _, err := a.Read(t.Context(), entries[1]); err == nil {
			t.Errorf("a segment was %s and is read", what)
		}
		if out, err := verify(); err == nil {
			t.Errorf("a segment was %s, and the reader says %s", what, out)
		}
		s.Change("archive", name, func([]byte) []byte { return before })
	}
}

// If the body of a segment is cut off on the way, the storage stores nothing, and the archive says so. If the storage reports success but
// stored less or other bytes, reading the segment back finds it.
func TestUploadThatIsCutOffIsNoSegment(t *testing.T) {
	t.Parallel()
	s, b := begin(t)
	a := archive.New(b, ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	line := directory.Event{Seq: 1, Time: s.now.UTC(), Tenant: "acme", Kind: "user.updated"}
	text, err := archive.Line(line)
	if err != nil {
		t.Fatal(err)
	}
	write := func() error {
		_, _, err := a.Write(t.Context(), archive.Manifest{Tenant: "acme", Kind: archive.Events, First: 1, Last: 1, From: s.now.UTC(), To: s.now.UTC(), Written: s.now.UTC()}, [][]byte{text})
		return err
	}
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			_, _ = io.CopyN(io.Discard, r.Body, 20)
			panic(http.ErrAbortHandler)
		}
		return false
	})
	if err := write(); directory.CodeOf(err) != directory.Unavailable || s.Names("archive") != nil {
		t.Errorf("%v, and there is %v", err, s.Names("archive"))
	}
	for what, change := range map[string]func([]byte) []byte{
		"less":       func(c []byte) []byte { return c[:len(c)/2] },
		"other ones": func(c []byte) []byte { c[len(c)/2] ^= 1; return c },
		"nothing":    func([]byte) []byte { return nil },
	} {
		s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet { // the PUT was answered, and now it is as if other bytes had been stored
				for _, name := range s.Names("archive") {
					s.Change("archive", name, change)
				}
			}
			return false
		})
		if err := write(); err == nil {
			t.Errorf("the storage kept %s, and nobody noticed", what)
		}
	}
	s.Fail(nil)
	if err := write(); err != nil {
		t.Error(err)
	}
}

func TestInvalidBucketsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []s3.Config{
		{Endpoint: "https://s3.example.com", Bucket: "A"},
		{Endpoint: "https://s3.example.com", Bucket: "a/b"},
		{Endpoint: "https://s3.example.com", Bucket: "a..b"},
		{Endpoint: "s3.example.com", Bucket: "archive"},
		{Endpoint: "https://s3.example.com/path", Bucket: "archive"},
		{Endpoint: "", Bucket: "archive"},
	} {
		if _, err := s3.New(c); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// machine is a metadata service that gives temporary credentials of a role.
type machine struct {
	*httptest.Server
	mu      sync.Mutex
	key     string
	expires time.Time
	asked   int
}

func newMachine(t *testing.T, s *storage) *machine {
	t.Helper()
	m := &machine{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		known := r.Header.Get("X-Aws-Ec2-Metadata-Token") == "session"
		switch {
		case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token":
			_, _ = io.WriteString(w, "session")
		case known && r.URL.Path == "/latest/meta-data/iam/security-credentials/":
			_, _ = io.WriteString(w, "archiver")
		case known && r.URL.Path == "/latest/meta-data/iam/security-credentials/archiver":
			m.asked++
			_, _ = fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":%q,"SecretAccessKey":%q,"Token":"token of %s","Expiration":%q}`, m.key, "secret of "+m.key, m.key, m.expires.UTC().Format(time.RFC3339))
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(m.Close)
	m.gives(s, "ASIA1")
	return m
}

// gives lets the service give another key, which is the only one that the storage takes from then on.
func (m *machine) gives(s *storage, key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.key, m.expires = key, s.now.Add(time.Hour)
	s.AccessKey, s.SecretKey, s.SessionToken = key, "secret of "+key, "token of "+key
}

// The credentials of a role are temporary: they are asked for again before they expire. They come through the guard, so a metadata service
// that outbound.allow does not permit is not asked.
func TestCredentialsOfARole(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	m := newMachine(t, s)
	s.cfg.AccessKey, s.cfg.SecretKey, s.cfg.Source, s.cfg.RoleEndpoint = "", "", s3.Role, m.URL
	b, err := s3.New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range []string{"ASIA1", "ASIA2", "ASIA3"} {
		if i > 0 {
			m.gives(s, key)
		}
		for range 3 {
			if err := b.Put(t.Context(), "acme/audit/"+key, []byte("x")); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
		}
		s.now = s.now.Add(time.Hour)
	}
	if m.asked != 3 {
		t.Errorf("the metadata service was asked %d times", m.asked)
	}
	s.SessionToken = "another one"
	if err := b.Put(t.Context(), "acme/audit/x", []byte("x")); err == nil || !strings.Contains(err.Error(), "temporary credentials have expired") {
		t.Errorf("a token that is not taken: %v", err)
	}
	m.Close()
	s.now = s.now.Add(2 * time.Hour)
	if err := b.Put(t.Context(), "acme/audit/x", []byte("x")); directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), "no credentials of the role of this machine") || !strings.Contains(err.Error(), "metadata service") {
		t.Errorf("without a metadata service: %v", err)
	}
	s.cfg.RoleEndpoint = "" // that of AWS, which this guard does not permit
	b, err = s3.New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Check(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "outbound.allow") {
		t.Errorf("a metadata service that is not allowed: %v", err)
	}
}

// The keys of a shared credentials file, with the token of a session, count until the file changes.
func TestCredentialsOfASharedFile(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	file := filepath.Join(t.TempDir(), "credentials")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.cfg.AccessKey, s.cfg.SecretKey, s.cfg.Source, s.cfg.File, s.cfg.Profile = "", "", s3.SharedFile, file, "archive"
	b, err := s3.New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	put := func() error { return b.Put(t.Context(), "acme/audit/1", []byte("x")) }
	says := func(err error, words string) {
		t.Helper()
		if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%v; want %q", err, words)
		}
	}
	says(put(), "there are no credentials of the file "+file)
	for i, key := range []string{"ASIA1", "ASIA22", "ASIA333"} {
		s.AccessKey, s.SecretKey, s.SessionToken = key, "secret of "+key, "token of "+key
		if i > 0 {
			says(put(), "")
		}
		write("[default]\naws_access_key_id = other\naws_secret_access_key = hidden\n[archive]\naws_access_key_id = " + key + "\naws_secret_access_key = secret of " + key + "\naws_session_token = token of " + key + "\n")
		for range 2 {
			if err := put(); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
		}
	}
	for text, words := range map[string]string{
		"[default]\naws_access_key_id = a\naws_secret_access_key = hidden\n":       "lacks the profile archive",
		"[archive]\naws_access_key_id = a\n":                                       "cannot be read",
		"[archive]\nregion = eu\n":                                                 "no key is there",
		"[archive]\ncredential_process = /bin/touch " + file + ".ran\n":            "credential_process is in it",
		"[archive]\nsso_start_url = https://169.254.169.254/\nsso_role_name = x\n": "sso_ is in it",
	} {
		write(text)
		says(put(), words)
	}
	if _, err := os.Stat(file + ".ran"); err == nil {
		t.Error("a program was run")
	}
}

// Keys may have the token of a session.
func TestKeysWithASessionToken(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	s.SessionToken = "a token"
	for token, good := range map[string]bool{"": false, "another": false, "a token": true} {
		s.cfg.SessionToken = token
		b, err := s3.New(s.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Put(t.Context(), "acme/audit/1", []byte("x")); (err == nil) != good {
			t.Errorf("%q: %v", token, err)
		}
	}
}

// Without keys in the environment, no request is sent: it would not be signed.
func TestCredentialsOfTheEnvironment(t *testing.T) {
	s, _ := begin(t)
	s.cfg.AccessKey, s.cfg.SecretKey, s.cfg.Source = "", "", s3.Environment
	b, err := s3.New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN"} {
		t.Setenv(name, "")
	}
	before := len(s.Calls())
	if err := b.Check(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "credentials of the environment") || len(s.Calls()) != before {
		t.Errorf("%v, %d requests", err, len(s.Calls())-before)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", s.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", s.SecretKey)
	if err := b.Check(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

// Storage that hangs, or whose certificate is not valid, is away. An answer without an end is cut off.
func TestHostileStorageIsAway(t *testing.T) {
	t.Parallel()
	s, b := begin(t)
	s.Fail(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := b.Put(ctx, "acme/audit/1", []byte("x")); err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("one that hangs: %v", err)
	}
	var sent atomic.Int64
	s.Fail(func(w http.ResponseWriter, _ *http.Request) bool {
		part := make([]byte, 1<<20)
		for range 2 << 10 {
			n, err := w.Write(part)
			if sent.Add(int64(n)); err != nil {
				break
			}
		}
		return true
	})
	if content, err := b.Get(t.Context(), "acme/audit/1", 1000); err == nil {
		t.Errorf("2 GB gave %d bytes", len(content))
	}
	if n := sent.Load(); n > 100<<20 {
		t.Errorf("%d bytes were taken", n)
	}
	s.Fail(nil)
	cfg := s.cfg
	cfg.Transport = outbound.New(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}).Client(0, answerBytes).Transport
	strict, err := s3.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := strict.Check(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate of an unknown authority: %v", err)
	}
}
