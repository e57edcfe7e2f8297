package siem

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"drawbridge/directory"
)

// SyslogConfig is what a Syslog needs. Address, Dial and MaxBytes are required.
type SyslogConfig struct {
	Address string // host and port
	// Dial connects to the address, if it may be dialled.
	Dial              func(ctx context.Context, address string) (net.Conn, error)
	CAFile            string // who signs the certificate of the receiver; "": those that the system trusts
	CertFile, KeyFile string // the certificate that the receiver wants to see; "": none
	Host              string // the name of this machine in the messages
	Version           string
	MaxBytes          int           // of one message
	Settle            time.Duration // 0: 30 seconds
	Timeout           time.Duration // of a connection and of a write; 0: 20 seconds
}

const (
	settleTime  = 30 * time.Second
	syslogTime  = 20 * time.Second
	socketBytes = 64 << 10 // of the buffer of the socket: what is in it is not sent yet
	chunkBytes  = 32 << 10 // of one write
)

// Syslog is a Sink that sends syslog messages (RFC 5424) over TLS (RFC 5425).
type Syslog struct {
	cfg  SyslogConfig
	conn *tls.Conn // nil: there is none

	mu    sync.Mutex
	ended error         // how the receiver ended conn; nil: it did not
	gone  chan struct{} // is closed then
}

// NewSyslog makes a Syslog, which connects with the first line.
func NewSyslog(cfg SyslogConfig) *Syslog {
	if cfg.Settle == 0 {
		cfg.Settle = settleTime
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = syslogTime
	}
	cfg.Host = header(cfg.Host, 255)
	return &Syslog{cfg: cfg}
}

// Settle is how long a connection must live on after a line. It is longer than the time after which an unacknowledged packet ends the
// connection.
func (s *Syslog) Settle() time.Duration { return s.cfg.Settle }

