package server

import (
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"drawbridge/scim"
)

// The media types of SCIM (RFC 7644 §3.1, §8.1).
const (
	mediaSCIM = "application/scim+json"
	mediaJSON = "application/json"
)

// checkMedia reports what is wrong with the media type of a request that has a body: 415 for anything but JSON. JSON is UTF-8
// (RFC 8259 §8.1); a charset that has the same characters as ASCII is accepted as long as the body is ASCII, which checkCharset
// finds out: foreign is true then.
func checkMedia(h http.Header, q *scim.Quirks) (foreign bool, err error) {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return false, scim.Plain(http.StatusUnsupportedMediaType, "send the body without Content-Encoding")
	}
	text := h.Get("Content-Type")
	switch text {
	case mediaSCIM, mediaJSON, "application/scim+json; charset=utf-8", "application/json; charset=utf-8":
		return false, nil
	case "":
		q.Add(quirkContentType)
		return false, nil
	}
	media, parameters, err := mime.ParseMediaType(text)
	charset := strings.ToLower(strings.Trim(parameters["charset"], `'"`))
	if errors.Is(err, mime.ErrInvalidMediaParameter) { // the parameters of the media type are malformed
		charset, err = "ascii", nil
	}
	if err != nil || media != mediaSCIM && media != mediaJSON {
		return false, unsupportedMedia()
	}
	switch {
	case charset == "", charset == "utf-8", charset == "utf8":
		return false, nil
	case holdsASCII(charset):
		q.Add(quirkCharset)
		return true, nil
	}
	return false, unsupportedMedia()
}

func unsupportedMedia() error {
	return scim.Plain(http.StatusUnsupportedMediaType, "send application/scim+json or application/json in UTF-8")
}

// holdsASCII reports whether a charset writes the characters of ASCII as ASCII does.
func holdsASCII(charset string) bool {
	switch charset {
	case "ascii", "us-ascii", "latin1", "latin-1", "ansi":
		return true
	}
	for _, family := range [...]string{"iso-8859-", "iso8859-", "iso_8859-", "windows-125", "cp125"} {
		if strings.HasPrefix(charset, family) {
			return true
		}
	}
	return false
}

// checkCharset refuses a body in a foreign charset with characters outside ASCII, because their meaning is unknown.
func checkCharset(body []byte) error {
	for _, c := range body {
		if c >= 0x80 {
			return unsupportedMedia()
		}
	}
	return nil
}

// answerMedia is the media type of the answer: application/json if the Accept header asks for that rather than for application/scim+json. A
// client that accepts neither still gets SCIM: an unwanted answer is better than none.
func answerMedia(h http.Header) string {
	accept := h["Accept"]
	if len(accept) == 0 || (len(accept) == 1 && (accept[0] == "*/*" || accept[0] == mediaSCIM)) {
		return mediaSCIM
	}
	list := strings.Join(accept, ",")
	forJSON, namesJSON := quality(list, mediaJSON)
	forSCIM, namesSCIM := quality(list, mediaSCIM)
	if forJSON > forSCIM || (forJSON == forSCIM && forJSON > 0 && namesJSON && !namesSCIM) {
		return mediaJSON
	}
	return mediaSCIM
}

// quality is the weight of a media type in an Accept header: of the most specific range that contains it (RFC 9110 §12.5.1).
// named is true if that range is the type itself.
func quality(accept, media string) (weight float64, named bool) {
	best := -1
	for item := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		specific := -1
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case media:
			specific = 2
		case "application/*":
			specific = 1
		case "*/*":
			specific = 0
		}
		if specific <= best {
			continue
		}
		best, weight, named = specific, 1, specific == 2
		for parameter := range strings.SplitSeq(parameters, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
			if strings.EqualFold(key, "q") {
				if q, err := strconv.ParseFloat(value, 64); err == nil {
					weight = q
				}
			}
		}
	}
	return weight, named
}
