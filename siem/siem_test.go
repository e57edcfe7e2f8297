package siem_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/siem"
)

// kit is the services with a stream that the test drives, round by round.
type kit struct {
	*bridgetest.Kit
	stream *siem.Service
	leads  atomic.Bool
	idp    directory.Principal
	made   int
}

func start(t *testing.T) *kit {
	t.Helper()
	k := &kit{Kit: bridgetest.Start(t, func(c *bridgetest.Config) {
		c.Streams = []record.Stream{{Name: "syslog", To: "siem.example:6514"}}
	})}
	k.leads.Store(true)
	k.NewTenant("acme", 100)
	k.idp = k.NewIdP("acme", "acme-okta")
	return k
}

// send begins to send to a sink, as a start of the server does. The process before it counts as killed.
func (k *kit) send(sink siem.Sink) {
	k.T.Helper()
	k.stream = siem.New(siem.Config{Name: "syslog", Record: k.Record, Sink: sink, Now: k.Clock.Now, Leads: k.leads.Load, Changed: k.Store.Changed})
	k.stream.Round(k.T.Context())
}

// round writes three people, and does one round for what was written.
func (k *kit) round() {
	k.T.Helper()
	for range 3 {
		k.made++
		k.NewUser(k.idp, bridgetest.Person{Name: fmt.Sprintf("u%d@acme.example", k.made), Active: bridgetest.Yes()})
	}
	k.look()
}

// look does one round for what was written.
func (k *kit) look() {
	k.T.Helper()
	k.stream.Look(k.T.Context())
	k.stream.Round(k.T.Context())
}

// certain lets the lines that were sent become certain.
func (k *kit) certain() {
	k.T.Helper()
	k.Clock.Advance(31 * time.Second)
	k.look()
}

func (k *kit) status() record.StreamStatus {
	k.T.Helper()
	all, err := k.Streams(k.T.Context(), k.Op)
	k.OK(err)
	if len(all) != 1 {
		k.T.Fatalf("%d streams", len(all))
	}
	return all[0]
}

// last is the number of the last line of the trail of acme.
func (k *kit) last() uint64 {
	k.T.Helper()
	all := k.AuditOf("acme")
	return all[len(all)-1].Seq
}

// complete checks that the lines of acme have the numbers between two numbers without a gap, and that none is there before its predecessor.
// It returns how many came again.
func complete(t *testing.T, lines []directory.Audit, from, to uint64) (again int) {
	t.Helper()
	next := from
	for _, a := range lines {
		if a.Tenant != "acme" {
			continue
		}
		switch {
		case a.Seq == next:
			next++
		case a.Seq < next && a.Seq >= from:
			again++
		default:
			t.Fatalf("line %d comes where %d is next", a.Seq, next)
		}
	}
	if next != to+1 {
		t.Fatalf("the lines end before %d, want all to %d", next, to)
	}
	return again
}

// lines parses what a Writer has written.
func lines(t *testing.T, text []byte) []directory.Audit {
	t.Helper()
	var out []directory.Audit
	for line := range bytes.Lines(text) {
		var a directory.Audit
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		out = append(out, a)
	}
	return out
}

func TestE6LinesAreWrittenInOrderAndFromTheBeginOn(t *testing.T) {
	t.Parallel()
	k := start(t)
	before := k.last()
	var out bytes.Buffer
	k.send(siem.NewWriter(&out))
	if out.Len() != 0 {
		t.Errorf("lines from before the stream began were sent: %s", out.String())
	}
	k.round()
	k.certain()
	if again := complete(t, lines(t, out.Bytes()), before+1, k.last()); again != 0 {
		t.Errorf("%d lines came again", again)
	}
	// A company that is created later is sent from its first line.
	out.Reset()
	k.NewTenant("birch", 5)
	k.Clock.Advance(31 * time.Second)
	k.look()
	firsts := map[directory.TenantID]uint64{}
	for _, a := range lines(t, out.Bytes()) {
		if firsts[a.Tenant] == 0 {
			firsts[a.Tenant] = a.Seq
		}
	}
	if firsts["birch"] != 1 {
		t.Errorf("first lines: %v", firsts)
	}
	// What was taken is not sent again after a restart.
	k.certain()
	out.Reset()
	k.send(siem.NewWriter(&out))
	k.look()
	if out.Len() != 0 || k.status().Backlog != 0 {
		t.Errorf("after a restart: %d waiting, %s", k.status().Backlog, out.String())
	}
	// The chain of hashes proves that the lines are those of the trail.
	k.round()
	k.certain()
	sent := lines(t, out.Bytes())
	trail := k.AuditOf("acme")
	if len(sent) != 3 || sent[2].Hash != trail[len(trail)-1].Hash {
		t.Errorf("the last line is %+v", sent[len(sent)-1])
	}
}

