package emulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Examination plays the whole conversation of an identity provider once.
type Examination struct {
	IdP    IdP
	Secret Secret
	Cast   Cast
	Keep   bool         // nothing is removed at the end, because the server drops the copy
	Show   func(Result) // called after each step
}

// Run plays the conversation. It reports steps by Show; the error says why it stopped.
func (e *Examination) Run(ctx context.Context, s *Session) error {
	if r, asked := s.SignIn(ctx, e.IdP, e.Secret); asked {
		if e.Show(r); !r.OK() {
			return errors.New("the token endpoint gives no access token; nothing else was tried")
		}
	}
	for i, step := range Conversation(e.IdP, e.Cast) {
		if ctx.Err() != nil {
			break
		}
		r := s.Play(ctx, step)
		e.Show(r)
		switch {
		case r.RoundTrip.Status == 0 && step.Phase == "connection test":
			return fmt.Errorf("%s does not answer; nothing else was tried", s.Client.Base)
		case r.RoundTrip.Status == http.StatusUnauthorized && i == 0:
			return errors.New("the credential is refused; nothing else was tried")
		}
	}
	if e.Keep {
		return nil
	}
	// The records that the examination made are removed, also after Ctrl-C.
	for _, step := range Cleanup(e.Cast, s.Vars) {
		e.Show(s.Play(context.WithoutCancel(ctx), step))
	}
	return nil
}
