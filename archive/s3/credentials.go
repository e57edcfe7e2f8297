package s3

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
)

// Source is where what signs the requests comes from.
type Source string

// The sources.
const (
	Keys        Source = "keys"        // AccessKey, SecretKey and SessionToken
	Role        Source = "role"        // temporary credentials of the role of this machine
	SharedFile  Source = "file"        // a profile of a shared credentials file of AWS
	Environment Source = "environment" // AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
)

// Sources lists the sources.
func Sources() []Source { return []Source{Keys, Role, SharedFile, Environment} }

// DefaultProfile is the section of a shared credentials file that counts if none is named.
const DefaultProfile = "default"

// roleTime bounds one request for temporary credentials.
const roleTime = 10 * time.Second

// mostFile is how large a shared credentials file may be.
const mostFile = 1 << 20

// signer gives what signs the requests.
func signer(cfg *Config) *credentials.Credentials {
	switch cfg.Source {
	case Role:
		client := &http.Client{
			Transport: cfg.Transport, Timeout: roleTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		return credentials.New(checked{"the role of this machine", &credentials.IAM{
			Expiry: credentials.Expiry{CurrentTime: cfg.Now}, Client: client, Endpoint: cfg.RoleEndpoint, Region: cfg.Region,
		}})
	case SharedFile:
		return credentials.New(checked{"the file " + cfg.File, &sharedFile{FileAWSCredentials: credentials.FileAWSCredentials{Filename: cfg.File, Profile: cfg.Profile}}})
	case Environment:
		return credentials.New(checked{"the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)", &credentials.EnvAWS{}})
	}
	return credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, cfg.SessionToken)
}

// checked refuses a provider's answer without a key, with which requests would not be signed.
type checked struct {
	from string
	credentials.Provider
}

// RetrieveWithCredContext gets credentials. Unavailable, with a sentence, if there are none.
func (c checked) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	v, err := c.Provider.RetrieveWithCredContext(cc)
	if err == nil && (v.AccessKeyID == "" || v.SecretAccessKey == "") {
		err = &directory.Error{Code: directory.Unavailable, Message: "no key is there"}
	}
	if err != nil {
		return v, &directory.Error{
			Code: directory.Unavailable, Message: "there are no credentials of " + c.from + " (archive.s3.credentials): " + reasonOf(err), Err: err,
		}
	}
	return v, nil
}

// Retrieve is RetrieveWithCredContext.
func (c checked) Retrieve() (credentials.Value, error) { return c.RetrieveWithCredContext(nil) }

func reasonOf(err error) string {
	var own *directory.Error
	var file *fs.PathError
	switch {
	case errors.As(err, &own):
		return own.Message
	case errors.As(err, &file):
		return file.Err.Error()
	}
	return outbound.Reason(err, "metadata service")
}

// sharedFile reads a profile of a shared credentials file, again after each change of the file.
type sharedFile struct {
	credentials.FileAWSCredentials
	read fs.FileInfo // of the file as it was read; nil: it was not
}

// IsExpired reports whether the file was changed since it was read.
func (f *sharedFile) IsExpired() bool {
	now, err := os.Stat(f.Filename)
	return f.read == nil || err != nil || !now.ModTime().Equal(f.read.ModTime()) || now.Size() != f.read.Size()
}

// RetrieveWithCredContext reads the profile. A file that names a program to run, or a sign-in by browser, is refused: what it would start
// or dial passes no check.
func (f *sharedFile) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	f.read = nil
	info, err := os.Stat(f.Filename)
	if err != nil {
		return credentials.Value{}, err
	}
	if info.Size() > mostFile {
		return credentials.Value{}, &directory.Error{Code: directory.Invalid, Message: "it is larger than such a file can be"}
	}
	text, err := os.ReadFile(f.Filename)
	if err != nil {
		return credentials.Value{}, err
	}
	for _, word := range []string{"credential_process", "sso_"} {
		if bytes.Contains(text, []byte(word)) {
			return credentials.Value{}, &directory.Error{Code: directory.Invalid, Message: word + " is in it, which is not used here: give a file with keys alone"}
		}
	}
	v, err := f.FileAWSCredentials.RetrieveWithCredContext(cc)
	if err != nil {
		return v, &directory.Error{Code: directory.Invalid, Message: "it cannot be read, or lacks the profile " + f.Profile, Err: err}
	}
	f.read = info
	return v, nil
}

// Retrieve is RetrieveWithCredContext.
func (f *sharedFile) Retrieve() (credentials.Value, error) { return f.RetrieveWithCredContext(nil) }
