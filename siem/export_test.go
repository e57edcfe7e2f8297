package siem

import "context"

// ReasonOf is reasonOf, for the tests.
func ReasonOf(err error) string { return reasonOf(err) }

// Look notices what was written, as wait does, without waiting.
func (s *Service) Look(ctx context.Context) {
	if !s.open {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 1)
	defer cancel()
	if moved, err := s.cfg.Changed(ctx, s.seen); err == nil {
		s.moved(moved)
	}
	for tenant := range s.seen {
		s.dirty[tenant] = true
	}
}

// Gone reports whether there is no connection, or a broken one.
func (s *Syslog) Gone() bool { return s.conn == nil || s.Alive() != nil }