// Alive reports how the receiver ended the connection.
func (s *Syslog) Alive() error {
	if s.conn == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Send sends lines, over a new connection if there is none. It makes none in the place of one that the receiver has ended, because lines
// that were sent through that one may be lost.
func (s *Syslog) Send(ctx context.Context, lines []directory.Audit) error {
	if ended := s.Alive(); ended != nil {
		return ended
	}
	if s.conn == nil {
		if err := s.connect(ctx); err != nil {
			return err
		}
	}
	conn := s.conn
	defer context.AfterFunc(ctx, func() { _ = conn.SetWriteDeadline(time.Unix(1, 0)) })()
	var chunk bytes.Buffer
	for i := range lines {
		message, err := s.message(&lines[i])
		if err != nil {
			return err
		}
		chunk.WriteString(strconv.Itoa(len(message)))
		chunk.WriteByte(' ')
		chunk.Write(message)
		if chunk.Len() < chunkBytes && i+1 < len(lines) {
			continue
		}
		if err := s.write(ctx, chunk.Bytes()); err != nil {
			return err
		}
		chunk.Reset()
	}
	return nil
}

func (s *Syslog) write(ctx context.Context, b []byte) error {
	if err := s.conn.SetWriteDeadline(deadline(s.cfg.Timeout)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := s.conn.Write(b); err != nil {
		if ended := s.Alive(); ended != nil {
			return ended
		}
		return err
	}
	return nil
}

func (s *Syslog) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	config, err := s.tls()
	if err != nil {
		return err
	}
	plain, err := s.cfg.Dial(ctx, s.cfg.Address)
	if err != nil {
		return err
	}
	if tcp, ok := plain.(*net.TCPConn); ok {
		err = errors.Join(tcp.SetWriteBuffer(socketBytes), endUnacknowledged(tcp, s.cfg.Timeout))
	}
	conn := tls.Client(plain, config)
	if err == nil {
		err = conn.HandshakeContext(ctx)
	}
	if err != nil {
		_ = plain.Close() // the error is what matters
		return err
	}
	gone := make(chan struct{})
	s.mu.Lock()
	s.ended, s.gone = nil, gone
	s.mu.Unlock()
	s.conn = conn
	go s.listen(conn, gone)
	return nil
}

// tls reads the certificates again with each connection, because they are renewed.
func (s *Syslog) tls() (*tls.Config, error) {
	host, _, err := net.SplitHostPort(s.cfg.Address)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if s.cfg.CAFile != "" {
		text, err := os.ReadFile(s.cfg.CAFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New(s.cfg.CAFile + " has no certificate in PEM")
		}
	}
	if s.cfg.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(s.cfg.CertFile, s.cfg.KeyFile)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// listen notices that the receiver ends the connection. What a receiver sends means nothing (RFC 5425).
func (s *Syslog) listen(conn *tls.Conn, gone chan struct{}) {
	_, err := io.Copy(io.Discard, conn)
	if err == nil {
		err = io.EOF
	}
	s.mu.Lock()
	if s.gone == gone {
		s.ended = err
	}
	s.mu.Unlock()
	close(gone)
}

// closeTime is how long Close waits for the receiver to close its side.
const closeTime = 2 * time.Second

// Close ends the connection. If the receiver closes its side after ours, it has read everything.
func (s *Syslog) Close(ctx context.Context) error {
	if s.conn == nil {
		return nil
	}
	defer s.drop()
	if err := s.Alive(); err != nil {
		return err
	}
	_ = s.conn.SetWriteDeadline(deadline(closeTime)) // if it fails, so does the next
	if err := s.conn.CloseWrite(); err != nil {
		return err
	}
	wait := time.NewTimer(closeTime)
	defer wait.Stop()
	select {
	case <-s.gone:
	case <-wait.C:
		return errors.New("the receiver did not close the connection")
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.Alive(); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func (s *Syslog) drop() {
	_ = s.conn.Close() // nothing depends on it any more
	s.conn = nil
}

// deadline is the end of a time for an operation of the network, by the clock of the machine, which is what the network goes by.
func deadline(d time.Duration) time.Time {
	return time.Now().Add(d) //nolint:forbidigo // deadlines of connections are in real time
}

// The priorities of messages: the facility 13 (log audit) with the severity notice, or warning for what was refused.
const (
	facility = 13 * 8
	notice   = 5
	warning  = 4
)

// message makes the message of a line.
func (s *Syslog) message(a *directory.Audit) ([]byte, error) {
	severity := notice
	if a.Outcome != directory.Done {
		severity = warning
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%d>1 %s %s drawbridge - %s [origin software=\"drawbridge\" swVersion=\"%s\"] ",
		facility+severity, a.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), s.cfg.Host, header(string(a.Action), 32), header(s.cfg.Version, 32))
	text, err := body(a, s.cfg.MaxBytes-b.Len())
	b.Write(text)
	return b.Bytes(), err
}

// shortLine is a line without the parts that make it long.
type shortLine struct {
	*directory.Audit
	Before     directory.Document `json:"before,omitempty"`
	After      directory.Document `json:"after,omitempty"`
	Deviations []string           `json:"deviations,omitempty"`
	Truncated  bool               `json:"truncated"`
}

// body is a line as JSON. If it is longer than most bytes, the values before and after and the deviations are left out.
func body(a *directory.Audit, most int) ([]byte, error) {
	text, err := json.Marshal(a)
	if err == nil && len(text) > most {
		text, err = json.Marshal(shortLine{Audit: a, Truncated: true})
	}
	return text, err
}

// header makes a text fit for the header of a message: printable ASCII without spaces, quotes, backslashes and brackets.
func header(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`"\]`, r) {
			return '_'
		}
		return r
	}, text)
	if text == "" {
		return "-"
	}
	return text[:min(most, len(text))]
}

// reasonOf describes an error for operators.
func reasonOf(err error) string {
	var own *directory.Error
	var invalid x509.CertificateInvalidError
	var certificate *tls.CertificateVerificationError
	var alert *net.OpError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &own):
		return own.Message
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of the receiver has expired, or is not valid yet"
	case errors.As(err, &certificate):
		return "the certificate of the receiver is not valid for its name, or no authority that is trusted has signed it"
	case errors.As(err, &alert) && alert.Op == "remote error": // crypto/tls has no exported type for it
		return "the receiver refused the TLS connection: " + alert.Err.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the receiver refused the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the receiver ended the connection, and the last lines may not have reached it"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the receiver"
	case errors.As(err, &dns):
		return "the name of the receiver cannot be resolved"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the receiver did not answer in time, or takes nothing"
	}
	return err.Error()
}