// failingWriter fails while broken is set, after it has taken the first half.
type failingWriter struct {
	bytes.Buffer
	broken bool
}

func (w *failingWriter) Write(p []byte) (int, error) {
	if !w.broken {
		return w.Buffer.Write(p)
	}
	half := bytes.IndexByte(p, '\n') + 1
	w.Buffer.Write(p[:half])
	return half, errors.New("the pipe is broken")
}

func TestE6AFailureIsTriedAgainWithGrowingPauses(t *testing.T) {
	t.Parallel()
	k := start(t)
	before := k.last()
	out := &failingWriter{}
	k.send(siem.NewWriter(out))
	out.broken = true
	k.round()
	status := k.status()
	if status.Stream.Error != "the pipe is broken" || status.Stream.Attempts != 1 || status.Backlog != 3 || k.stream.Problem() == "" {
		t.Errorf("%+v, problem %q", status, k.stream.Problem())
	}
	size := out.Len()
	k.look() // it is too early
	if out.Len() != size {
		t.Error("it was tried again at once")
	}
	pauses := []time.Duration{}
	for range 11 {
		at := k.status().Stream.Next
		pauses = append(pauses, at.Sub(k.Clock.Now()))
		k.Clock.Advance(at.Sub(k.Clock.Now()))
		k.look()
	}
	if want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}; !slices.EqualFunc(pauses, want, func(a, b time.Duration) bool { return a == b*time.Second }) {
		t.Errorf("pauses %v", pauses)
	}
	// A restart knows it, and waits too.
	k.send(siem.NewWriter(out))
	if got := k.status().Stream.Attempts; got != 12 {
		t.Errorf("%d attempts", got)
	}
	out.broken = false
	k.Clock.Advance(6 * time.Minute)
	k.look()
	k.certain()
	if again := complete(t, lines(t, out.Bytes()), before+1, k.last()); again == 0 {
		t.Error("the line that was taken was not sent again, although nobody knows that it was taken")
	}
	if status := k.status(); status.Stream.Attempts != 0 || status.Stream.Error != "" || status.Backlog != 0 || status.Stream.Success.IsZero() || k.stream.Problem() != "" {
		t.Errorf("%+v", status)
	}
}

func TestE6OnlyTheServerThatLeadsSends(t *testing.T) {
	t.Parallel()
	k := start(t)
	var out, other bytes.Buffer
	k.send(siem.NewWriter(&out))
	before := k.last()
	k.round()
	k.certain()
	k.leads.Store(false)
	size := out.Len()
	k.round()
	if out.Len() != size {
		t.Error("a server that does not lead has sent lines")
	}
	k.leads.Store(true)
	k.send(siem.NewWriter(&other)) // the other server
	k.look()
	if again := complete(t, append(lines(t, out.Bytes()), lines(t, other.Bytes())...), before+1, k.last()); again != 0 {
		t.Errorf("%d lines came again", again)
	}
}

