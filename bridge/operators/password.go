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

// HashCost is what hashing a password costs (argon2id). Every stored hash has its cost in it, so a higher cost invalidates no password.
type HashCost struct {
	Time    uint32
	Memory  uint32 // KiB
	Threads uint8
}

// defaultCost is the cost of the hashes of a server.
func defaultCost() HashCost { return HashCost{Time: 2, Memory: 19 << 10, Threads: 1} }

const (
	argonKey  = 32
	argonSalt = 16
	// mostHashes is how many passwords of unknown clients are hashed at once: each needs the memory of HashCost. One processor is left for other work.
	mostHashes  = 3
	hashesLined = 256 // hashes that wait for their turn
	hashWait    = 10 * time.Second
)

// passwords hashes and compares. The zero value is not ready: see newPasswords. Passwords of unknown clients wait in a queue for each
// network, and the queues are served in turn. Operators who come from a known network do not wait for them.
type passwords struct {
	cost      HashCost
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

func newPasswords(random io.Reader, cost HashCost) *passwords {
	if cost == (HashCost{}) {
		cost = defaultCost()
	}
	p := &passwords{
		cost:      cost,
		random:    random,
		known:     limit.NewGate[string](limit.GateBounds{All: 1, Each: 1, Waiting: hashesLined}),
		strangers: limit.NewGate[string](limit.GateBounds{All: min(max(1, runtime.GOMAXPROCS(0)-1), mostHashes), Each: 1, Waiting: hashesLined}),
	}
	// A hash that no password matches, for unknown accounts: comparing costs the same work.
	p.dummy = sync.OnceValue(func() string {
		return cost.hash("no operator has it", make([]byte, argonSalt))
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
		text = p.cost.hash(password, salt)
	})
	return text, err
}

// same compares a password with a PHC string. With "" it takes as long and answers false.
func (p *passwords) same(ctx context.Context, who hasher, stored, password string) (bool, error) {
	exists := stored != ""
	if !exists {
		stored = p.dummy()
	}
	cost, salt, key, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	var ok bool
	err = p.work(ctx, who, func() {
		got := cost.key(password, salt, uint32(len(key)))
		ok = subtle.ConstantTimeCompare(got, key) == 1
	})
	return ok && exists, err
}

// key derives a key of a password.
func (c HashCost) key(password string, salt []byte, length uint32) []byte {
	return argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, length)
}

// hash makes the PHC string of a password.
func (c HashCost) hash(password string, salt []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads, b64.EncodeToString(salt), b64.EncodeToString(c.key(password, salt, argonKey)))
}

// parsePHC reads a PHC string.
func parsePHC(text string) (cost HashCost, salt, key []byte, err error) {
	damaged := &directory.Error{Code: directory.Internal, Message: "a stored password is damaged: reset it"}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return cost, nil, nil, damaged
	}
	var version int
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return cost, nil, nil, damaged
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Time, &cost.Threads); err != nil || cost.Memory > 1<<20 || cost.Time == 0 || cost.Time > 16 || cost.Threads == 0 {
		return cost, nil, nil, damaged
	}
	b64 := base64.RawStdEncoding
	salt, errSalt := b64.DecodeString(parts[4])
	key, errKey := b64.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(key) < 16 {
		return cost, nil, nil, damaged
	}
	return cost, salt, key, nil
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
	if directory.CodeOf(err) == directory.Unauthorized {
		return &directory.Error{Code: directory.Unauthorized, Field: "present", Rule: "O9", Message: "the present password is wrong"}
	}
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
