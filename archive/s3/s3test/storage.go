package s3test

import (
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Storage is one account with its buckets. It is safe for concurrent use. Change its fields before it is used.
type Storage struct {
	AccessKey, SecretKey, Region string
	SessionToken                 string // of temporary credentials; "": the key is none
	Now                          func() time.Time
	Page                         int // objects in one page of a list; 0: 1000

	mu      sync.Mutex
	buckets map[string]map[string][]byte
	fault   Fault
	calls   []string
}

// Fault changes or replaces the answer to a request; false: the request is answered as usual.
type Fault func(w http.ResponseWriter, r *http.Request) bool

// New makes storage with one empty bucket for each name, with a key. now is its clock.
func New(now func() time.Time, buckets ...string) *Storage {
	s := &Storage{Now: now, AccessKey: "AKIATEST", SecretKey: "a secret of the test", Region: "us-east-1", buckets: map[string]map[string][]byte{}}
	for _, name := range buckets {
		s.buckets[name] = map[string][]byte{}
	}
	return s
}

// Fail sets the fault of the requests from now on; nil: none.
func (s *Storage) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Refuse is a fault that answers every request of a method with an error of the protocol. "" is every method.
func Refuse(method string, status int, code string) Fault {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if method != "" && r.Method != method {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		fail(w, status, code)
		return true
	}
}

// Names gives the names of the objects of a bucket, in order.
func (s *Storage) Names(bucket string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.buckets[bucket]))
}

// Calls gives the requests so far, as "METHOD path".
func (s *Storage) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Change replaces the content of an object; nil removes it.
func (s *Storage) Change(bucket, name string, change func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if content := change(bytes.Clone(s.buckets[bucket][name])); content != nil {
		s.buckets[bucket][name] = content
	} else {
		delete(s.buckets[bucket], name)
	}
}

// Save writes the objects of a bucket into a folder, as a program that copies buckets does.
func (s *Storage) Save(bucket, folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, content := range s.buckets[bucket] {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// ServeHTTP answers requests with the bucket in the path.
func (s *Storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls = append(s.calls, r.Method+" "+r.URL.Path)
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away in the middle of the body
	}
	if status, code := s.verify(r, body); code != "" {
		fail(w, status, code)
		return
	}
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	s.mu.Lock()
	defer s.mu.Unlock()
	objects, ok := s.buckets[bucket]
	switch {
	case !ok:
		fail(w, http.StatusNotFound, "NoSuchBucket")
	case r.Method == http.MethodPut && name != "":
		objects[name] = body
		w.Header().Set("ETag", `"etag"`)
	case r.Method == http.MethodGet && name != "":
		content, ok := objects[name]
		if !ok {
			fail(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"etag"`)
		w.Header().Set("Last-Modified", s.Now().UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content)
	case r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "2":
		s.list(w, r, objects)
	default:
		fail(w, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

type object struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
	StorageClass string
}

type page struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Prefix                string
	KeyCount              int
	MaxKeys               int
	IsTruncated           bool
	NextContinuationToken string   `xml:",omitempty"`
	Contents              []object `xml:"Contents"`
}

// list answers ListObjectsV2. The token of a page is the last name of the page before.
func (s *Storage) list(w http.ResponseWriter, r *http.Request, objects map[string][]byte) {
	q := r.URL.Query()
	size := 1000
	if s.Page > 0 {
		size = s.Page
	}
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n > 0 {
		size = min(size, n)
	}
	p := page{Prefix: q.Get("prefix"), MaxKeys: size}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		if !strings.HasPrefix(name, p.Prefix) || name <= q.Get("continuation-token") {
			continue
		}
		if len(p.Contents) == size {
			p.IsTruncated, p.NextContinuationToken = true, p.Contents[size-1].Key
			break
		}
		p.Contents = append(p.Contents, object{Key: name, LastModified: s.Now().UTC().Format(time.RFC3339), ETag: `"etag"`, Size: len(objects[name]), StorageClass: "STANDARD"})
	}
	p.KeyCount = len(p.Contents)
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(p)
}

type failure struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(failure{Code: code, Message: "this is " + code})
}
