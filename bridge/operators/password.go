package operators

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"drawbridge/bridge/credential"
	"drawbridge/directory"
)

// The cost of a password (argon2id): time, memory in KiB, lanes. It stands in every stored string, so that it can be
// raised without anybody's password being lost.
const (
	argonTime    = 2
	argonMemory  = 19 << 10
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
	// hashesAtOnce bounds how much memory signing in can take: each hash needs argonMemory.
	hashesAtOnce = 4
)

// passwords hashes and compares. The zero value is not ready: see newPasswords.
type passwords struct {
	random io.Reader
	slots  chan struct{}
	dummy  func() string
}

func newPasswords(random io.Reader) *passwords {
	p := &passwords{random: random, slots: make(chan struct{}, hashesAtOnce)}
	// What is compared when there is no such account: the same work, and never right.
	p.dummy = sync.OnceValue(func() string {
		return phc(make([]byte, argonSalt), argon2.IDKey([]byte("nobody"), make([]byte, argonSalt), argonTime, argonMemory, argonThreads, argonKey), argonTime, argonMemory, argonThreads)
	})
	return p
}

// work waits for a slot. The error is Unavailable when ctx ends first.
func (p *passwords) work(ctx context.Context, do func()) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return &directory.Error{Code: directory.Unavailable, Message: "too many people sign in at once: try again in a moment", Err: ctx.Err()}
	}
	defer func() { <-p.slots }()
	do()
	return nil
}

// hash makes the PHC string of a password.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	if err := credential.Fill(p.random, salt); err != nil {
		return "", err
	}
	var text string
	err := p.work(ctx, func() {
		text = phc(salt, argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey), argonTime, argonMemory, argonThreads)
	})
	return text, err
}

// same compares a password with a PHC string; with "" it works as long and answers no.
func (p *passwords) same(ctx context.Context, stored, password string) (bool, error) {
	known := stored != ""
	if !known {
		stored = p.dummy()
	}
	salt, key, time, memory, threads, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	var ok bool
	err = p.work(ctx, func() {
		got := argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(len(key)))
		ok = subtle.ConstantTimeCompare(got, key) == 1
	})
	return ok && known, err
}

func phc(salt, key []byte, time, memory uint32, threads uint8) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, time, threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func parsePHC(text string) (salt, key []byte, time, memory uint32, threads uint8, err error) {
	damaged := &directory.Error{Code: directory.Internal, Message: "a stored password is damaged: reset it"}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return nil, nil, 0, 0, 0, damaged
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return nil, nil, 0, 0, 0, damaged
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads); err != nil || memory > 1<<20 || time == 0 || time > 16 || threads == 0 {
		return nil, nil, 0, 0, 0, damaged
	}
	b64 := base64.RawStdEncoding
	salt, errSalt := b64.DecodeString(parts[4])
	key, errKey := b64.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(key) < 16 {
		return nil, nil, 0, 0, 0, damaged
	}
	return salt, key, time, memory, threads, nil
}

// The bounds of a password, in characters. There is no rule about kinds of characters: length is what helps.
const (
	leastPassword = 12
	mostPassword  = 200
)

// checkPassword refuses passwords that are too short, endless, or the account's own address.
func checkPassword(password, email string) error {
	wrong := func(message string) error {
		return &directory.Error{Code: directory.Invalid, Field: "password", Rule: "O9", Message: message}
	}
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return wrong("the password is no valid UTF-8")
	case n < leastPassword:
		return wrong(fmt.Sprintf("the password has at least %d characters; a sentence is a good one", leastPassword))
	case n > mostPassword:
		return wrong(fmt.Sprintf("the password has at most %d characters", mostPassword))
	case strings.EqualFold(password, email):
		return wrong("the password must not be the e-mail address")
	case strings.Count(password, password[:1]) == len(password):
		return wrong("the password must not be one character over and over")
	}
	return nil
}
