package operators

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"image/png"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp/totp"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// Enrolment is a second factor that was shown and not yet confirmed by a code.
type Enrolment struct {
	Secret string // base32, to type in by hand
	URI    string // otpauth://…
	PNG    []byte // the URI as a QR code
	Text   string // the same for a terminal
}

const (
	totpStep      = 30 // seconds
	totpSkew      = 1  // steps that a clock may be wrong
	factorBytes   = 20
	recoveryCodes = 10
	recoveryBytes = 10
)

// BeginFactor shows the signed-in operator a new second factor. It takes effect when ConfirmFactor gets a code of it. Conflict if there is
// one already.
func (s *Service) BeginFactor(ctx context.Context, p directory.Principal, issuer string) (Enrolment, error) {
	p, id, err := ownAccount(p)
	if err != nil {
		return Enrolment{}, err
	}
	raw := make([]byte, factorBytes)
	if err := credential.Fill(s.random, raw); err != nil {
		return Enrolment{}, err
	}
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	var email string
	err = s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		if o.Enrolled() {
			return &directory.Error{Code: directory.Conflict, Field: "mfa", Rule: "O6", Message: "there is a second factor already: remove it first"}
		}
		email = o.Email
		o.Factor = &directory.Factor{Secret: secret}
		return t.putOperator(o, directory.ActionOperatorMFABegin)
	})
	if err != nil {
		return Enrolment{}, err
	}
	return enrolment(issuer, email, secret)
}

func enrolment(issuer, email, secret string) (Enrolment, error) {
	uri := "otpauth://totp/" + url.PathEscape(issuer+":"+email) + "?secret=" + secret + "&issuer=" + url.QueryEscape(issuer) +
		"&algorithm=SHA1&digits=6&period=" + strconv.Itoa(totpStep)
	failed := func(err error) error {
		return &directory.Error{Code: directory.Internal, Message: "the QR code could not be drawn", Err: err}
	}
	code, err := qr.Encode(uri, qr.M, qr.Auto)
	if err != nil {
		return Enrolment{}, failed(err)
	}
	const quiet = 4
	var text strings.Builder
	side := code.Bounds().Dx()
	dark := func(x, y int) bool {
		if x < 0 || y < 0 || x >= side || y >= side {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r < 0x8000
	}
	for y := -quiet; y < side+quiet; y += 2 { // two rows in one line; light is drawn, so that it works on a dark terminal
		for x := -quiet; x < side+quiet; x++ {
			switch upper, lower := dark(x, y), dark(x, y+1); {
			case upper && lower:
				text.WriteRune(' ')
			case upper:
				text.WriteRune('▄')
			case lower:
				text.WriteRune('▀')
			default:
				text.WriteRune('█')
			}
		}
		text.WriteByte('\n')
	}
	big, err := barcode.Scale(code, side*6, side*6)
	if err != nil {
		return Enrolment{}, failed(err)
	}
	var image bytes.Buffer
	if err := png.Encode(&image, big); err != nil {
		return Enrolment{}, failed(err)
	}
	return Enrolment{Secret: secret, URI: uri, PNG: image.Bytes(), Text: text.String()}, nil
}

// ConfirmFactor ends an enrolment with a code of the new factor, and gives the recovery codes, which are shown once.
func (s *Service) ConfirmFactor(ctx context.Context, p directory.Principal, code string, from credential.Client) ([]string, error) {
	codes, hashes, err := s.recovery()
	if err != nil {
		return nil, err
	}
	return codes, s.changeFactor(ctx, p, from, directory.ActionOperatorMFAEnrol, func(t tx, o *directory.Operator) error {
		if o.Enrolled() || o.Factor == nil {
			return &directory.Error{Code: directory.Conflict, Field: "mfa", Rule: "O6", Message: "no second factor waits to be confirmed: begin an enrolment first"}
		}
		step, ok := acceptCode(o.Factor, code, t.Now)
		if !ok {
			return wrongCode()
		}
		o.Factor = &directory.Factor{Secret: o.Factor.Secret, Confirmed: t.Now, Step: step, Recovery: hashes}
		return nil
	})
}

// NewRecoveryCodes replaces all recovery codes. It requires a code of the factor.
func (s *Service) NewRecoveryCodes(ctx context.Context, p directory.Principal, code string, from credential.Client) ([]string, error) {
	codes, hashes, err := s.recovery()
	if err != nil {
		return nil, err
	}
	return codes, s.changeFactor(ctx, p, from, directory.ActionOperatorRecoveryCodes, func(t tx, o *directory.Operator) error {
		if err := t.useCode(o, code); err != nil {
			return err
		}
		o.Factor.Recovery = hashes
		return nil
	})
}

// RemoveFactor removes the caller's own second factor. It requires a code. If a factor is required, the caller can then only enrol a new
// one (O6).
func (s *Service) RemoveFactor(ctx context.Context, p directory.Principal, code string, from credential.Client) error {
	return s.changeFactor(ctx, p, from, directory.ActionOperatorMFARemove, func(t tx, o *directory.Operator) error {
		if err := t.useCode(o, code); err != nil {
			return err
		}
		o.Factor = nil
		return nil
	})
}

func (s *Service) changeFactor(ctx context.Context, p directory.Principal, from credential.Client, action directory.Action, change func(tx, *directory.Operator) error) error {
	p, id, err := ownAccount(p)
	if err != nil {
		return err
	}
	attempt := credential.Attempt{For: codeAttempt, Account: id.String(), Address: from.Address}
	if err := s.throttle.Admit(ctx, s.instant(), attempt); err != nil {
		return err
	}
	err = s.write(ctx, p, func(t tx) error {
		o, err := t.operator(id)
		if err != nil {
			return err
		}
		if err := change(t, &o); err != nil {
			return err
		}
		return t.putOperator(o, action)
	})
	if directory.CodeOf(err) == directory.Unauthorized {
		if failed := s.failedCode(ctx, p, action); failed != nil {
			return failed
		}
	}
	if directory.CodeOf(err) != directory.Unauthorized { // nothing was guessed wrong
		s.throttle.Succeeded(ctx, s.instant(), attempt)
	}
	return err
}

// failedCode records that an operator gave a wrong code of their second factor. The throttle bounds how often that happens.
func (s *Service) failedCode(ctx context.Context, p directory.Principal, action directory.Action) error {
	return s.write(ctx, p, func(t tx) error {
		line := t.Line(action, directory.Subject{Kind: "operator", ID: p.Actor.ID, Name: p.Actor.Name})
		line.Outcome, line.Rule, line.Reason = directory.WasDenied, "O6", "the code was wrong"
		t.Audit(line)
		return nil
	})
}

// useCode accepts a code of the factor, or a recovery code; neither works a second time.
func (t tx) useCode(o *directory.Operator, code string) error {
	if !o.Enrolled() {
		return &directory.Error{Code: directory.Conflict, Field: "mfa", Rule: "O6", Message: "there is no second factor"}
	}
	f := *o.Factor
	f.Recovery = slices.Clone(f.Recovery)
	if step, ok := acceptCode(&f, code, t.Now); ok {
		f.Step = step
		o.Factor = &f
		return nil
	}
	hash := sha256.Sum256([]byte(plainCode(code)))
	for i := range f.Recovery {
		if subtle.ConstantTimeCompare(hash[:], f.Recovery[i][:]) == 1 {
			f.Recovery = slices.Delete(f.Recovery, i, i+1)
			o.Factor = &f
			return nil
		}
	}
	return wrongCode()
}

func wrongCode() error {
	return &directory.Error{Code: directory.Unauthorized, Field: "code", Rule: "O6", Message: "the code is wrong, too old, or was used already: wait for the next one"}
}

// acceptCode gives the time step of a code if it is a step that was not accepted before (RFC 6238 §5.2).
func acceptCode(f *directory.Factor, code string, now time.Time) (int64, bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	found, ok := int64(0), false
	current := now.Unix() / totpStep
	last := f.Step
	if last > current+totpSkew { // accepted while the clock was ahead: no code would be new until that time comes
		last = 0
	}
	for step := current - totpSkew; step <= current+totpSkew; step++ {
		want, err := totp.GenerateCode(f.Secret, time.Unix(step*totpStep, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found, ok = step, true
		}
	}
	return found, ok
}

// recovery makes recovery codes and their hashes.
func (s *Service) recovery() (codes []string, hashes [][32]byte, err error) {
	for range recoveryCodes {
		raw := make([]byte, recoveryBytes)
		if err := credential.Fill(s.random, raw); err != nil {
			return nil, nil, err
		}
		text := strings.ToLower(base32.StdEncoding.EncodeToString(raw)) // 16 characters
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, sha256.Sum256([]byte(text)))
	}
	return codes, hashes, nil
}

func plainCode(code string) string {
	return strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))
}

