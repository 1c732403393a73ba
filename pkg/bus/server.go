package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

const (
	// MaxPayload is the largest message in bytes; console logs and lists of a whole host fit.
	MaxPayload = 8 << 20

	jetStreamMemory = 16 << 20
	jetStreamStore  = 4 << 30
	startTimeout    = 30 * time.Second
	recheckEvery    = 15 * time.Second
)

// Config says how the embedded server runs.
type Config struct {
	// Listen is host:port. Port 0 asks the kernel on the first start; the port is then kept in StoreDir, because
	// agents remember it.
	Listen string
	// StoreDir keeps JetStream, the certificates and the port; it is created with mode 0700.
	StoreDir string
	// Names are further DNS names or addresses agents reach the server by; they go into its certificate.
	Names []string
	// Authorize tells whether the holder of an nkey (its public user key, U…) may connect, and what it may do. It is
	// asked at each connect and again every RecheckEvery: a holder no longer allowed is cut off.
	Authorize func(publicNKey string) (Permissions, bool)
	// RecheckEvery is 15 s when zero.
	RecheckEvery time.Duration
	Logger       *slog.Logger
}

// Server is a running embedded NATS server.
type Server struct {
	ns       *server.Server
	auth     *authority
	tls      *authorityTLS
	url      string
	stop     chan struct{}
	sweeping sync.WaitGroup
	once     sync.Once
}

// Start runs an embedded server until Close; ctx bounds the start alone.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Authorize == nil {
		return nil, errors.New("bus: Authorize is missing: nobody could connect")
	}
	host, port, err := listenAddress(cfg)
	if err != nil {
		return nil, err
	}
	if err := probe(ctx, host, port); err != nil {
		return nil, err
	}
	certs, err := openTLS(filepath.Join(cfg.StoreDir, "tls"), append([]string{host}, cfg.Names...))
	if err != nil {
		return nil, err
	}
	auth := &authority{ask: cfg.Authorize, own: map[string]bool{}}
	ns, err := server.NewServer(options(cfg, host, port, auth, certs))
	if err != nil {
		return nil, fmt.Errorf("configuring the bus: %w", err)
	}
	ns.SetLoggerV2(natsLog{cfg.Logger.With("component", "bus")}, false, false, false)
	s := &Server{ns: ns, auth: auth, tls: certs, stop: make(chan struct{})}
	if err := s.begin(ctx, cfg, host); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func options(cfg Config, host string, port int, auth *authority, certs *authorityTLS) *server.Options {
	return &server.Options{
		ServerName:                 "plaza-" + machineName(),
		Host:                       host,
		Port:                       port,
		NoSigs:                     true,
		MaxPayload:                 MaxPayload,
		MaxPending:                 4 * MaxPayload,
		AlwaysEnableNonce:          true,
		CustomClientAuthentication: auth,
		AuthTimeout:                10,
		TLS:                        true,
		TLSConfig:                  certs.serverConfig(),
		TLSTimeout:                 10,
		PingInterval:               3 * time.Second, // a host whose cable was pulled is dropped before it is back
		MaxPingsOut:                2,
		WriteDeadline:              10 * time.Second,
		MaxClosedClients:           100,
		JetStream:                  true,
		StoreDir:                   cfg.StoreDir,
		JetStreamMaxMemory:         jetStreamMemory,
		JetStreamMaxStore:          jetStreamStore,
		SyncAlways:                 true, // an acknowledged write must survive a power cut
		DisableJetStreamBanner:     true,
	}
}

func (s *Server) begin(ctx context.Context, cfg Config, host string) error {
	s.ns.Start()
	limit := startTimeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	if !s.ns.ReadyForConnections(limit) {
		return fmt.Errorf("the bus did not start on %s within %s", cfg.Listen, limit)
	}
	addr, ok := s.ns.Addr().(*net.TCPAddr)
	if !ok {
		return fmt.Errorf("the bus listens on %v, which is not TCP", s.ns.Addr())
	}
	if err := keepPort(cfg.StoreDir, addr.Port); err != nil {
		return err
	}
	s.url = "tls://" + net.JoinHostPort(reachable(host, cfg.Names), strconv.Itoa(addr.Port))
	if cfg.RecheckEvery <= 0 {
		cfg.RecheckEvery = recheckEvery
	}
	s.sweeping.Add(1)
	go s.sweep(cfg.RecheckEvery)
	return nil
}

