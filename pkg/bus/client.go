package bus

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// ClientConfig says where the bus is and who connects.
type ClientConfig struct {
	URL  string // tls://host:port, several separated by commas
	CA   []byte // PEM; empty: the system's
	Seed []byte // nkey user seed, SU…
	Name string // shown in the server's connection list
	// OnConnect runs after each connect and reconnect, OnDisconnect after each loss with its cause. Both must be quick.
	OnConnect    func()
	OnDisconnect func(error)
	Logger       *slog.Logger
}

// Connect returns a connection that is kept up for ever: it retries with back-off, also when the first attempt or the
// authorisation fails. While it is down nothing is buffered: a publish fails at once with nats.ErrReconnectBufExceeded.
func Connect(cfg ClientConfig) (*nats.Conn, error) {
	pair, err := nkeys.FromSeed(cfg.Seed)
	if err != nil {
		return nil, fmt.Errorf("reading the nkey seed: %w", err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("reading the nkey seed: %w", err)
	}
	opts := append(cfg.events(), nats.Name(cfg.Name), nats.Nkey(public, pair.Sign), nats.MaxReconnects(-1),
		nats.RetryOnFailedConnect(true), nats.IgnoreAuthErrorAbort(), nats.ReconnectBufSize(-1),
		nats.CustomReconnectDelay(backoff), nats.PingInterval(3*time.Second), nats.MaxPingsOutstanding(2),
		nats.Timeout(5*time.Second), nats.NoCallbacksAfterClientClose())
	if secure, err := cfg.security(); err != nil {
		return nil, err
	} else if secure != nil {
		opts = append(opts, nats.Secure(secure))
	}
	nc, err := nats.Connect(cfg.URL, opts...)
	if err != nil {
		return nil, fmt.Errorf("connecting to the bus at %s: %w", cfg.URL, err)
	}
	return nc, nil
}

func (cfg ClientConfig) security() (*tls.Config, error) {
	if !strings.Contains(cfg.URL, "tls://") {
		return nil, nil
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS13}
	var err error
	if len(cfg.CA) > 0 {
		conf.RootCAs, err = poolOf(cfg.CA)
	}
	return conf, err
}

func (cfg ClientConfig) events() []nats.Option {
	log := cfg.Logger
	if log == nil {
		log = slog.Default()
	}
	up := func(nc *nats.Conn) {
		log.Info("bus connected", "url", nc.ConnectedUrlRedacted())
		if cfg.OnConnect != nil {
			cfg.OnConnect()
		}
	}
	down := func(_ *nats.Conn, err error) {
		log.Warn("bus connection lost", "error", err)
		if cfg.OnDisconnect != nil {
			cfg.OnDisconnect(err)
		}
	}
	return []nats.Option{nats.ConnectHandler(up), nats.ReconnectHandler(up), nats.DisconnectErrHandler(down),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { log.Debug("bus not reached", "error", err) }),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			log.Warn("bus error", "subject", subject, "error", err)
		})}
}

// backoff doubles from 100 ms to 5 s, with jitter so that all hosts do not come back in one instant.
func backoff(attempts int) time.Duration {
	d := maxBackoff
	if attempts < 6 {
		d = min(minBackoff<<max(attempts-1, 0), maxBackoff)
	}
	return d/2 + rand.N(d/2) //nolint:gosec // jitter needs no secrecy
}
