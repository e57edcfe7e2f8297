package server

import (
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// serverFor gives the server on which a request takes effect, and its Principal there: s, or a server on the copy of a connection in observe
// mode (C9). The two share all limits.
func (s *server) serverFor(c *call, who directory.Principal) (*server, directory.Principal, error) {
	if s.setup.Observe == nil {
		return s, who, nil
	}
	b, there, err := s.setup.Observe(c.ctx, who)
	if err != nil {
		return s, who, err
	}
	admit := c.authenticate
	c.authenticate = func() (directory.Principal, error) {
		who, err := admit()
		if err != nil {
			return who, err
		}
		again, there, err := s.setup.Observe(c.ctx, who)
		if err == nil && again != b {
			err = &directory.Error{Code: directory.Unavailable, Rule: "C9", RetryAfter: time.Second, Message: "the observe mode of this connection has just changed: send the request again"}
		}
		return there, err
	}
	if b == s.bridge {
		return s, there, nil
	}
	return s.on(b), there, nil
}

// on gives the server on the bridge of the copies.
func (s *server) on(b *bridge.Service) *server {
	if known := s.copies.Load(); known != nil && known.bridge == b {
		return known
	}
	cfg := s.setup
	cfg.Bridge = b
	made := newServer(cfg)
	made.cursors, made.connections, made.strangers, made.refusals, made.delayed = s.cursors, s.connections, s.strangers, s.refusals, s.delayed
	s.copies.Store(made)
	return made
}