// FactorRule says whether every operator needs a second factor (O6).
type FactorRule uint8

// The values of FactorRule.
const (
	FactorOptional FactorRule = iota // as each operator's own setting says
	FactorRequired
)

// RequireMFA requires a second factor of every operator, present and future, or ends that requirement (O6). When it ends, the requirement
// of each present operator stays until an operator removes it. Stale, Forbidden for a caller whose scope is not all tenants (O10).
func (s *Service) RequireMFA(ctx context.Context, p directory.Principal, pre directory.Precondition, rule FactorRule) (directory.ProviderSettings, error) {
	p, err := txn.ForOperator(p, directory.Provider)
	if err != nil {
		return directory.ProviderSettings{}, err
	}
	required := rule == FactorRequired
	var out directory.ProviderSettings
	err = s.write(ctx, p, func(t tx) error {
		before, err := t.Reader.ProviderSettings()
		if err != nil {
			return err
		}
		if err := pre.Check(before.Version); err != nil {
			return err
		}
		subject := directory.Subject{Kind: "provider", ID: "settings"}
		if err := t.Refuse(policy.RequireOfAll(t.Principal.Access), directory.ActionProviderRequireMFA, subject); err != nil {
			return err
		}
		out = before
		if before.RequireMFA == required {
			return nil
		}
		out.Version, out.RequireMFA = before.Version+1, required
		t.Change.Provider = &out
		all, err := t.Reader.Operators()
		if err != nil {
			return err
		}
		for i := range all {
			if o := all[i]; required && !policy.NeedsFactor(&o, before) {
				o.MFARequired = true
				o.Version, o.Modified = o.Version+1, txn.Later(t.Now, o.Modified)
				t.Change.Operators = append(t.Change.Operators, o)
			}
		}
		line := t.Line(directory.ActionProviderRequireMFA, subject)
		line.Before = txn.Document(directory.Attributes{{Name: "require_mfa", Value: before.RequireMFA}})
		line.After = txn.Document(directory.Attributes{{Name: "require_mfa", Value: required}})
		t.Audit(line)
		t.Event(directory.ProviderUpdated, subject, directory.Attributes{{Name: "require_mfa", Value: required}})
		return nil
	})
	return out, err
}
