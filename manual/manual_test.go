package manual_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"drawbridge"
	"drawbridge/manual"
)

func site(t *testing.T, documents fs.FS) *manual.Site {
	t.Helper()
	s, err := manual.New(documents, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t *testing.T, h http.Handler, address string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody))
	return rec
}

// TestEveryDocumentIsAPage makes the manual of this repository: every document is a page, and every link of every page works.
func TestEveryDocumentIsAPage(t *testing.T) {
	t.Parallel()
	s := site(t, drawbridge.Documents)
	h := s.Handler()
	err := fs.WalkDir(drawbridge.Documents, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		address := "/" + strings.TrimSuffix(name, ".md") + ".html"
		if name == "README.md" {
			address = "/"
		}
		rec := get(t, h, address)
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "<h1") {
			t.Errorf("%s: %d", address, rec.Code)
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="([^"#]+)`).FindAllStringSubmatch(rec.Body.String(), -1) {
			if strings.Contains(m[1], ":") {
				continue
			}
			if to := get(t, h, path.Join(path.Dir(address), m[1])); to.Code != http.StatusOK {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if text := get(t, h, "/index.js").Body.String(); !strings.Contains(text, "Rehire") && !strings.Contains(text, "rehire") {
		t.Error("the search does not know the word rehire")
	}
}

func TestMarkdownBecomesPages(t *testing.T) {
	t.Parallel()
	s := site(t, fstest.MapFS{
		"README.md":    {Data: []byte("# First\n\nSee [two](docs/two.md#a-b) and [two.md](docs/two.md#a-b), [file](docs/x.yaml), [code](store/store.go), [out](https://example.com).\n\n## Reading the source\n\n<script>alert(1)</script>\n")},
		"docs/two.md":  {Data: []byte("# Two & more\n\n## A b!\n\nwords `code`\n\n```\nblock\n```\n\n## A b!\n\n| a | b |\n|---|---|\n| <img onerror=x> | 2 |\n\n[home](../README.md)\n")},
		"docs/x.yaml":  {Data: []byte("a: <script>\n")},
		"docs/y.svg":   {Data: []byte("<svg/>")},
		"docs/p.png":   {Data: []byte("\x89PNG")},
		"docs/z.xhtml": {Data: []byte("<html/>")},
	})
	h := s.Handler()
	first := get(t, h, "/").Body.String()
	for _, want := range []string{`<a href="docs/two.html#a-b">two</a> and <a href="docs/two.html#a-b">Two &amp; more</a>`, `href="docs/x.yaml"`, "</a>, code, <a", `href="https://example.com"`, "1.2.3"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first page has no %s:\n%s", want, first)
		}
	}
	if strings.Contains(first, "<script>alert") {
		t.Error("raw HTML of a document is on the page")
	}
	two := get(t, h, "/docs/two.html")
	for _, want := range []string{`<h2 id="a-b">`, `<h2 id="a-b-1">`, `href="../index.html"`, "<table>", "Two &amp; more", `href="../manual.css"`} {
		if !strings.Contains(two.Body.String(), want) {
			t.Errorf("the second page has no %s:\n%s", want, two.Body)
		}
	}
	if !strings.Contains(two.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("no policy for what a page may load")
	}
	for address, kind := range map[string]string{"/docs/x.yaml": "text/plain", "/docs/y.svg": "image/svg+xml", "/docs/p.png": "image/png", "/docs/z.xhtml": "text/plain", "/search.js": "text/javascript"} {
		if got := get(t, h, address).Header().Get("Content-Type"); !strings.HasPrefix(got, kind) {
			t.Errorf("%s is %s", address, got)
		}
	}
	index := get(t, h, "/index.js").Body.String()
	for _, want := range []string{`"heading":"A b!","anchor":"a-b","text":"words code block"`, `"page":"docs/two.html"`} {
		if !strings.Contains(index, want) {
			t.Errorf("the search does not know %s:\n%s", want, index)
		}
	}
	for address, want := range map[string]int{"/docs": 404, "/../x": 404, "/none": 404} {
		if got := get(t, h, address).Code; got != want {
			t.Errorf("%s: %d", address, got)
		}
	}
	folder := filepath.Join(t.TempDir(), "m")
	if err := s.Write(folder); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "docs", "two.html")); err != nil || string(text) != two.Body.String() {
		t.Errorf("what is written differs from what is served: %v", err)
	}
}

// A link to a missing heading, or out of the repository, is found when the manual is made.
func TestBrokenLinksAreFound(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no such heading":       "# A\n\n[x](#b)\n",
		"none on another page":  "# A\n\n[x](docs/b.md#c)\n",
		"out of the repository": "# A\n\n[x](../../etc/passwd)\n",
		"no heading of its own": "text\n",
	} {
		if _, err := manual.New(fstest.MapFS{"README.md": {Data: []byte(text)}, "docs/b.md": {Data: []byte("# B\n")}}, ""); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestReadingOrder compares the order of the pages with the last table of README.md.
func TestReadingOrder(t *testing.T) {
	t.Parallel()
	page := func(title string) *fstest.MapFile { return &fstest.MapFile{Data: []byte("# " + title + "\n")} }
	s := site(t, fstest.MapFS{
		"README.md":    {Data: []byte("# Start\n\nSee [z](docs/z.md).\n\n| a | b |\n|---|---|\n| 1 | [a](docs/a.md), [z](docs/z.md) |\n")},
		"docs/a.md":    page("Second"),
		"docs/z.md":    page("Third"),
		"CHANGELOG.md": page("Changes"),
		"docs/b.md":    page("Another"),
	})
	var order []string
	for _, m := range regexp.MustCompile(`<li[^>]*><a href="[^"]*">([^<]*)</a>`).FindAllStringSubmatch(get(t, s.Handler(), "/").Body.String(), -1) {
		order = append(order, m[1])
	}
	if got := strings.Join(order, " "); got != "Start Second Third Changes Another" {
		t.Error(got)
	}
}
