package manual

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var (
	//go:embed page.html
	pageTemplate string
	//go:embed manual.css
	style []byte
	//go:embed search.js
	search []byte
)

// Site is the manual, made once.
type Site struct {
	files map[string][]byte // by path, "index.html" and "docs/okta.html" for example
}

// page is one document.
type page struct {
	path     string // of the file, "docs/okta.md"
	title    string
	sections []section
	links    []string // the addresses that it links to, in order
	body     template.HTML
}

// section is a result of the search: a heading and the text below it.
type section struct {
	Page    string `json:"page"`  // the address of the page
	Title   string `json:"title"` // of the page
	Heading string `json:"heading"`
	Anchor  string `json:"anchor"`
	Text    string `json:"text"`
}

// New makes the manual from the Markdown files of a file system; other files are shown as they are. README.md is the first page. An error names
// the document and what is wrong with it, such as a link that leads nowhere.
func New(documents fs.FS, version string) (*Site, error) {
	s := &Site{files: map[string][]byte{"manual.css": style, "search.js": search}}
	var names []string
	err := fs.WalkDir(documents, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	set, err := documentsOf(documents, names)
	if err != nil {
		return nil, err
	}
	var pages []*page
	var errs []error
	for _, name := range names {
		content, err := fs.ReadFile(documents, name)
		if err != nil {
			return nil, err
		}
		if path.Ext(name) != ".md" {
			s.files[name] = content
			continue
		}
		p, err := render(name, content, set)
		errs = append(errs, err)
		pages = append(pages, p)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := checkAnchors(pages); err != nil {
		return nil, err
	}
	if err := s.assemble(pages, version); err != nil {
		return nil, err
	}
	return s, nil
}

// address is where a document is on the site.
func address(name string) string {
	if name == "README.md" {
		return "index.html"
	}
	if base, ok := strings.CutSuffix(name, ".md"); ok {
		return base + ".html"
	}
	return name
}

// documentSet is what the site has: the names of its files, and the titles of its pages.
type documentSet struct {
	names  []string
	titles map[string]string // by the address of the page
}

func documentsOf(documents fs.FS, names []string) (documentSet, error) {
	set := documentSet{names: names, titles: map[string]string{}}
	for _, name := range names {
		if path.Ext(name) != ".md" {
			continue
		}
		content, err := fs.ReadFile(documents, name)
		if err != nil {
			return set, err
		}
		for line := range strings.Lines(string(content)) {
			if title, ok := strings.CutPrefix(line, "# "); ok {
				set.titles[address(name)] = strings.TrimSpace(title)
				break
			}
		}
	}
	return set, nil
}

// adaptLinks makes links fit the site, where they are not in the repository: a link that has the name of a document as its text gets the title of the page, and
// a link to what only the repository has is text.
func (p *page) adaptLinks(links []*ast.Link, set documentSet, source []byte) {
	for _, n := range links {
		to := string(n.Destination)
		if to == "" {
			for n.HasChildren() {
				n.Parent().InsertBefore(n.Parent(), n, n.FirstChild())
			}
			n.Parent().RemoveChild(n.Parent(), n)
			continue
		}
		file, _, _ := strings.Cut(to, "#")
		title := set.titles[path.Join(path.Dir(p.path), file)]
		if text := plainText(n, source); title != "" && path.Ext(text) == ".md" {
			n.RemoveChildren(n)
			n.AppendChild(n, ast.NewString([]byte(title)))
		}
	}
}

// render makes a page of a document.
func render(name string, source []byte, set documentSet) (*page, error) {
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	root := md.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&anchors{used: map[string]int{}}))))
	p := &page{path: name}
	var errs []error
	var links []*ast.Link
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		if n.Type() == ast.TypeBlock {
			p.add(" ")
		}
		switch n := n.(type) {
		case *ast.Heading:
			p.begin(n, source)
		case *ast.Link:
			to, err := target(name, string(n.Destination), set.names)
			errs = append(errs, err)
			n.Destination = []byte(to)
			p.links = append(p.links, to)
			links = append(links, n)
		case *ast.Image:
			to, err := target(name, string(n.Destination), set.names)
			errs = append(errs, err)
			n.Destination = []byte(to)
		case *ast.Text:
			if n.Parent().Kind() != ast.KindHeading {
				p.add(string(n.Value(source)))
			}
			if n.SoftLineBreak() {
				p.add(" ")
			}
		case *ast.String:
			p.add(string(n.Value))
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				p.add(string(line.Value(source)))
			}
		}
		return ast.WalkContinue, nil
	})
	p.adaptLinks(links, set, source)
	var out bytes.Buffer
	errs = append(errs, err, md.Renderer().Render(&out, source, root))
	p.body = template.HTML(out.String()) //nolint:gosec // the documents are our own, and goldmark leaves raw HTML out
	if p.title == "" {
		errs = append(errs, fmt.Errorf("%s has no heading", name))
	}
	return p, errors.Join(errs...)
}