// A trail of the same slug that begins anew is sent from its first line.
func TestE6ATrailThatBeginsAnewIsRecognised(t *testing.T) {
	t.Parallel()
	k := start(t)
	all := k.AuditOf("acme")
	last := all[len(all)-1]
	for name, at := range map[string]directory.AuditPosition{
		"beyond the end":    {Seq: last.Seq + 5, Hash: last.Hash},
		"another last line": {Seq: last.Seq, Hash: directory.Hash{1}},
	} {
		got, restarted, err := k.StreamLines(t.Context(), "acme", at, 2)
		k.OK(err)
		if !restarted || len(got) != 2 || got[0].Seq != 1 {
			t.Errorf("%s: restarted %v, %d lines", name, restarted, len(got))
		}
	}
	got, restarted, err := k.StreamLines(t.Context(), "acme", directory.AuditPosition{Seq: last.Seq - 1, Hash: all[len(all)-2].Hash}, 2)
	k.OK(err)
	if restarted || len(got) != 1 || got[0].Seq != last.Seq {
		t.Errorf("restarted %v, %+v", restarted, got)
	}
}

// authority signs certificates of receivers.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	file string // of its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, file: filepath.Join(t.TempDir(), "ca.pem")}
	a.key = newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(a.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// certificate signs a certificate for 127.0.0.1 that is valid until a time.
func (a *authority) certificate(until time.Time) tls.Certificate {
	a.t.Helper()
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// receiver takes syslog over TLS. It shares no code with the sender.
type receiver struct {
	t        *testing.T
	listener net.Listener
	config   *tls.Config
	running  sync.WaitGroup

	mu    sync.Mutex
	taken []string
	conns []net.Conn
	limit int  // messages of a connection before it is reset; 0: none
	deaf  bool // it reads nothing
	hold  chan struct{}
}

func newReceiver(t *testing.T, certificate tls.Certificate) *receiver {
	t.Helper()
	r := &receiver{t: t, hold: make(chan struct{}), config: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}}
	var err error
	if r.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	r.running.Go(r.accept)
	t.Cleanup(func() {
		_ = r.listener.Close()
		close(r.hold)
		r.reset()
		r.running.Wait()
	})
	return r
}

func (r *receiver) accept() {
	for {
		conn, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.mu.Lock()
		r.conns = append(r.conns, conn)
		r.mu.Unlock()
		r.running.Go(func() { r.serve(conn) })
	}
}

func (r *receiver) serve(plain net.Conn) {
	defer plain.Close()
	conn := tls.Server(plain, r.config)
	if conn.HandshakeContext(context.Background()) != nil {
		return
	}
	r.mu.Lock()
	deaf := r.deaf
	r.mu.Unlock()
	if deaf {
		<-r.hold
		return
	}
	in := bufio.NewReader(conn)
	for n := 1; ; n++ {
		count, err := in.ReadString(' ')
		if err != nil {
			_ = conn.Close()
			return
		}
		length, err := strconv.Atoi(strings.TrimSuffix(count, " "))
		if err != nil || count[0] == '0' {
			r.t.Errorf("a message begins with %q", count)
			return
		}
		message := make([]byte, length)
		if _, err := io.ReadFull(in, message); err != nil {
			return
		}
		r.mu.Lock()
		if r.limit > 0 && n > r.limit {
			r.mu.Unlock()
			abort(plain)
			return
		}
		r.taken = append(r.taken, string(message))
		r.mu.Unlock()
	}
}

// reset breaks all connections.
func (r *receiver) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		abort(c)
	}
	r.conns = nil
}

// abort resets a connection.
func abort(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // then it ends in the usual way
	}
	_ = c.Close()
}

// got waits until the receiver has taken at least n messages, and gives all.
func (r *receiver) got(n int) []string {
	r.t.Helper()
	for range 2000 {
		r.mu.Lock()
		taken := slices.Clone(r.taken)
		r.mu.Unlock()
		if len(taken) >= n {
			return taken
		}
		time.Sleep(5 * time.Millisecond) // the receiver works beside the test
	}
	r.t.Fatalf("the receiver has not taken %d messages within ten seconds", n)
	return nil
}

