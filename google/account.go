package google

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
)

// Account is the key of a service account, as in the file from Google's console. It has no String: its key must not be printed.
type Account struct {
	Type         string `json:"type"`
	Project      string `json:"project_id"`
	KeyID        string `json:"private_key_id"`
	PrivateKey   string `json:"private_key"`
	Email        string `json:"client_email"`
	ClientID     string `json:"client_id"` // the number to paste under domain-wide delegation
	TokenAddress string `json:"token_uri"` // not used: the Endpoint decides who is contacted
}

// String names the account without its key.
func (a Account) String() string { return a.Email + " (key " + a.KeyID + ")" }

// GoString names the account without its key.
func (a Account) GoString() string { return a.String() }

const (
	makeKey = `make one in Google Cloud console > IAM & Admin > Service Accounts > (the account) > Keys > Add key > Create new key > JSON`
	// smallestKey is the size of the keys that Google makes.
	smallestKey = 2048
)

// ParseAccount reads the JSON file of a service account's key. The error is of kind BadKey and shows nothing of the file.
func ParseAccount(text []byte) (Account, error) {
	bad := func(message string) (Account, error) {
		return Account{}, &Error{Kind: BadKey, Message: message + ": " + makeKey}
	}
	var a Account
	if err := json.Unmarshal(text, &a); err != nil {
		return bad("the file is not the JSON key of a service account")
	}
	switch {
	case a.Type == "authorized_user":
		return bad("the file is the sign-in of a person (gcloud), not the key of a service account")
	case a.Type == "external_account":
		return bad("the file is a workload identity configuration, not the key of a service account")
	case a.Type != "service_account":
		return bad("the file is not the key of a service account: its type is missing or another one")
	case a.Email == "" || a.PrivateKey == "" || a.Project == "":
		return bad("the key lacks client_email, private_key or project_id")
	}
	key, err := parseKey(a.PrivateKey)
	if err != nil {
		return bad("the private_key in the file cannot be read")
	}
	if key.N.BitLen() < smallestKey {
		return bad("the private_key in the file is shorter than those that Google makes")
	}
	return a, nil
}

func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil {
		return nil, x509.ErrUnsupportedAlgorithm
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, x509.ErrUnsupportedAlgorithm
	}
	return key, nil
}
