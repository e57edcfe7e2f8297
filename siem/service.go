package siem

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync/atomic"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/policy"
)

// Sink is where lines go.
type Sink interface {
	// Send sends lines in order. After an error some of them may have been taken, and nothing that was sent through the connection before
	// is certain.
	Send(ctx context.Context, lines []directory.Audit) error
	// Alive reports why the way that the last lines went is broken; nil: it is not.
	Alive() error
	// Settle is how long the way must stay alive after a line, so that the line counts as taken.
	Settle() time.Duration
	// Close ends the connection. The error is nil if the receiver has confirmed that it got everything.
	Close(ctx context.Context) error
}

// Config is what a Service needs. Jitter, Leads, Metrics and Logger are optional.
type Config struct {
	Name   string // of the stream
	Record *record.Service
	Sink   Sink
	Now    func() time.Time
	Jitter func() float64 // from 0 to 1; nil: 0.5
	Leads  func() bool    // whether this process sends; nil: it does
	// Changed waits for new lines like store.Watcher.
	Changed func(ctx context.Context, seen map[directory.TenantID]uint64) (map[directory.TenantID]uint64, error)
	Metrics *Metrics
	Logger  *slog.Logger
}

const (
	// batchSize is how many lines of one trail are sent before it is the turn of another one.
	batchSize = 200
	// idle is how long to wait for new lines before the connection and the trails are looked at again.
	idle = time.Second
	// storeRetry is how long to wait after the store could not be read or written.
	storeRetry = 5 * time.Second
	// storeTime is the time for a write after the process was told to stop.
	storeTime = 5 * time.Second
	// saveEvery is how often positions are stored while lines are sent.
	saveEvery = time.Second
	// listEvery is how often the list of trails is read, which finds new companies.
	listEvery = 5 * time.Second
)

// Service sends the lines of all trails to one sink. Run it in one goroutine.
type Service struct {
	cfg  Config
	stop context.CancelFunc
	done chan struct{}

	open    bool // stream and positions are those of the store
	stream  directory.AuditStream
	sent    map[directory.TenantID]directory.AuditPosition // up to here lines were sent
	settled map[directory.TenantID]directory.AuditPosition // up to here they count as taken
	stored  map[directory.TenantID]directory.AuditPosition // up to here it is in the store
	pending []batch                                        // sent and not settled, the oldest first
	trails  []directory.TenantID
	listed  time.Time
	seen    map[directory.TenantID]uint64 // change numbers
	dirty   map[directory.TenantID]bool   // trails that may have lines to send
	saved   time.Time
	took    bool // lines were taken since the last save

	unread   map[directory.TenantID]bool // trails that could not be read, such as those with lines in an archive that is away
	unreadAt time.Time
	problem  atomic.Pointer[string]
}

// batch is lines of a trail that were sent at a time.
type batch struct {
	at     time.Time
	tenant directory.TenantID
	to     directory.AuditPosition
	lines  int
}

// New makes a Service. Start begins its work.
func New(cfg Config) *Service {
	if cfg.Jitter == nil {
		cfg.Jitter = func() float64 { return 0.5 }
	}
	if cfg.Leads == nil {
		cfg.Leads = func() bool { return true }
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Metrics.know(cfg.Name)
	return &Service{cfg: cfg, done: make(chan struct{})}
}

// Problem says what is wrong now, for operators; "": nothing.
func (s *Service) Problem() string {
	if text := s.problem.Load(); text != nil {
		return *text
	}
	return ""
}

// Start sends in the background until Close.
func (s *Service) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	go func() {
		defer close(s.done)
		for ctx.Err() == nil {
			s.wait(ctx, s.Round(ctx))
		}
	}()
}