func (r *receiver) sink(a *authority, change ...func(*siem.SyslogConfig)) *siem.Syslog {
	guard := outbound.New(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	c := siem.SyslogConfig{Address: r.listener.Addr().String(), Dial: guard.Dial, CAFile: a.file, Host: "scim 1", Version: "1.2.3", MaxBytes: 8 << 10, Timeout: 5 * time.Second}
	for _, f := range change {
		f(&c)
	}
	return siem.NewSyslog(c)
}

// rfc5424 is a message as RFC 5424, section 6, has it, with one element of structured data.
var rfc5424 = regexp.MustCompile(`^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([[:graph:]]{1,255}) ([[:graph:]]{1,48}) ([[:graph:]]{1,128}) ([[:graph:]]{1,32}) \[([^\s=\]"]{1,32})( [^\s=\]"]{1,32}="[^"\\\]]*")*\] (\{.*\})$`)

func audits(t *testing.T, messages []string) []directory.Audit {
	t.Helper()
	out := make([]directory.Audit, len(messages))
	for i, m := range messages {
		parts := rfc5424.FindStringSubmatch(m)
		if parts == nil {
			t.Fatalf("this is not a message of RFC 5424: %s", m)
		}
		if err := json.Unmarshal([]byte(parts[len(parts)-1]), &out[i]); err != nil {
			t.Fatalf("%v: %s", err, m)
		}
		if parts[6] != string(out[i].Action) || parts[2] != out[i].Time.Format("2006-01-02T15:04:05.000000Z") {
			t.Errorf("the header of %s", m)
		}
	}
	return out
}

func TestE6SyslogMessagesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	k := start(t)
	a := newAuthority(t)
	r := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	before := k.last()
	k.send(r.sink(a))
	k.round()
	got := r.got(3)
	if again := complete(t, audits(t, got), before+1, k.last()); again != 0 {
		t.Errorf("%d came again", again)
	}
	if !strings.HasPrefix(got[0], "<109>1 ") || !strings.Contains(got[0], ` scim_1 drawbridge - user.create [origin software="drawbridge" swVersion="1.2.3"] {"seq":`) {
		t.Errorf("%s", got[0])
	}
	if status := k.status(); status.Backlog != 3 {
		t.Errorf("lines of the last moment count as taken: %+v", status)
	}
	k.certain()
	if status := k.status(); status.Backlog != 0 || status.Stream.Success.IsZero() {
		t.Errorf("%+v", status)
	}
	k.OK(k.stream.Close(t.Context()))
}

func TestE6ABrokenConnectionSendsAgainWhatIsNotCertain(t *testing.T) {
	t.Parallel()
	k := start(t)
	a := newAuthority(t)
	r := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	before := k.last()
	r.limit = 4 // the fifth message of a connection is lost, and with it everything in the buffers
	sink := r.sink(a)
	k.send(sink)
	for range 6 {
		k.round()
		k.Clock.Advance(time.Second)
	}
	for range 200 {
		if k.status().Stream.Attempts > 0 {
			break
		}
		time.Sleep(5 * time.Millisecond) // the reset is on its way
		k.look()
	}
	if status := k.status(); !strings.Contains(status.Stream.Error, "ended the connection") {
		t.Errorf("%+v", status)
	}
	r.mu.Lock()
	r.limit = 0
	r.mu.Unlock()
	r.reset()
	for range 2000 {
		if sink.Gone() {
			break
		}
		time.Sleep(5 * time.Millisecond) // the reset is on its way
	}
	k.look() // the clock stands, so that nothing counts as taken meanwhile
	k.Clock.Advance(10 * time.Minute)
	k.look()
	r.got(4 + 18)
	k.certain()
	k.certain()
	if again := complete(t, audits(t, r.got(22)), before+1, k.last()); again == 0 {
		t.Error("nothing came again")
	}
	if status := k.status(); status.Backlog != 0 || status.Stream.Error != "" {
		t.Errorf("%+v", status)
	}
	k.OK(k.stream.Close(t.Context()))
}