// begin opens a section.
func (p *page) begin(h *ast.Heading, source []byte) {
	heading := plainText(h, source)
	if p.title == "" {
		p.title = heading
	}
	anchor := ""
	if id, ok := h.AttributeString("id"); ok {
		if text, ok := id.([]byte); ok {
			anchor = string(text)
		}
	}
	p.sections = append(p.sections, section{Page: address(p.path), Title: p.title, Heading: heading, Anchor: anchor})
}

// add puts text into the section that is open.
func (p *page) add(text string) {
	if len(p.sections) == 0 {
		return
	}
	s := &p.sections[len(p.sections)-1]
	s.Text += text
}

func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // it returns what the function returns: nothing
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// target is a link of a document as the site has it, "" for what the site does not have, such as source code.
func target(name, link string, names []string) (string, error) {
	if link == "" || strings.HasPrefix(link, "#") || strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return link, nil
	}
	file, anchor, _ := strings.Cut(link, "#")
	if anchor != "" {
		anchor = "#" + anchor
	}
	full := path.Join(path.Dir(name), file)
	if strings.HasPrefix(full, "..") {
		return "", fmt.Errorf("%s: the link %s leaves the repository", name, link)
	}
	up := strings.Repeat("../", strings.Count(name, "/"))
	if slices.Contains(names, full) {
		return up + address(full) + anchor, nil
	}
	// A folder whose README is in the site, or that has files in it.
	if slices.Contains(names, full+"/README.md") {
		return up + address(full+"/README.md"), nil
	}
	for _, other := range names {
		if strings.HasPrefix(other, full+"/") {
			return up + address(other), nil
		}
	}
	return "", nil
}

// checkAnchors finds links to headings that do not exist.
func checkAnchors(pages []*page) error {
	known := map[string]bool{}
	for _, p := range pages {
		for _, s := range p.sections {
			known[s.Page+"#"+s.Anchor] = true
		}
	}
	var errs []error
	for _, p := range pages {
		for _, part := range strings.Split(string(p.body), `href="`)[1:] {
			link, _, _ := strings.Cut(part, `"`)
			file, anchor, ok := strings.Cut(link, "#")
			if !ok || strings.Contains(link, "://") {
				continue
			}
			to := address(p.path)
			if file != "" {
				to = path.Join(path.Dir(p.path), file)
			}
			if !known[to+"#"+anchor] {
				errs = append(errs, fmt.Errorf("%s: there is no heading %s", p.path, link))
			}
		}
	}
	return errors.Join(errs...)
}

// anchors makes the ids of headings like GitHub, so that links work in both places.
type anchors struct{ used map[string]int }

// Generate makes the id of a heading.
func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(string(value)) {
		switch {
		case r == ' ' || r == '-':
			b.WriteByte('-')
		case r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 0x7f:
			b.WriteRune(r)
		}
	}
	id := b.String()
	n := a.used[id]
	a.used[id]++
	if n > 0 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	return []byte(id)
}

// Put notes an id that a document gives itself.
func (a *anchors) Put(value []byte) { a.used[util.BytesToReadOnlyString(value)]++ }

// readingOrder sorts pages: README.md, then the pages in the order of its last table, which is the reading order, then the others by title.
func readingOrder(pages []*page) {
	place := map[string]int{"index.html": -1}
	for _, p := range pages {
		if p.path == "README.md" {
			for i, link := range p.links { // a page that the text links before the table is listed where the table names it
				place[link] = i
			}
			place["index.html"] = -1
		}
	}
	at := func(p *page) int {
		if i, ok := place[address(p.path)]; ok {
			return i
		}
		return math.MaxInt32 + strings.Count(p.path, "/")
	}
	slices.SortFunc(pages, func(a, b *page) int {
		return cmp.Or(at(a)-at(b), strings.Compare(a.title, b.title))
	})
}

// assemble puts the pages into the frame and writes the index of the search.
func (s *Site) assemble(pages []*page, version string) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return err
	}
	readingOrder(pages)
	var index []section
	for _, p := range pages {
		type entry struct {
			Title, Address string
			Here           bool
		}
		up := strings.Repeat("../", strings.Count(p.path, "/"))
		var all []entry
		for _, other := range pages {
			all = append(all, entry{other.title, up + address(other.path), other == p})
		}
		var out bytes.Buffer
		err := t.Execute(&out, map[string]any{"Title": p.title, "Up": up, "Pages": all, "Sections": p.sections, "Body": p.body, "Version": version})
		if err != nil {
			return err
		}
		s.files[address(p.path)] = out.Bytes()
		for i := range p.sections {
			p.sections[i].Text = strings.Join(strings.Fields(p.sections[i].Text), " ")
		}
		index = append(index, p.sections...)
	}
	text, err := json.Marshal(index)
	if err != nil {
		return err
	}
	s.files["index.js"] = []byte("const sections = " + string(text) + ";\n")
	return nil
}

// Write writes the site into a new folder. The pages work from a disk as well as from a server.
func (s *Site) Write(folder string) error {
	for name, content := range s.files {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // a manual is for everybody
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil { //nolint:gosec // a manual is for everybody
			return err
		}
	}
	return nil
}

// Pages counts the pages.
func (s *Site) Pages() int {
	n := 0
	for name := range s.files {
		if path.Ext(name) == ".html" {
			n++
		}
	}
	return n
}
