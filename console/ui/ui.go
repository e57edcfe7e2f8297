package ui

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"drawbridge/internal/web"
)

// Prefix is where the console lies.
const Prefix = "/console/"

// assetPrefix is the path of the assets. The build id follows, so that each build has its own addresses and every asset can be cached
// forever.
const assetPrefix = Prefix + "assets/"

//go:embed page.html assets style
var embedded embed.FS

// bare maps the names of third-party modules to the files of assets/vendor.
func bare() map[string]string {
	const core, aria = "vendor/core.js", "vendor/aria.js"
	return map[string]string{
		"react": core, "react/jsx-runtime": core, "react-dom/client": core, "@tanstack/react-query": core, "wouter": core,
		"react-aria-components": aria,
	}
}

// styles are the parts of style.css, in the order in which they are put together.
func styles() []string {
	return []string{"tokens.css", "base.css", "parts.css", "pages.css"}
}

// console serves one build.
type console struct {
	build  string
	assets map[string]*asset // by the path below the build id
	page   *template.Template
	frame  frame
	zips   sync.Pool // of *gzip.Writer, for pages
}

// frame is the data of the page. Nonce is new in each answer.
type frame struct {
	Base      string
	Imports   template.HTML
	Preload   []string // modules of every page
	SignIn    []string // modules of the sign-in page
	Nonce     string
	SignedOut bool // no operator is signed in
}

// asset is one file, compressed when it is first asked for.
type asset struct {
	kind       string
	plain      []byte
	compressed func() []byte
}

// New makes the handler of everything under Prefix from the embedded files.
func New() (http.Handler, error) { return load(embedded) }

// Watch makes a handler that reads the files of a folder again with each page: for work on the console itself.
func Watch(dir fs.FS) http.Handler {
	var mu sync.Mutex
	var last *console
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if last == nil || !strings.HasPrefix(r.URL.Path, assetPrefix) {
			fresh, err := load(dir)
			if err != nil {
				mu.Unlock()
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			last = fresh
		}
		c := last
		mu.Unlock()
		c.ServeHTTP(w, r)
	})
}

func load(files fs.FS) (*console, error) {
	c := &console{assets: make(map[string]*asset)}
	text, err := fs.ReadFile(files, "page.html")
	if err != nil {
		return nil, err
	}
	if c.page, err = template.New("page").Parse(string(text)); err != nil {
		return nil, err
	}
	if err := c.read(files); err != nil {
		return nil, err
	}
	c.build = c.sum(text)
	c.frame, err = c.assemble()
	return c, err
}

// read collects the assets.
func (c *console) read(files fs.FS) error {
	var style bytes.Buffer
	for _, name := range styles() {
		text, err := fs.ReadFile(files, "style/"+name)
		if err != nil {
			return err
		}
		style.Write(text)
	}
	c.add("style.css", style.Bytes())
	for _, file := range []string{"boot.js", "icon.svg"} {
		text, err := fs.ReadFile(files, "style/"+file)
		if err != nil {
			return err
		}
		c.add(file, text)
	}
	return fs.WalkDir(files, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err == nil {
			c.add(strings.TrimPrefix(name, "assets/"), text)
		}
		return err
	})
}

func (c *console) add(name string, text []byte) {
	a := &asset{plain: text, kind: kind(name)}
	if path.Ext(name) != ".woff2" { // compressed already
		a.compressed = sync.OnceValue(func() []byte { return compress(text) })
	}
	c.assets[name] = a
}

// kind is the Content-Type of a file. The table is our own, because that of the system differs between machines.
func kind(name string) string {
	return cmp.Or(map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".woff2": "font/woff2",
		".txt": "text/plain; charset=utf-8",
	}[path.Ext(name)], "application/octet-stream")
}

func compress(text []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level exists
	_, err := z.Write(text)
	if errors.Join(err, z.Close()) != nil {
		return nil // writing to a buffer cannot fail
	}
	return out.Bytes()
}

// compress compresses a page, which is another one each time, with a writer that was used before: a new one takes a megabyte.
func (c *console) compress(text []byte) []byte {
	var out bytes.Buffer
	z, ok := c.zips.Get().(*gzip.Writer)
	if !ok {
		z = gzip.NewWriter(nil)
	}
	defer c.zips.Put(z)
	z.Reset(&out)
	_, err := z.Write(text)
	if errors.Join(err, z.Close()) != nil {
		return nil // writing to a buffer cannot fail
	}
	return out.Bytes()
}

