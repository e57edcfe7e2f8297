package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
)

// longestReason is how many bytes of an answer of the storage are shown.
const longestReason = 256

// code is the code of an error that the storage answered; "" if it answered none.
func code(err error) string {
	var answered minio.ErrorResponse
	if errors.As(err, &answered) {
		return answered.Code
	}
	return ""
}

// failed says what is wrong with the storage. Neither the key nor a signature is in it.
func (b *Bucket) failed(ctx context.Context, what string, err error) error {
	return &directory.Error{Code: directory.Unavailable, Rule: "E6", Message: fmt.Sprintf("the archive (%s) cannot be %s: %s", b, what, b.reason(ctx, err)), Err: err}
}

func (b *Bucket) reason(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "the storage did not answer in time"
	}
	var answered minio.ErrorResponse
	switch {
	case errors.As(err, &answered) && answered.StatusCode/100 == 3:
		return "the storage answered a redirect, which is not followed: the bucket is in another region, or the endpoint is another one (archive.s3.region, archive.s3.endpoint)"
	case answered.StatusCode == 507:
		return "it is full"
	case answered.Code == "" && strings.Contains(err.Error(), "Connection closed by foreign host"): // minio-go has no type for it
		return outbound.Reason(io.EOF, "storage")
	case answered.Code == "":
		return outbound.Reason(err, "storage")
	}
	switch answered.Code {
	case "NoSuchBucket":
		return "the storage has no bucket " + b.cfg.Bucket
	case "InvalidAccessKeyId":
		return "the storage does not know the access key (archive.s3.access_key)"
	case "SignatureDoesNotMatch":
		return "the secret key is wrong (archive.s3.secret_key)"
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return "the access key has no right to do that; it needs to list the bucket, and to read and write objects"
	case "ExpiredToken", "InvalidToken":
		return "the temporary credentials have expired, or are not those of this storage (archive.s3.credentials)"
	case "RequestTimeTooSkewed":
		return "the clock of this server and that of the storage differ by too much"
	case "AuthorizationHeaderMalformed", "InvalidRegion":
		return "the bucket is in another region (archive.s3.region, archive.s3.endpoint)"
	case "InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "StorageFull":
		return "it is full"
	case "BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "IncompleteBody":
		return "the storage received other bytes than were sent"
	case "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling":
		return "the storage asks to try again later (" + answered.Code + ")"
	case "MethodNotAllowed", "InvalidObjectState", "ObjectLocked":
		return "it is read-only"
	}
	return directory.Truncate(outbound.Plain(fmt.Appendf(nil, "the storage answered %d %s: %s", answered.StatusCode, answered.Code, answered.Message)), longestReason)
}
