package server

import (
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

// checkMedia reports what is wrong with the media type of a request that has a body: 415 for anything but JSON.
func checkMedia(h http.Header, q *scim.Quirks) error {
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return scim.Plain(http.StatusUnsupportedMediaType, "send the body without Content-Encoding")
	}
	text := h.Get("Content-Type")
	switch text {
	case mediaSCIM, mediaJSON, "application/scim+json; charset=utf-8", "application/json; charset=utf-8":
		return nil
	case "":
		q.Add(quirkContentType)
		return nil
	}
	media, parameters, err := mime.ParseMediaType(text)
	if charset, given := parameters["charset"]; err != nil || (media != mediaSCIM && media != mediaJSON) || (given && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8")) {
		return scim.Plain(http.StatusUnsupportedMediaType, "send application/scim+json or application/json in UTF-8")
	}
	return nil
}

// answerMedia is the media type of the answer: application/json if the Accept header asks for that rather than for
// application/scim+json. A client that accepts neither gets SCIM all the same: it can read an answer that it did not wish for
// better than none.
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

// quality is the weight of a media type in an Accept header: of the most specific range that holds it (RFC 9110 §12.5.1).
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
