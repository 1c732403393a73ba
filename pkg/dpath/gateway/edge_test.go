package gateway_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway"
	"github.com/plazacloud/plaza/pkg/dpath/gateway/front"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const lane = "newRetail"

// edge is a gateway before the rig's chain, in the clear and by TLS.
type edge struct {
	t           *testing.T
	gateway     *gateway.Gateway
	servers     []*front.Server
	clear, safe string // addresses
	client      *http.Client
}

func newEdge(t *testing.T, r *rig.Rig, secure *gateway.Identity, routes ...gateway.Route) *edge {
	peer := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys}}
	e := &edge{t: t, gateway: gateway.New(peer, slog.New(slog.DiscardHandler)), client: &http.Client{Transport: &http.Transport{}}}
	e.use(routes...)
	e.clear = e.serve(nil)
	if secure != nil {
		e.safe = e.serve(secure.Config())
	}
	t.Cleanup(func() {
		for _, s := range e.servers {
			_ = s.Close()
		}
		e.client.CloseIdleConnections()
		e.gateway.CloseIdleConnections()
	})
	return e
}

func (e *edge) use(routes ...gateway.Route) {
	e.t.Helper()
	plan, err := e.gateway.Plan(gateway.Config{Routes: routes})
	require.NoError(e.t, err)
	e.gateway.Use(plan)
}

func (e *edge) serve(c *tls.Config) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(e.t, err)
	s := front.New(front.Options{Handler: e.gateway, TLS: c, HeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	e.servers = append(e.servers, s)
	go func() { _ = s.Serve(l) }()
	return l.Addr().String()
}

// call sends a request in the clear and gives status and body. Headers are name, value.
func (e *edge) call(method, path string, body io.Reader, header ...string) (*http.Response, string) {
	e.t.Helper()
	req, err := http.NewRequest(method, "http://"+e.clear+path, body)
	require.NoError(e.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if h := req.Header.Get("Host"); h != "" {
		req.Host = h
	}
	return e.do(e.client, req)
}

func (e *edge) do(c *http.Client, req *http.Request) (*http.Response, string) {
	e.t.Helper()
	resp, err := c.Do(req)
	require.NoError(e.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(e.t, err)
	return resp, string(text)
}

// authority signs certificates for a test.
type authority struct {
	t    *testing.T
	dir  string
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
	last int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, dir: t.TempDir(), pool: x509.NewCertPool()}
	var err error
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	text := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, text, text, &a.key.PublicKey, a.key)
	require.NoError(t, err)
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	a.pool.AddCert(a.cert)
	a.write("ca.pem", "CERTIFICATE", der)
	return a
}

func (a *authority) write(name, kind string, der []byte) string {
	path := filepath.Join(a.dir, name)
	require.NoError(a.t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

// issue writes name.pem and name.key for loopback.
func (a *authority) issue(name string) (cert, key string) {
	a.last++
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	text := &x509.Certificate{SerialNumber: big.NewInt(1 + a.last), Subject: pkix.Name{CommonName: name}, NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, text, a.cert, &k.PublicKey, a.key)
	require.NoError(a.t, err)
	private, err := x509.MarshalECPrivateKey(k)
	require.NoError(a.t, err)
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "EC PRIVATE KEY", private)
}

// identity loads a certificate of the authority.
func (a *authority) identity(i *gateway.Identity, name string, client bool) {
	files := &gateway.TLS{Listen: "127.0.0.1:0"}
	files.Cert, files.Key = a.issue(name)
	if client {
		files.ClientCA = filepath.Join(a.dir, "ca.pem")
	}
	c, err := files.Load()
	require.NoError(a.t, err)
	i.Use(c)
}

// client speaks TLS, with or without HTTP/2, and with a certificate when one is named.
func (a *authority) client(h2 bool, name string) *http.Client {
	c := &tls.Config{RootCAs: a.pool, MinVersion: tls.VersionTLS12}
	if name != "" {
		cert, key := a.issue(name)
		pair, err := tls.LoadX509KeyPair(cert, key)
		require.NoError(a.t, err)
		c.Certificates = []tls.Certificate{pair}
	}
	t := &http.Transport{TLSClientConfig: c, Protocols: &http.Protocols{}}
	t.Protocols.SetHTTP1(!h2)
	t.Protocols.SetHTTP2(h2)
	a.t.Cleanup(t.CloseIdleConnections)
	return &http.Client{Transport: t}
}

// get calls a path by TLS.
func (e *edge) get(c *http.Client, path string, header ...string) (*http.Response, string) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "https://"+e.safe+path, nil)
	require.NoError(e.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return e.do(c, req)
}
