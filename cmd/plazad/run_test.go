package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

// plane is a control plane that runs in this process.
type plane struct {
	config
	stop context.CancelFunc
	end  chan error
}

func start(t *testing.T, dir string) *plane {
	t.Helper()
	p := &plane{config: config{Dir: dir, Database: "sqlite://" + dir + "/plaza.db", Listen: freePort(t), BusListen: freePort(t), Node: "n1", LogLevel: "error"}, end: make(chan error, 1)}
	ctx, stop := context.WithCancel(t.Context())
	p.stop = stop
	go func() { p.end <- run(ctx, p.config) }()
	require.Eventually(t, func() bool {
		select {
		case err := <-p.end:
			t.Errorf("it ended: %v", err)
			return true
		default:
		}
		resp, err := client.Get("http://" + p.Listen + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond)
	return p
}

func (p *plane) halt(t *testing.T) {
	t.Helper()
	p.stop()
	select {
	case err := <-p.end:
		require.NoError(t, err)
	case <-time.After(graceful + 10*time.Second):
		t.Fatal("it does not stop")
	}
}

func (p *plane) login(t *testing.T, name, password string) int {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": name, "password": password})
	require.NoError(t, err)
	resp, err := client.Post("http://"+p.Listen+"/v1/login", "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}

func command(t *testing.T, args ...string) string {
	t.Helper()
	out := &bytes.Buffer{}
	cmd := newCommand()
	cmd.SetOut(out)
	cmd.SetArgs(args)
	require.NoError(t, cmd.ExecuteContext(t.Context()))
	return out.String()
}

func TestRunServesStopsAndComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	p := start(t, dir)
	file := filepath.Join(dir, "initial-admin-password")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	first, err := os.ReadFile(file)
	require.NoError(t, err)
	password := strings.TrimSpace(string(first))
	require.Less(t, p.login(t, "admin", password), 300)

	// On a database in use the tools work beside the running plane.
	fresh := strings.TrimSpace(command(t, "reset-password", "admin", "--dir", dir, "--log-level", "error"))
	require.GreaterOrEqual(t, len(fresh), 20)
	require.Equal(t, http.StatusUnauthorized, p.login(t, "admin", password))
	require.Less(t, p.login(t, "admin", fresh), 300)
	var seeded struct {
		Nodes    []struct{ ID, FullName string }
		Accounts []struct{ Name, Role, Password string }
		Changed  bool
	}
	require.NoError(t, json.Unmarshal([]byte(command(t, "seed", "--dir", dir, "-o", "json")), &seeded))
	require.True(t, seeded.Changed)
	require.Len(t, seeded.Nodes, 8)
	require.Len(t, seeded.Accounts, 4)
	for _, a := range seeded.Accounts {
		require.Less(t, p.login(t, a.Name, a.Password), 300, a.Name)
	}
	again := command(t, "seed", "--dir", dir)
	require.Contains(t, again, `"changed":false`)
	require.NotContains(t, again, `"password"`)

	// A watch that is open does not keep it from stopping.
	conn, err := net.Dial("tcp", p.Listen)
	require.NoError(t, err)
	defer conn.Close()
	p.halt(t)
	_, err = net.DialTimeout("tcp", p.Listen, time.Second)
	require.Error(t, err)

	p = start(t, dir)
	require.Less(t, p.login(t, "admin", fresh), 300, "the state is still there")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, first, after, "bootstrap happens once")
	p.halt(t)
}

func TestStopWhileTheAddressIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	dir := t.TempDir()
	err = run(t.Context(), config{Dir: dir, Database: "sqlite://" + dir + "/plaza.db", Listen: l.Addr().String(), BusListen: freePort(t), Node: "n1", LogLevel: "error"})
	require.ErrorContains(t, err, "the API can not listen")
}

func TestPasswordForNobody(t *testing.T) {
	cmd := newCommand()
	cmd.SetArgs([]string{"reset-password", "nobody", "--dir", t.TempDir(), "--log-level", "error"})
	require.Error(t, cmd.ExecuteContext(t.Context()))
}
