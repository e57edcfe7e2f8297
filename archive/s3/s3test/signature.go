package s3test

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // the protocol asks for it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// skew is how far the time of a request may be off.
const skew = 15 * time.Minute

// verify checks signature, time and checksums of a request. code is "" if all fit.
func (s *Storage) verify(r *http.Request, body []byte) (status int, code string) {
	fields, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return http.StatusForbidden, "AccessDenied"
	}
	given := map[string]string{}
	for part := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		given[name] = value
	}
	scope := strings.Split(given["Credential"], "/")
	if len(scope) != 5 || scope[3] != "s3" || scope[4] != "aws4_request" {
		return http.StatusBadRequest, "AuthorizationHeaderMalformed"
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	switch {
	case err != nil || at.Format("20060102") != scope[1]:
		return http.StatusForbidden, "AccessDenied"
	case scope[0] != s.AccessKey:
		return http.StatusForbidden, "InvalidAccessKeyId"
	case r.Header.Get("X-Amz-Security-Token") != s.SessionToken:
		return http.StatusForbidden, "InvalidToken"
	case scope[2] != s.Region:
		return http.StatusBadRequest, "AuthorizationHeaderMalformed"
	case s.Now().Sub(at).Abs() > skew:
		return http.StatusForbidden, "RequestTimeTooSkewed"
	}
	key := []byte("AWS4" + s.SecretKey)
	for _, part := range scope[1:] {
		key = mac(key, part)
	}
	sum := sha256.Sum256([]byte(canonical(r, given["SignedHeaders"])))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), hex.EncodeToString(sum[:])}, "\n")
	if hex.EncodeToString(mac(key, text)) != given["Signature"] {
		return http.StatusForbidden, "SignatureDoesNotMatch"
	}
	return checksums(r, body)
}

func checksums(r *http.Request, body []byte) (status int, code string) {
	strong := sha256.Sum256(body)
	if said := r.Header.Get("X-Amz-Content-Sha256"); said != hex.EncodeToString(strong[:]) && (said != "UNSIGNED-PAYLOAD" || len(body) > 0) {
		return http.StatusBadRequest, "XAmzContentSHA256Mismatch"
	}
	weak := md5.Sum(body) //nolint:gosec // as above
	if said := r.Header.Get("Content-Md5"); said != "" && said != base64.StdEncoding.EncodeToString(weak[:]) {
		return http.StatusBadRequest, "BadDigest"
	}
	return 0, ""
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonical is the request in the form that is signed.
func canonical(r *http.Request, signed string) string {
	var query []string
	for name, values := range r.URL.Query() {
		for _, value := range values {
			query = append(query, escape(name)+"="+escape(value))
		}
	}
	slices.Sort(query)
	var headers strings.Builder
	for name := range strings.SplitSeq(signed, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	return strings.Join([]string{
		r.Method, strings.ReplaceAll(escape(r.URL.Path), "%2F", "/"), strings.Join(query, "&"), headers.String(), signed, r.Header.Get("X-Amz-Content-Sha256"),
	}, "\n")
}

// escape writes everything but letters, digits and -_.~ in percent.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
