package credential

import (
	"crypto/sha256"
	"encoding/base64"
	"io"

	"drawbridge/directory"
)

// Mark is the prefix of a secret, so that people and scanners recognise it.
type Mark string

// The values of Mark.
const (
	ConnectionMark  Mark = "dbr_"
	LinkMark        Mark = "dbl_"
	SessionMark     Mark = "dbs_"
	APIKeyMark      Mark = "dbk_"
	ApplicationMark Mark = "dba_"
)

const (
	secretBytes  = 32
	prefixLength = 4
)

// Secret is a credential in plain text. It is shown once and not stored.
type Secret struct {
	Token directory.Token // without its hash
	Text  string
	Note  string // a sentence for the operator about the older credential; "" if there is none
}

// Shown is the secret without its hash, as it may leave the bridge.
func (s Secret) Shown() Secret {
	s.Token.Hash = [32]byte{}
	return s
}

// Text is a new secret and what is kept of it.
type Text struct {
	Text   string
	Hash   [32]byte
	Prefix string // the first characters of the random part, by which people tell secrets apart
}

// New makes a secret of 256 bits from random.
func New(random io.Reader, mark Mark) (Text, error) {
	var raw [secretBytes]byte
	if err := Fill(random, raw[:]); err != nil {
		return Text{}, err
	}
	bits := base64.RawURLEncoding.EncodeToString(raw[:])
	text := string(mark) + bits
	return Text{Text: text, Hash: sha256.Sum256([]byte(text)), Prefix: bits[:prefixLength]}, nil
}

// NewToken gives token the id and a new secret.
func NewToken(random io.Reader, mark Mark, id directory.ID, token directory.Token) (Secret, error) {
	made, err := New(random, mark)
	if err != nil {
		return Secret{}, err
	}
	token.ID, token.Hash, token.Prefix = directory.TokenID(id.String()), made.Hash, made.Prefix
	return Secret{Text: made.Text, Token: token}, nil
}

// Key makes a key of 256 bits from random.
func Key(random io.Reader) ([]byte, error) {
	key := make([]byte, secretBytes)
	return key, Fill(random, key)
}

// Fill fills b from random. The error is Unavailable.
func Fill(random io.Reader, b []byte) error {
	if _, err := io.ReadFull(random, b); err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: "no random numbers are to be had", Err: err}
	}
	return nil
}
