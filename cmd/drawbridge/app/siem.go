package app

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/siem"
	"drawbridge/store"
)

// AuditConfig says where audit lines go as they are written.
type AuditConfig struct {
	Stdout bool         `mapstructure:"stdout"`
	Syslog SyslogConfig `mapstructure:"syslog"`
}

// SyslogConfig names a SIEM that takes syslog over TLS.
type SyslogConfig struct {
	Address  string `mapstructure:"address"` // "": none
	CAFile   string `mapstructure:"ca_file"`
	CertFile string `mapstructure:"cert_file"`
	KeyFile  string `mapstructure:"key_file"`
	MaxBytes Bytes  `mapstructure:"max_bytes"`
}

// The names of the streams. Positions in the store have them, so they never change.
const (
	stdoutStream = "stdout"
	syslogStream = "syslog"
)

// streams are the streams that are on, by name.
func (c AuditConfig) streams() []record.Stream {
	var out []record.Stream
	if c.Stdout {
		out = append(out, record.Stream{Name: stdoutStream, To: "standard output"})
	}
	if c.Syslog.Address != "" {
		out = append(out, record.Stream{Name: syslogStream, To: c.Syslog.Address})
	}
	return out
}

func (c *Config) checkAudit(add func(string, ...any)) {
	s := c.Audit.Syslog
	if s.Address == "" {
		if s.CAFile != "" || s.CertFile != "" || s.KeyFile != "" {
			add("audit.syslog: without audit.syslog.address nothing is sent")
		}
		return
	}
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil || host == "" || port == "" || port == "0" || checkAddress(s.Address) != nil {
		add("audit.syslog.address: %q is not a host and a port, such as siem.example.com:6514", s.Address)
	} else if _, err := c.guard(nil).ParseURL("audit.syslog.address", "https://"+s.Address); err != nil {
		add("audit.syslog.address: %s", messageOf(err))
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		add("audit.syslog.cert_file and audit.syslog.key_file belong together; one of them is missing")
	} else if s.CertFile != "" {
		if err := checkKeyPair(s.CertFile, s.KeyFile); err != nil {
			add("audit.syslog: %s", err)
		}
	}
	if s.CAFile != "" {
		if _, err := os.Stat(s.CAFile); err != nil {
			add("audit.syslog.ca_file: %s: %s", s.CAFile, reason(err))
		}
	}
	if n := s.MaxBytes; n < 2<<10 || n > 1<<20 {
		add("audit.syslog.max_bytes: %s is not between 2 KiB and 1 MiB", n)
	}
}

// startStreams sends audit lines where the configuration says, on the server that leads. out is standard output; nil: that of the process.
func (a *App) startStreams(st store.Store, out io.Writer) {
	metrics := siem.NewMetrics(a.registry)
	if out == nil {
		out = os.Stdout
	}
	for _, stream := range a.config.Audit.streams() {
		var sink siem.Sink = siem.NewWriter(out)
		if stream.Name == syslogStream {
			sink = a.syslog()
		}
		s := siem.New(siem.Config{
			Name: stream.Name, Record: a.record, Sink: sink, Now: a.now, Jitter: rand.Float64, Leads: a.fleet.lease.Leads, Changed: st.Changed,
			Metrics: metrics, Logger: a.log.With("part", "audit stream"),
		})
		part := "audit " + stream.Name
		a.undo(part, s.Close)
		s.Start()
		a.background(part, 5*time.Second, func(context.Context) error {
			if problem := s.Problem(); problem != "" {
				return warning{errors.New(problem)}
			}
			return nil
		})
	}
}

func (a *App) syslog() *siem.Syslog {
	c := a.config.Audit.Syslog
	host, err := os.Hostname()
	if err != nil {
		host = "" // the message says that it is not known
	}
	return siem.NewSyslog(siem.SyslogConfig{
		Address: c.Address, Dial: a.outbound.Dial, CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile,
		Host: host, Version: a.version, MaxBytes: int(c.MaxBytes),
	})
}