// Close ends the work, and stores what the sink has taken. Lines that are not certain are sent again by the next process.
func (s *Service) Close(ctx context.Context) error {
	if s.stop != nil {
		s.stop()
		select {
		case <-s.done:
		case <-ctx.Done():
			return errors.New("audit lines are still being sent to " + s.cfg.Name)
		}
	}
	if s.cfg.Sink.Close(ctx) == nil && s.open {
		for len(s.pending) > 0 {
			s.countFirstTaken()
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	return s.save(ctx)
}

// wait waits for new lines, or for as long as the round has said.
func (s *Service) wait(ctx context.Context, pause time.Duration) {
	if pause <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	if !s.open || policy.StreamWaits(&s.stream, s.cfg.Now()) {
		<-ctx.Done()
		return
	}
	moved, err := s.cfg.Changed(ctx, s.seen)
	if err != nil && ctx.Err() == nil { // the store fails, and the round will say so
		<-ctx.Done()
	}
	s.moved(moved)
}

func (s *Service) moved(numbers map[directory.TenantID]uint64) {
	for tenant, n := range numbers {
		s.seen[tenant] = n
		s.dirty[tenant] = true
	}
}

// Round sends what there is to send, and says how long to wait for more. The caller is the goroutine of the Service, or a test.
func (s *Service) Round(ctx context.Context) (pause time.Duration) {
	if !s.cfg.Leads() {
		s.leave(ctx)
		return idle
	}
	if err := s.prepare(ctx); err != nil {
		return s.storeFailed(ctx, err)
	}
	if policy.StreamWaits(&s.stream, s.cfg.Now()) {
		return idle
	}
	for ctx.Err() == nil && s.cfg.Leads() {
		if err := s.cfg.Sink.Alive(); err != nil {
			if len(s.pending) > 0 {
				return s.failed(ctx, err)
			}
			_ = s.cfg.Sink.Close(ctx) // the receiver ended the connection while there was nothing to send
		}
		s.countTaken()
		if s.cfg.Now().Sub(s.saved).Abs() >= saveEvery {
			if err := s.save(ctx); err != nil {
				return s.storeFailed(ctx, err)
			}
		}
		tenant, more := s.next()
		if !more {
			break
		}
		if err := s.send(ctx, tenant); err != nil {
			return s.failed(ctx, err)
		}
	}
	return idle
}

// leave forgets everything, because another process sends now.
func (s *Service) leave(ctx context.Context) {
	if s.open {
		_ = s.cfg.Sink.Close(ctx) // the other process sends again what is not certain
		s.open, s.pending = false, nil
	}
	s.problem.Store(nil)
}

// prepare reads the stream and the list of trails if they are not known.
func (s *Service) prepare(ctx context.Context) error {
	if !s.open {
		state, err := s.cfg.Record.OpenStream(ctx, s.cfg.Name)
		if err != nil {
			return err
		}
		s.stream, s.sent, s.settled, s.stored = state.Stream, state.Positions, maps.Clone(state.Positions), maps.Clone(state.Positions)
		s.pending, s.took = nil, false
		s.seen, s.dirty, s.unread = map[directory.TenantID]uint64{}, map[directory.TenantID]bool{}, map[directory.TenantID]bool{}
		s.trails, s.listed, s.open = nil, time.Time{}, true
	}
	now := s.cfg.Now()
	if len(s.unread) > 0 && now.Sub(s.unreadAt).Abs() >= storeRetry {
		maps.Copy(s.dirty, s.unread)
		clear(s.unread)
	}
	if !s.listed.IsZero() && now.Sub(s.listed).Abs() < listEvery {
		return nil
	}
	trails, err := s.cfg.Record.Trails(ctx)
	if err != nil {
		return err
	}
	for _, tenant := range trails {
		if _, known := s.seen[tenant]; !known {
			s.seen[tenant], s.dirty[tenant] = 0, true
		}
	}
	s.trails, s.listed = trails, now
	return nil
}

// next gives a trail that may have lines to send. It goes to the end of the list, so that a long trail does not hold up the others.
func (s *Service) next() (directory.TenantID, bool) {
	for i, tenant := range s.trails {
		if s.dirty[tenant] {
			s.trails = append(append(s.trails[:i:i], s.trails[i+1:]...), tenant)
			return tenant, true
		}
	}
	return "", false
}

// send sends the next lines of a trail. The error is that of the sink.
func (s *Service) send(ctx context.Context, tenant directory.TenantID) error {
	lines, restarted, err := s.cfg.Record.StreamLines(ctx, tenant, s.sent[tenant], batchSize)
	if err != nil {
		if ctx.Err() == nil {
			s.unreadable(ctx, tenant, err)
		}
		return nil
	}
	if restarted {
		s.cfg.Logger.InfoContext(ctx, "a company has a new audit trail; it is sent from its first line", "stream", s.cfg.Name, "tenant", tenant)
	}
	if len(lines) > 0 {
		if err := s.cfg.Sink.Send(ctx, lines); err != nil {
			return err
		}
		last := &lines[len(lines)-1]
		to := directory.AuditPosition{Seq: last.Seq, Hash: last.Hash}
		s.sent[tenant] = to
		s.pending = append(s.pending, batch{s.cfg.Now(), tenant, to, len(lines)})
		s.cfg.Metrics.sent(s.cfg.Name, len(lines))
	}
	if len(lines) < batchSize {
		delete(s.dirty, tenant)
	}
	return nil
}

// unreadable lets a trail that cannot be read wait, so that it does not hold up the others.
func (s *Service) unreadable(ctx context.Context, tenant directory.TenantID, err error) {
	reason := "an audit trail cannot be read: " + reasonOf(err)
	if s.Problem() != reason {
		s.cfg.Logger.WarnContext(ctx, "an audit trail cannot be read; it is tried again", "stream", s.cfg.Name, "tenant", tenant, "error", err)
	}
	s.problem.Store(&reason)
	delete(s.dirty, tenant)
	s.unread[tenant], s.unreadAt = true, s.cfg.Now()
}

// countTaken counts lines as taken that were sent long enough ago.
func (s *Service) countTaken() {
	now, long := s.cfg.Now(), s.cfg.Sink.Settle()
	for len(s.pending) > 0 && now.Sub(s.pending[0].at) >= long {
		s.countFirstTaken()
	}
}

func (s *Service) countFirstTaken() {
	b := s.pending[0]
	s.pending = s.pending[1:]
	s.settled[b.tenant] = b.to
	s.took = true
}

// save stores the positions up to which lines were taken.
func (s *Service) save(ctx context.Context) error {
	s.saved = s.cfg.Now()
	if !s.open || !s.took {
		if s.open && s.stream.Attempts == 0 && len(s.unread) == 0 {
			s.problem.Store(nil)
		}
		return nil
	}
	if s.stream.Attempts > 0 {
		s.cfg.Logger.InfoContext(ctx, "audit lines reach the SIEM again", "stream", s.cfg.Name)
	}
	return s.store(ctx, policy.StreamTook(s.stream, s.cfg.Now().UTC()))
}

func (s *Service) store(ctx context.Context, state directory.AuditStream) error {
	moved := map[directory.TenantID]directory.AuditPosition{}
	for tenant, at := range s.settled {
		if s.stored[tenant] != at {
			moved[tenant] = at
		}
	}
	if err := s.cfg.Record.SaveStream(ctx, s.cfg.Name, state, moved); err != nil {
		return err
	}
	if s.stream, s.took = state, false; state.Attempts == 0 && len(s.unread) == 0 {
		s.problem.Store(nil)
	}
	maps.Copy(s.stored, moved)
	return nil
}

// failed goes back to the lines that are not certain, and stores when they are sent again.
func (s *Service) failed(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil { // this process gave up, not the receiver
		return 0
	}
	_ = s.cfg.Sink.Close(ctx) // it is broken
	for _, b := range s.pending {
		s.sent[b.tenant] = s.settled[b.tenant]
		s.dirty[b.tenant] = true
		s.cfg.Metrics.again(s.cfg.Name, b.lines)
	}
	s.pending = nil
	reason := directory.Truncate(reasonOf(err), 300)
	state := policy.StreamFailed(s.stream, reason, s.cfg.Jitter(), s.cfg.Now().UTC())
	if state.Attempts == 1 {
		s.cfg.Logger.WarnContext(ctx, "audit lines do not reach the SIEM; it is tried again", "stream", s.cfg.Name, "reason", reason)
	}
	s.stream = state
	s.problem.Store(&reason)
	if err := s.store(ctx, state); err != nil {
		return s.storeFailed(ctx, err)
	}
	return idle
}

// storeFailed waits after an error of the store.
func (s *Service) storeFailed(ctx context.Context, err error) time.Duration {
	if ctx.Err() == nil {
		reason := "the position of the stream cannot be read or stored: " + reasonOf(err)
		if s.Problem() != reason {
			s.cfg.Logger.WarnContext(ctx, "it cannot be stored which audit lines were sent; it is tried again", "stream", s.cfg.Name, "error", err)
		}
		s.problem.Store(&reason)
	}
	return storeRetry
}
