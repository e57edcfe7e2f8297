package pgtest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is the cluster that all tests of a package share. It starts with the first test that asks for it.
type Server struct {
	dir     string
	prepare func(url string) error // fills the template
	start   sync.Once
	cluster *Cluster
	failed  error
	number  atomic.Int64
}

// Main runs the tests of a package that needs PostgreSQL, and ends the server after them. Without PostgreSQL it runs none, and
// says so in one line.
func Main(m *testing.M, prepare func(url string) error) (*Server, func() int) {
	if _, err := Programs(); err != nil {
		return nil, func() int { return without(err) }
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, func() int { return without(err) }
	}
	s := &Server{dir: dir, prepare: prepare}
	return s, func() int {
		defer func() { _ = os.RemoveAll(dir) }()
		defer s.stop()
		return m.Run()
	}
}

// Required reports whether no test may be skipped, because a program is not installed or because it takes long.
func Required() bool { return os.Getenv("DRAWBRIDGE_POSTGRES") == "required" }

// without says that the tests of a package were skipped.
func without(err error) int {
	if Required() {
		fmt.Fprintln(os.Stderr, "FAIL: the tests with PostgreSQL are required, and", err)
		return 1
	}
	// From this line go test makes "[no tests to run]" after the name of the package.
	fmt.Println("testing: warning: no tests to run") //nolint:forbidigo // as package testing prints it
	fmt.Fprintln(os.Stderr, "the tests with PostgreSQL were left out:", err)
	return 0
}

// Cluster gives the server, which is started if it is not running.
func (s *Server) Cluster(t testing.TB) *Cluster {
	t.Helper()
	s.start.Do(func() {
		if s.cluster, s.failed = Init(s.dir, Quick()); s.failed != nil {
			return
		}
		if s.failed = s.cluster.Exec("postgres", "create database template_store"); s.failed == nil && s.prepare != nil {
			s.failed = s.prepare(s.cluster.URL("template_store"))
		}
	})
	if s.failed != nil {
		t.Fatal(s.failed)
	}
	return s.cluster
}

func (s *Server) stop() {
	if s.cluster != nil {
		s.cluster.Stop()
	}
}

// Database makes a database for one test and gives its URL. It is a copy of the template.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	return s.Cluster(t).URL(s.create(t, "template template_store"))
}

// Empty makes an empty database with these options ("locale_provider icu icu_locale 'de-DE' template template0").
func (s *Server) Empty(t testing.TB, how string) string {
	t.Helper()
	return s.Cluster(t).URL(s.create(t, how))
}

// create makes a database that is dropped at the end of the test. Only one database is copied at a time: PostgreSQL refuses
// a template that is in use.
func (s *Server) create(t testing.TB, how string) string {
	t.Helper()
	c := s.Cluster(t)
	name := fmt.Sprintf("test_%d", s.number.Add(1))
	if err := c.Exec("postgres", strings.TrimSpace("create database "+name+" strategy wal_log "+how)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Exec("postgres", "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return name
}