// TestE6NoNewConnectionHidesALoss breaks the connection after a line was sent and before the next one is. The next line must not go through a
// new connection, because then nothing would tell that the first one may be lost.
func TestE6NoNewConnectionHidesALoss(t *testing.T) {
	t.Parallel()
	k := start(t)
	a := newAuthority(t)
	r := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	sink := r.sink(a)
	line := []directory.Audit{{Tenant: "acme", Seq: 1, Time: k.Clock.Now(), Action: "test", Outcome: directory.Done}}
	k.OK(sink.Send(t.Context(), line))
	r.got(1)
	r.reset()
	for range 2000 {
		if sink.Gone() {
			break
		}
		time.Sleep(5 * time.Millisecond) // the reset is on its way
	}
	if err := sink.Send(t.Context(), line); err == nil {
		t.Error("a line was sent through a new connection, and nothing said that the old one had ended")
	}
	if taken := r.got(1); len(taken) != 1 {
		t.Errorf("the receiver has %d lines", len(taken))
	}
}

// A process that is killed repeats what was not certain; one that is stopped in order repeats nothing, because the receiver has closed its
// side.
func TestE6AKilledProcessRepeatsAndAStoppedOneDoesNot(t *testing.T) {
	t.Parallel()
	k := start(t)
	a := newAuthority(t)
	r := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	before := k.last()
	k.send(r.sink(a))
	k.round()
	r.got(3)
	k.send(r.sink(a)) // the process before it was killed
	k.look()
	r.got(6)
	k.OK(k.stream.Close(t.Context()))
	if status := k.status(); status.Backlog != 0 {
		t.Errorf("%+v", status)
	}
	k.send(r.sink(a))
	k.round()
	if again := complete(t, audits(t, r.got(9)), before+1, k.last()); again != 3 {
		t.Errorf("%d came again", again)
	}
	k.OK(k.stream.Close(t.Context()))
}

