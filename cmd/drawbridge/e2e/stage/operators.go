package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// password is the password of all operators. It guards made-up companies.
const password = "correct horse battery staple"

// recruit is an operator to be.
type recruit struct {
	first, last, role string
	scope             object
	factor            bool // enrols a second factor
}

// hire adds an operator who registers at once.
func (s *stage) hire(ctx context.Context, who recruit) (id string, err error) {
	email := strings.ToLower(who.first) + "@msp.example"
	in := object{"first_name": who.first, "last_name": who.last, "email": email, "role": who.role, "show_link": true}
	for name, value := range who.scope {
		in[name] = value
	}
	made, err := s.do(ctx, http.MethodPost, "/operators", in)
	if err != nil {
		return "", err
	}
	operator, _ := made["operator"].(object)
	id = text(operator, "id")
	if _, err := s.do(ctx, http.MethodPost, "/links/"+text(made, "secret"), object{"password": password}); err != nil {
		return "", err
	}
	p := player{Email: email, Password: password, Role: who.role, Name: who.first + " " + who.last}
	if who.factor {
		if p.Secret, err = s.enrol(ctx, email); err != nil {
			return "", err
		}
	}
	s.cast = append(s.cast, p)
	return id, nil
}

// enrol gives an operator a second factor, and gives its secret.
func (s *stage) enrol(ctx context.Context, email string) (string, error) {
	session, err := s.signIn(ctx, email, "")
	if err != nil {
		return "", err
	}
	begun, _, err := s.as(ctx, session, http.MethodPost, "/me/mfa", nil)
	if err != nil {
		return "", err
	}
	secret := text(begun, "secret")
	digits, err := code(secret, s.clock.now())
	if err != nil {
		return "", err
	}
	_, _, err = s.as(ctx, session, http.MethodPost, "/me/mfa/confirm", object{"code": digits})
	return secret, err
}

// signIn opens a session over the network, and gives its secret.
func (s *stage) signIn(ctx context.Context, email, digits string) (string, error) {
	in := object{"email": email, "password": password}
	if digits != "" {
		in["code"] = digits
	}
	_, cookies, err := s.as(ctx, "", http.MethodPost, "/session", in)
	if err != nil {
		return "", err
	}
	for _, c := range cookies {
		if strings.HasSuffix(c.Name, "drawbridge_session") {
			return c.Value, nil
		}
	}
	return "", fmt.Errorf("%s got no session", email)
}

// code is what an authenticator app shows at a time.
func code(secret string, at time.Time) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(secret, "="))
	if err != nil {
		return "", err
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/30))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1000000), nil
}