// sum is the id of a build: a hash over everything that it serves.
func (c *console) sum(page []byte) string {
	h := sha256.New()
	h.Write(page)
	for _, name := range c.names() {
		h.Write(fmt.Appendf(nil, "\n%s %d\n", name, len(c.assets[name].plain)))
		h.Write(c.assets[name].plain)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func (c *console) names() []string {
	names := make([]string, 0, len(c.assets))
	for name := range c.assets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// assemble makes the parts of the page that stay the same in one build.
func (c *console) assemble() (frame, error) {
	base := assetPrefix + c.build + "/"
	imports := make(map[string]string)
	for name, file := range bare() {
		imports[name] = base + file
	}
	text, err := json.Marshal(map[string]any{"imports": imports})
	if err != nil {
		return frame{}, err
	}
	modules, err := c.closure("app/main.js")
	if err != nil {
		return frame{}, err
	}
	all, err := c.closure("app/main.js", "app/pages/session/sign-in.js")
	if err != nil {
		return frame{}, err
	}
	signIn := slices.DeleteFunc(all, func(name string) bool { return slices.Contains(modules, name) })
	f := frame{Base: base, Imports: template.HTML(text)} //nolint:gosec // names and addresses of ours
	for _, name := range modules {
		f.Preload = append(f.Preload, base+name)
	}
	for _, name := range signIn {
		f.SignIn = append(f.SignIn, base+name)
	}
	return f, nil
}

// imported finds what a module loads at once. import() is a call, not a statement, and is left out.
var imported = regexp.MustCompile(`(?m)(?:^|;)(?:import|export)\b(?:[^"'();=]*\bfrom)?\s*["']([^"']+)["']`)

// closure is some modules and every module that they import, in the order in which they are found. The browser gets all names at once, so
// that it need not find one after the other.
func (c *console) closure(first ...string) ([]string, error) {
	names := slices.Clone(first)
	for i := 0; i < len(names); i++ {
		a := c.assets[names[i]]
		if a == nil {
			return nil, fmt.Errorf("console: %s is imported and does not exist; build the console again", names[i])
		}
		for _, found := range imported.FindAllSubmatch(a.plain, -1) {
			name := string(found[1])
			if target, ok := bare()[name]; ok {
				name = target
			} else {
				name = path.Join(path.Dir(names[i]), name)
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// IsFile reports whether a request is for an asset: a browser asks for many of them when it loads a page for the first time.
func IsFile(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, assetPrefix) }

// ServeHTTP answers with an asset or the page. The script in the browser decides which page to show.
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		head.Set("Allow", "GET, HEAD")
		http.Error(w, "the console only answers GET", http.StatusMethodNotAllowed)
	case r.URL.Path == strings.TrimSuffix(Prefix, "/"):
		head.Set("Location", Prefix)
		w.WriteHeader(http.StatusPermanentRedirect)
	case IsFile(r):
		c.asset(w, r)
	default:
		c.document(w, r)
	}
}

func (c *console) asset(w http.ResponseWriter, r *http.Request) {
	build, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, assetPrefix), "/")
	a := c.assets[name]
	if build != c.build || a == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "there is no such file in this build of the console; load the page again", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	var compressed []byte
	if a.compressed != nil {
		compressed = a.compressed()
	}
	send(w, r, a.plain, compressed)
}

// policyOf is the Content-Security-Policy of the page. Everything comes from this server; a script or style element needs the
// nonce; no text becomes markup or code (trusted types).
func policyOf(nonce string) string {
	return "default-src 'none'; script-src 'self' 'nonce-" + nonce + "'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data:; " +
		"connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
		"require-trusted-types-for 'script'; trusted-types 'none'"
}

func (c *console) document(w http.ResponseWriter, r *http.Request) {
	var random [18]byte
	_, _ = rand.Read(random[:]) // never fails
	f := c.frame
	f.Nonce = base64.RawURLEncoding.EncodeToString(random[:])
	f.SignedOut = signedOut(r)
	var out bytes.Buffer
	if err := c.page.Execute(&out, f); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", policyOf(f.Nonce))
	head.Set("Cache-Control", "no-store")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	head.Set("X-Frame-Options", "DENY")
	var compressed []byte
	if accepts(r) {
		compressed = c.compress(out.Bytes())
	}
	send(w, r, out.Bytes(), compressed)
}

// signedOut reports whether the browser is certainly signed out, so that the page need not ask. A browser keeps the cookie of the session back
// if a link of another site opens the page, and sends it with the requests of the page.
func signedOut(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Cookie") == "" && (site == "none" || site == "same-origin")
}

// accepts reports whether a client takes gzip.
func accepts(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding == "gzip" && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

func send(w http.ResponseWriter, r *http.Request, plain, compressed []byte) {
	body := plain
	if compressed != nil {
		w.Header().Set("Vary", "Accept-Encoding")
		if accepts(r) {
			w.Header().Set("Content-Encoding", "gzip")
			body = compressed
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = io.Copy(w, bytes.NewReader(body)) // a client that went away gets nothing
}

// linkPrefix is where the API answers about one-time links.
const linkPrefix = "/api/v1/links/"

// Front sends a browser that opens the bare address of the server, or a one-time link of the API, to the page for it. Everything
// else goes to next. The secret of a link moves after a #, where no server and no proxy sees it.
func Front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := ""
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && web.Browser(r) {
			if r.URL.Path == "/" {
				target = Prefix
			} else if secret, ok := strings.CutPrefix(r.URL.Path, linkPrefix); ok && secret != "" && !strings.Contains(secret, "/") {
				target = Prefix + "link#" + url.PathEscape(secret)
			}
		}
		if target == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Location", target)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.WriteHeader(http.StatusSeeOther)
	})
}
