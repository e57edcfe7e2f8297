package operators

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

// The cost of a password (argon2id): time, memory in KiB, lanes. Every stored string has it, so that it can be
// raised without invalidating any password.
const (
	argonTime    = 2
	argonMemory  = 19 << 10
	argonThreads = 1
	argonKey     = 32
	argonSalt    = 16
	// mostHashes is how many passwords of unknown clients are hashed at once: each needs argonMemory. One processor is left for other work.
	mostHashes  = 3
	hashesLined = 256 // hashes that wait for their turn
	hashWait    = 10 * time.Second
)

// passwords hashes and compares. The zero value is not ready: see newPasswords. Passwords of unknown clients wait in a queue for each
// network, and the queues are served in turn. Operators who come from a known network do not wait for them.
type passwords struct {
	random    io.Reader
	known     *limit.Gate[string]
	strangers *limit.Gate[string]
	dummy     func() string
}

// hasher says in which line a password waits.
type hasher struct {
	known   bool   // the operator is known: signed in, has a link, or comes from a known network
	network string // else: of the client
}

func newPasswords(random io.Reader) *passwords {
	p := &passwords{
		random:    random,
		known:     limit.NewGate[string](limit.GateBounds{All: 1, Each: 1, Waiting: hashesLined}),
		strangers: limit.NewGate[string](limit.GateBounds{All: min(max(1, runtime.GOMAXPROCS(0)-1), mostHashes), Each: 1, Waiting: hashesLined}),
	}
	// A hash that no password matches, for unknown accounts: comparing costs the same work.
	p.dummy = sync.OnceValue(func() string {
		return phc(make([]byte, argonSalt), argon2.IDKey([]byte("nobody"), make([]byte, argonSalt), argonTime, argonMemory, argonThreads, argonKey), argonTime, argonMemory, argonThreads)
	})
	return p
}

// work waits until it may hash. The error is Unavailable when ctx ends first, or too many wait.
func (p *passwords) work(ctx context.Context, who hasher, do func()) error {
	gate := p.strangers
	if who.known {
		gate, who.network = p.known, ""
	}
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	if err := gate.Enter(ctx, who.network); err != nil {
		return &directory.Error{Code: directory.Unavailable, RetryAfter: time.Second, Message: "too many people sign in at once: try again in a moment", Err: err}
	}
	defer gate.Leave(who.network)
	do()
	return nil
}

// hash makes the PHC string of the password of a known operator.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	if err := credential.Fill(p.random, salt); err != nil {
		return "", err
	}
	var text string
	err := p.work(ctx, hasher{known: true}, func() {
		text = phc(salt, argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey), argonTime, argonMemory, argonThreads)
	})
	return text, err
}

// same compares a password with a PHC string. With "" it takes as long and answers false.
func (p *passwords) same(ctx context.Context, who hasher, stored, password string) (bool, error) {
	exists := stored != ""
	if !exists {
		stored = p.dummy()
	}
	salt, key, passes, memory, threads, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	var ok bool
	err = p.work(ctx, who, func() {
		got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(key)))
		ok = subtle.ConstantTimeCompare(got, key) == 1
	})
	return ok && exists, err
}

func phc(salt, key []byte, passes, memory uint32, threads uint8) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func parsePHC(text string) (salt, key []byte, passes, memory uint32, threads uint8, err error) {
	damaged := &directory.Error{Code: directory.Internal, Message: "a stored password is damaged: reset it"}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return nil, nil, 0, 0, 0, damaged
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return nil, nil, 0, 0, 0, damaged
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil || memory > 1<<20 || passes == 0 || passes > 16 || threads == 0 {
		return nil, nil, 0, 0, 0, damaged
	}
	b64 := base64.RawStdEncoding
	salt, errSalt := b64.DecodeString(parts[4])
	key, errKey := b64.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(key) < 16 {
		return nil, nil, 0, 0, 0, damaged
	}
	return salt, key, passes, memory, threads, nil
}

// The minimum and maximum length of a password, in characters. There is no rule about kinds of characters, because length is what helps.
const (
	leastPassword = 12
	mostPassword  = 200
)

// checkPassword refuses passwords that are too short, too long, or the account's own address.
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

// ownPassword asks an operator who has signed in for the password again. The attempt counts as a sign-in; the caller says whether it
// succeeded.
func (s *Service) ownPassword(ctx context.Context, p directory.Principal, id directory.ID, password string, from credential.Client) (o directory.Operator, attempt credential.Attempt, err error) {
	if err := s.read(ctx, p, func(r store.Reader) (err error) { o, err = findOperator(r, id); return err }); err != nil {
		return o, attempt, err
	}
	attempt = s.attempt(&o, directory.Fold(o.Email), from)
	if err := s.throttle.Admit(ctx, s.instant(), attempt); err != nil {
		return o, attempt, err
	}
	ok, err := s.passwords.same(ctx, hasher{known: true}, o.Password, password)
	if err == nil && !ok {
		err = s.failedSignIn(ctx, &o, from)
	}
	return o, attempt, err
}

// ChangePassword sets the caller's own password, which requires the present one; all other sessions end. Unauthorized, Invalid,
// Throttled.
func (s *Service) ChangePassword(ctx context.Context, p directory.Principal, present, wanted string, from credential.Client) error {
	p, id, err := ownAccount(p)
	if err != nil {
		return err
	}
	o, attempt, err := s.ownPassword(ctx, p, id, present, from)
	if err != nil {
		return err
	}
	s.throttle.Succeeded(ctx, s.instant(), attempt)
	if err := checkPassword(wanted, o.Email); err != nil {
		return err
	}
	stored, err := s.passwords.hash(ctx, wanted)
	if err != nil {
		return err
	}
	seen := o.Password
	return s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		if o.Password != seen {
			return wrongSignIn()
		}
		keep, _ := directory.ParseID(string(p.Token))
		if err := t.endSessions(id, keep); err != nil {
			return err
		}
		o.Password, o.PasswordSet = stored, t.Now
		return t.putOperator(o, directory.ActionOperatorPassword)
	})
}
