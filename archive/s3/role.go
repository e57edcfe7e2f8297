package s3

import (
	"net/http"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
)

// roleTime bounds one request for temporary credentials.
const roleTime = 10 * time.Second

// signer gives what signs the requests.
func signer(cfg *Config) *credentials.Credentials {
	if !cfg.Role {
		return credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, "")
	}
	client := &http.Client{
		Transport: cfg.Transport, Timeout: roleTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return credentials.New(role{&credentials.IAM{
		Expiry: credentials.Expiry{CurrentTime: cfg.Now}, Client: client, Endpoint: cfg.RoleEndpoint, Region: cfg.Region,
	}})
}

// role asks for temporary credentials through the transport of the storage, and again before they expire.
type role struct{ *credentials.IAM }

// RetrieveWithCredContext asks for credentials. Unavailable, with a sentence, if there are none.
func (r role) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	v, err := r.IAM.RetrieveWithCredContext(cc)
	if err == nil && (v.AccessKeyID == "" || v.SecretAccessKey == "") {
		err = &directory.Error{Code: directory.Unavailable, Message: "the answer has no key"}
	}
	if err != nil {
		return v, &directory.Error{
			Code: directory.Unavailable, Message: "there are no credentials of the role of this machine (archive.s3.credentials): " + outbound.Reason(err, "metadata service"), Err: err,
		}
	}
	return v, nil
}

// Retrieve is RetrieveWithCredContext.
func (r role) Retrieve() (credentials.Value, error) { return r.RetrieveWithCredContext(nil) }
