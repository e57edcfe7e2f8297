package s3

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the protocol asks for it; the signature covers a SHA-256
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"

	"drawbridge/directory"
)

// Config says where the bucket is. Endpoint, Bucket, Transport and Now are required, and what Source needs.
type Config struct {
	Endpoint  string // a URL without a path, such as https://s3.eu-central-1.amazonaws.com
	Region    string // "": DefaultRegion
	Bucket    string
	Prefix    string // of all names, without a slash at its ends; "": none
	Source    Source // "": Keys
	AccessKey string
	SecretKey string
	// SessionToken belongs to temporary keys; "": they are not temporary.
	SessionToken string
	// File is a shared credentials file of AWS, and Profile the section of it that counts, for SharedFile.
	File, Profile string
	// RoleEndpoint is where the credentials of a Role are asked for; "": where the environment says, or the metadata service of the machine.
	RoleEndpoint string
	// Transport sends the requests. It must refuse forbidden addresses, and limit answers to something larger than a segment.
	Transport http.RoundTripper
	Now       func() time.Time
}

// DefaultRegion is the region of storage that has none.
const DefaultRegion = "us-east-1"

const (
	// tries is how often one request is sent.
	tries = 3
	// requestTime bounds one request with its repeats, listTime the list of a trail.
	requestTime = 2 * time.Minute
	listTime    = 5 * time.Minute
	// checkName is the object that Check writes; it is never removed, so that the key needs no right to delete.
	checkName = ".writable"
	// checkEvery is how often Check writes, as long as nothing failed. Between, it lists.
	checkEvery = time.Hour
)

// Bucket is an archive.Storage. It is safe for concurrent use.
type Bucket struct {
	cfg     Config
	core    minio.Core
	written atomic.Pointer[time.Time] // when something was last written; nil: the last attempt failed, or there was none
}

// bucketName is the name of a bucket that every such storage accepts.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// CheckName refuses the name of a bucket: Invalid.
func CheckName(bucket string) error {
	if !bucketName.MatchString(bucket) || strings.Contains(bucket, "..") {
		return &directory.Error{Code: directory.Invalid, Message: fmt.Sprintf("%q is not the name of a bucket: 3 to 63 small letters, digits, hyphens and dots", bucket)}
	}
	return nil
}

// New makes a Bucket. Nothing is sent. Invalid if the endpoint or the bucket cannot be used.
func New(cfg Config) (*Bucket, error) {
	if err := CheckName(cfg.Bucket); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.Endpoint)
	if err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, &directory.Error{Code: directory.Invalid, Message: "the endpoint is not a URL without a path, such as https://s3.eu-central-1.amazonaws.com"}
	}
	if cfg.Region == "" {
		cfg.Region = DefaultRegion // otherwise the client asks the storage before the first request
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: signer(&cfg), Secure: u.Scheme == "https", Transport: cfg.Transport, Region: cfg.Region, MaxRetries: tries,
	})
	if err != nil {
		return nil, &directory.Error{Code: directory.Invalid, Message: "the endpoint cannot be used: " + directory.Truncate(err.Error(), longestReason), Err: err}
	}
	return &Bucket{cfg: cfg, core: minio.Core{Client: client}}, nil
}

func (b *Bucket) String() string {
	return "bucket " + b.object("") + " at " + b.cfg.Endpoint
}

// object is the place of a name, for operators.
func (b *Bucket) object(name string) string {
	return strings.TrimSuffix(b.cfg.Bucket+"/"+b.key(name), "/")
}

func (b *Bucket) key(name string) string {
	if b.cfg.Prefix == "" {
		return name
	}
	return b.cfg.Prefix + "/" + name
}

// Check writes an object of so many bytes if the last write failed or was long ago. Otherwise it reads the list of objects, so that a bucket that
// keeps old versions does not fill with those of this object.
func (b *Bucket) Check(ctx context.Context, size int) error {
	if at := b.written.Load(); at != nil && b.cfg.Now().Sub(*at).Abs() < checkEvery {
		return b.list(ctx, "", 1, func(string, int64) error { return nil })
	}
	return b.Put(ctx, checkName, make([]byte, size))
}

// Put writes an object in one request. The storage compares the body with its checksums before it stores it.
func (b *Bucket) Put(ctx context.Context, name string, content []byte) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	weak, strong := md5.Sum(content), sha256.Sum256(content) //nolint:gosec // as above
	_, err := b.core.PutObject(ctx, b.cfg.Bucket, b.key(name), bytes.NewReader(content), int64(len(content)),
		base64.StdEncoding.EncodeToString(weak[:]), hex.EncodeToString(strong[:]), minio.PutObjectOptions{
			ContentType:          "application/octet-stream",
			DisableContentSha256: true, // of the pieces of a stream; the whole body has one
		})
	if err != nil {
		b.written.Store(nil)
		return b.failed(ctx, "written", err)
	}
	now := b.cfg.Now()
	b.written.Store(&now)
	return nil
}

// Get reads an object.
func (b *Bucket) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	body, info, _, err := b.core.GetObject(ctx, b.cfg.Bucket, b.key(name), minio.GetObjectOptions{})
	if err != nil {
		if code(err) == "NoSuchKey" {
			return nil, &directory.Error{Code: directory.NotFound, Rule: "E6", Message: fmt.Sprintf("there is no %s in the archive (%s)", name, b), Err: err}
		}
		return nil, b.failed(ctx, "read", err)
	}
	defer func() { _ = body.Close() }() // it was only read
	tooLarge := &directory.Error{Code: directory.Invalid, Rule: "E6", Message: "it is larger than a segment can be"}
	if info.Size > most {
		return nil, tooLarge
	}
	content, err := io.ReadAll(io.LimitReader(body, most+1))
	switch {
	case err != nil:
		return nil, b.failed(ctx, "read", err)
	case int64(len(content)) > most:
		return nil, tooLarge
	}
	return content, nil
}

// List yields the objects whose names begin with prefix.
func (b *Bucket) List(ctx context.Context, prefix string, yield func(name string, size int64) error) error {
	return b.list(ctx, prefix, 0, yield)
}

// list yields objects, at most so many in one answer; 0: as many as the storage gives. It ends after one answer if most is not 0.
func (b *Bucket) list(ctx context.Context, prefix string, most int, yield func(name string, size int64) error) error {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	own := b.key("")
	n := 0
	for object := range b.core.ListObjectsIter(ctx, b.cfg.Bucket, minio.ListObjectsOptions{Prefix: b.key(prefix), Recursive: true, MaxKeys: most}) {
		if object.Err != nil {
			return b.failed(ctx, "read", object.Err)
		}
		name, inside := strings.CutPrefix(object.Key, own)
		if !inside {
			return b.failed(ctx, "read", fmt.Errorf("the storage lists %q, which was not asked for", directory.Truncate(object.Key, 100)))
		}
		if err := yield(name, object.Size); err != nil {
			return err
		}
		if n++; n == most {
			return nil
		}
	}
	if err := ctx.Err(); err != nil { // the iterator ends then, without an error
		return b.failed(ctx, "read", err)
	}
	return nil
}