func TestE6WhatIsWrongWithAReceiverIsSaid(t *testing.T) {
	t.Parallel()
	a, other := newAuthority(t), newAuthority(t)
	good := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	expired := newReceiver(t, a.certificate(time.Now().Add(-time.Minute)))
	strict := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	strict.config.ClientAuth, strict.config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	strict.config.ClientCAs.AddCert(a.cert)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	line := []directory.Audit{{Seq: 1, Tenant: "acme", Action: "user.create", Outcome: directory.Done}}
	for name, one := range map[string]struct {
		sink *siem.Syslog
		want string
	}{
		"expired":       {expired.sink(a), "has expired"},
		"another CA":    {good.sink(other), "no authority that is trusted"},
		"no CA file":    {good.sink(a, func(c *siem.SyslogConfig) { c.CAFile = "/nowhere" }), "no such file"},
		"refused":       {good.sink(a, func(c *siem.SyslogConfig) { c.Address = address }), "refused the connection"},
		"not allowed":   {good.sink(a, func(c *siem.SyslogConfig) { c.Dial = outbound.New(outbound.Config{}).Dial }), "outbound.allow"},
		"unknown name":  {good.sink(a, func(c *siem.SyslogConfig) { c.Dial = unresolved }), "cannot be resolved"},
		"not TLS there": {plainSink(t, good, a), "ended the connection"},
	} {
		err := one.sink.Send(t.Context(), line)
		if err == nil || !strings.Contains(siem.ReasonOf(err), one.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// With TLS 1.3 a receiver refuses a certificate after the handshake, so the first read tells.
	sink := strict.sink(a)
	for range 400 {
		if err = sink.Send(t.Context(), line); err != nil {
			break
		}
		time.Sleep(5 * time.Millisecond) // the refusal is on its way
		if err = sink.Alive(); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(siem.ReasonOf(err), "refused the TLS connection") {
		t.Errorf("without a certificate: %v", err)
	}
	certificate := a.certificate(time.Now().Add(time.Hour))
	dir := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{"crt": {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}, "key": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sink = strict.sink(a, func(c *siem.SyslogConfig) {
		c.CertFile, c.KeyFile = filepath.Join(dir, "crt"), filepath.Join(dir, "key")
	})
	if err := sink.Send(t.Context(), line); err != nil {
		t.Errorf("with a certificate: %v", err)
	}
	strict.got(1)
	if err := sink.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func unresolved(context.Context, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "siem.example"}}
}

// plainSink is one for a server that closes each connection at once.
func plainSink(t *testing.T, r *receiver, a *authority) *siem.Syslog {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	return r.sink(a, func(c *siem.SyslogConfig) { c.Address = l.Addr().String() })
}

// A receiver that takes nothing ends the attempt in bounded time.
func TestE6AReceiverThatReadsNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	r := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	r.mu.Lock()
	r.deaf = true
	r.mu.Unlock()
	sink := r.sink(a, func(c *siem.SyslogConfig) { c.Timeout, c.MaxBytes = 300*time.Millisecond, 1<<20 })
	long := directory.Document(`{"title":"` + strings.Repeat("x", 100_000) + `"}`)
	var err error
	for i := 0; i < 200 && err == nil; i++ {
		err = sink.Send(t.Context(), []directory.Audit{{Seq: uint64(i), Tenant: "acme", Action: "user.update", Outcome: directory.Done, After: long}})
	}
	if err == nil {
		t.Fatal("20 MB went to a receiver that reads nothing")
	}
	if reason := siem.ReasonOf(err); !strings.Contains(reason, "takes nothing") {
		t.Error(reason)
	}
	if err := sink.Close(t.Context()); err == nil {
		t.Error("the lines count as taken")
	}
}

func TestE6ALongLineIsShortenedAndSaysSo(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	r := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	sink := r.sink(a)
	long := directory.Document(`{"title":"` + strings.Repeat("x", 9000) + `"}`)
	line := directory.Audit{Seq: 7, Tenant: "acme", Action: "user.update", Outcome: directory.WasDenied, After: long, Deviations: []string{"a"}, Hash: directory.Hash{9}}
	if err := sink.Send(t.Context(), []directory.Audit{line}); err != nil {
		t.Fatal(err)
	}
	got := r.got(1)[0]
	if len(got) > 8<<10 || !strings.Contains(got, `"truncated":true`) || !strings.HasPrefix(got, "<108>1 ") {
		t.Errorf("%.300s", got)
	}
	if short := audits(t, []string{got})[0]; short.Seq != 7 || short.Hash != line.Hash || short.After != nil || short.Deviations != nil {
		t.Errorf("%+v", short)
	}
	if err := sink.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// A receiver that never answers the handshake ends the attempt in bounded time, and one that sends without an end takes no memory: what a
// receiver sends means nothing, and the lines arrive all the same.
func TestE6AReceiverThatHangsOrTalksIsHarmless(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	good := newReceiver(t, a.certificate(time.Now().Add(time.Hour)))
	line := []directory.Audit{{Seq: 1, Tenant: "acme", Action: "user.create", Outcome: directory.Done}}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // the system takes the connection, and no program reads it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	sink := good.sink(a, func(c *siem.SyslogConfig) { c.Address, c.Timeout = silent.Addr().String(), 200*time.Millisecond })
	if err := sink.Send(t.Context(), line); err == nil || !strings.Contains(siem.ReasonOf(err), "did not answer in time") {
		t.Errorf("a receiver that hangs: %v", err)
	}
	talks, err := tls.Listen("tcp", "127.0.0.1:0", good.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = talks.Close() })
	came := make(chan string, 1)
	go func() {
		conn, err := talks.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		go func() {
			for { // until the other side ends the connection
				if _, err := conn.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}()
		begin := make([]byte, 20)
		_, _ = io.ReadFull(conn, begin)
		came <- string(begin)
		_, _ = io.Copy(io.Discard, conn)
	}()
	sink = good.sink(a, func(c *siem.SyslogConfig) { c.Address = talks.Addr().String() })
	if err := sink.Send(t.Context(), line); err != nil {
		t.Fatal(err)
	}
	if got := <-came; !strings.Contains(got, "<109>1 ") {
		t.Errorf("%q came", got)
	}
	if err := sink.Alive(); err != nil {
		t.Errorf("a receiver that talks: %v", err)
	}
	_ = sink.Close(t.Context())
}
