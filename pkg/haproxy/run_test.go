package haproxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// member is a web server that tells its name, and may be made unwell.
type member struct {
	name string
	sick atomic.Bool
	http *httptest.Server
}

func newMember(t *testing.T, name string) *member {
	t.Helper()
	s := &member{name: name}
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.sick.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, "%s for %s", name, r.Header.Get("X-Forwarded-For"))
	}))
	t.Cleanup(s.http.Close)
	return s
}

func (s *member) member() Member {
	return Member{s.name, "127.0.0.1", s.http.Listener.Addr().(*net.TCPAddr).Port}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// run starts HAProxy with the configuration until the test ends.
func run(t *testing.T, c Config) {
	t.Helper()
	if _, err := exec.LookPath("haproxy"); err != nil {
		t.Skip("haproxy is not installed; .ci/packages.txt lists what tests need")
	}
	if os.Geteuid() != 0 {
		t.Skip("HAProxy drops root's rights, so it needs them")
	}
	text, err := c.Render()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "haproxy.cfg")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "haproxy", "-db", "-f", path)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
		if t.Failed() {
			t.Log(said.String())
		}
	})
}

// ask makes one request on a connection of its own.
func ask(port int, path string) (int, string) {
	c := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Get("http://127.0.0.1:" + strconv.Itoa(port) + path)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(body)
}

// spread counts who answers n requests.
func spread(port, n int) map[string]int {
	out := map[string]int{}
	for range n {
		status, body := ask(port, "/")
		out[fmt.Sprint(status, " ", body)]++
	}
	return out
}

// TestHAProxyBalancesAndFailsOver runs the rendered file on loopback, before two web servers.
func TestHAProxyBalancesAndFailsOver(t *testing.T) {
	a, b := newMember(t, "a"), newMember(t, "b")
	web, raw, same := freePort(t), freePort(t), freePort(t)
	c := Config{Name: "shop", Bind: "127.0.0.1", Health: Health{freePort(t), "/plaza/x"}, Listeners: []Listener{
		{Name: "web", Port: web, Protocol: HTTP, Algorithm: RoundRobin, Check: quick, Members: []Member{a.member(), b.member()}},
		{Name: "raw", Port: raw, Protocol: TCP, Algorithm: LeastConnections, Check: Check{Interval: quick.Interval, Timeout: quick.Timeout, Rise: 1, Fall: 2}, Members: []Member{a.member(), b.member()}},
		{Name: "same", Port: same, Protocol: HTTP, Algorithm: Source, Check: quick, Members: []Member{a.member(), b.member()}},
	}}
	run(t, c)
	require.Eventually(t, func() bool { status, _ := ask(c.Health.Port, "/plaza/x"); return status == http.StatusOK }, 10*time.Second, 20*time.Millisecond)
	status, _ := ask(c.Health.Port, "/plaza/other")
	require.Equal(t, http.StatusNotFound, status, "another balancer at this address is not taken for this one")

	require.Equal(t, map[string]int{"200 a for 127.0.0.1": 10, "200 b for 127.0.0.1": 10}, spread(web, 20))
	require.Len(t, spread(raw, 20), 2)
	require.Len(t, spread(same, 20), 1, "one caller stays with one member")

	a.sick.Store(true)
	onlyB := map[string]int{"200 b for 127.0.0.1": 10}
	require.Eventually(t, func() bool { return fmt.Sprint(spread(web, 10)) == fmt.Sprint(onlyB) }, 10*time.Second, 50*time.Millisecond)
	require.Equal(t, onlyB, spread(same, 10))
	a.sick.Store(false)
	require.Eventually(t, func() bool { return len(spread(web, 10)) == 2 }, 10*time.Second, 50*time.Millisecond, "it is taken back in")

	b.http.Close() // not even connections
	require.Equal(t, map[string]int{"200 a for 127.0.0.1": 20}, spread(web, 20), "no request is lost even before a check has seen it")
	require.Eventually(t, func() bool { return fmt.Sprint(spread(raw, 10)) == fmt.Sprint(map[string]int{"200 a for ": 10}) }, 10*time.Second, 50*time.Millisecond)
	a.sick.Store(true)
	require.Eventually(t, func() bool { status, _ := ask(web, "/"); return status == http.StatusServiceUnavailable }, 10*time.Second, 50*time.Millisecond)
	status, _ = ask(c.Health.Port, "/plaza/x")
	require.Equal(t, http.StatusOK, status, "HAProxy itself is well when no member is")
}