// URL is where agents connect: tls://host:port. When the server listens on every address, the host is the first of
// Names, else the machine's name.
func (s *Server) URL() string { return s.url }

// CA is the PEM certificate agents must trust.
func (s *Server) CA() []byte { return s.tls.caPEM }

// Connect returns an in-process connection with every permission, for the control plane itself.
func (s *Server) Connect(name string) (*nats.Conn, error) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		return nil, fmt.Errorf("making an nkey: %w", err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("making an nkey: %w", err)
	}
	s.auth.admit(public)
	nc, err := nats.Connect(nats.DefaultURL, nats.Name(name), nats.InProcessServer(s.ns), nats.Nkey(public, pair.Sign),
		nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort())
	if err != nil {
		return nil, fmt.Errorf("connecting to the embedded bus: %w", err)
	}
	return nc, nil
}

// Disconnect cuts every connection of one nkey; its holder may come back when Authorize still allows it.
func (s *Server) Disconnect(publicNKey string) {
	s.cut(func(key string) bool { return key == publicNKey })
}

// Recheck asks Authorize again about everyone connected and cuts off who may not be any more.
func (s *Server) Recheck() {
	s.cut(func(key string) bool {
		_, ok := s.auth.permissions(key)
		return !ok
	})
}

func (s *Server) cut(gone func(publicNKey string) bool) {
	conns, err := s.ns.Connz(&server.ConnzOptions{Username: true, Limit: 1 << 20})
	if err != nil {
		return
	}
	verdicts := map[string]bool{}
	for _, c := range conns.Conns {
		verdict, known := verdicts[c.AuthorizedUser]
		if !known {
			verdict = gone(c.AuthorizedUser)
			verdicts[c.AuthorizedUser] = verdict
		}
		if verdict {
			_ = s.ns.DisconnectClientByID(c.Cid) // fails only when it is already gone
		}
	}
}

func (s *Server) sweep(every time.Duration) {
	defer s.sweeping.Done()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.Recheck()
		}
	}
}

// Close stops the server and waits for its files to be closed.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.stop)
		s.sweeping.Wait()
		s.ns.Shutdown()
		s.ns.WaitForShutdown()
	})
}

// listenAddress resolves Listen; the port kept by an earlier start stands in for port 0.
func listenAddress(cfg Config) (string, int, error) {
	host, text, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return "", 0, fmt.Errorf("bus listen address %q is not host:port: %w", cfg.Listen, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("bus listen address %q: the port must be 0 to 65535", cfg.Listen)
	}
	if host == "" {
		host = "0.0.0.0"
	}
	if err := os.MkdirAll(cfg.StoreDir, 0o700); err != nil {
		return "", 0, fmt.Errorf("making the bus directory: %w", err)
	}
	if port != 0 {
		return host, port, nil
	}
	if kept, err := os.ReadFile(portFile(cfg.StoreDir)); err == nil {
		if port, err = strconv.Atoi(strings.TrimSpace(string(kept))); err == nil && port > 0 && port < 65536 {
			return host, port, nil
		}
	}
	return host, server.RANDOM_PORT, nil
}

// probe says at once why an address cannot be listened on; the server itself would only log it.
func probe(ctx context.Context, host string, port int) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(max(port, 0))))
	if err != nil {
		return fmt.Errorf("the bus cannot listen: %w", err)
	}
	return l.Close()
}

func portFile(dir string) string { return filepath.Join(dir, "port") }

func keepPort(dir string, port int) error {
	if err := writeFile(portFile(dir), []byte(strconv.Itoa(port)+"\n")); err != nil {
		return fmt.Errorf("keeping the bus port: %w", err)
	}
	return nil
}

// reachable is a name agents can use for the address listened on.
func reachable(host string, names []string) string {
	if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
		return host
	}
	if len(names) > 0 {
		return names[0]
	}
	return machineName()
}

// machineName names the server after its machine.
func machineName() string {
	if name, err := os.Hostname(); err == nil && name != "" {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(".*> \t", r) {
				return '-'
			}
			return r
		}, name)
	}
	return strconv.Itoa(os.Getpid())
}
