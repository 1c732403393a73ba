package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/bus"
)

// TestAuthorityIsChangedInSteps while plazad is started anew between them, as the page for operators says.
func TestAuthorityIsChangedInSteps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	p := start(t, dir)
	first := trusted(t, dir)
	step := func(name string) string { return command(t, "authority", name, "--dir", dir, "--log-level", "error") }
	fails := func(name string, args ...string) error {
		cmd := newCommand()
		cmd.SetArgs(append([]string{"authority", name, "--log-level", "error"}, args...))
		return cmd.ExecuteContext(t.Context())
	}
	require.ErrorContains(t, fails("add", "--dir", t.TempDir()), "say which folder")
	for _, name := range []string{"use", "drop"} {
		require.ErrorIs(t, fails(name, "--dir", dir), bus.ErrAuthorities)
	}
	require.Contains(t, step("add"), "certificate-rotation")
	require.ErrorIs(t, fails("add", "--dir", dir), bus.ErrAuthorities)
	p.halt(t)
	p = start(t, dir)
	require.NoError(t, p.shakesHands(first), "the first issues still")
	require.Contains(t, step("use"), "authority drop")
	p.halt(t)
	p = start(t, dir)
	require.Error(t, p.shakesHands(first))
	second := trusted(t, dir)
	require.NoError(t, p.shakesHands(second))
	step("use")
	p.halt(t)
	p = start(t, dir)
	require.NoError(t, p.shakesHands(first), "it changes back")
	step("use")
	step("drop")
	p.halt(t)
	p = start(t, dir)
	require.NoError(t, p.shakesHands(second))
	require.Error(t, p.shakesHands(first))
	p.halt(t)
}

// trusted is the authority that issues now.
func trusted(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(dir, "bus", "tls", "ca.pem")) //nolint:gosec // of this test
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	return pool
}

// shakesHands asks for the bus' certificate as an agent does: NATS speaks first, then TLS begins.
func (p *plane) shakesHands(trust *x509.CertPool) error {
	nc, err := net.Dial("tcp", p.BusListen)
	if err != nil {
		return err
	}
	defer nc.Close()                                                //nolint:errcheck // nothing is left to say
	if _, err := bufio.NewReader(nc).ReadString('\n'); err != nil { // INFO, and nothing more until TLS begins
		return err
	}
	return tls.Client(nc, &tls.Config{RootCAs: trust, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS13}).Handshake()
}
