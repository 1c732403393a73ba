package rig

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// PlaneOptions change how a control plane runs; zero values are fine.
type PlaneOptions struct {
	Dir      string // default one of its own
	Database string // default SQLite in Dir
	Node     string
}

// Plane is a plazad.
type Plane struct {
	*Client

	Dir, Listen, Bus string
	options          PlaneOptions
	proc             *process
}

// NewPlane starts plazad and signs in as its administrator.
func NewPlane(tb testing.TB, o PlaneOptions) *Plane {
	tb.Helper()
	p := PreparePlane(tb, o)
	p.Start(tb)
	p.SignIn(tb, p.Password(tb))
	return p
}

// PreparePlane is a plazad that does not run yet.
func PreparePlane(tb testing.TB, o PlaneOptions) *Plane {
	tb.Helper()
	if o.Dir == "" {
		o.Dir = Dir(tb, "d")
	}
	if o.Node == "" {
		o.Node = "plane"
	}
	p := &Plane{Dir: o.Dir, Listen: Port(tb), Bus: Port(tb), options: o}
	p.Client = newClient("http://" + p.Listen)
	tb.Cleanup(func() {
		if p.proc == nil {
			return
		}
		if tb.Failed() {
			tb.Log(p.proc.tail())
		}
		if p.proc.running() {
			if err := p.proc.stop(20 * time.Second); err != nil {
				tb.Errorf("plazad: %v", err)
			}
		}
		p.http.CloseIdleConnections()
	})
	return p
}

// Beside is a plazad of the same installation that does not run yet: one database, one sealing key, and the same session.
func (p *Plane) Beside(tb testing.TB, node string) *Plane {
	tb.Helper()
	b := PreparePlane(tb, PlaneOptions{Database: p.options.Database, Node: node})
	key, err := os.ReadFile(filepath.Join(p.Dir, "sealing.key"))
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(filepath.Join(b.Dir, "sealing.key"), key, 0o600))
	b.token = p.token
	return b
}

// Password is what plazad left for its first administrator.
func (p *Plane) Password(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(p.Dir, "initial-admin-password"))
	require.NoError(tb, err)
	return string(bytes.TrimSpace(data))
}

// Begin starts plazad and does not wait.
func (p *Plane) Begin(tb testing.TB) {
	tb.Helper()
	args := []string{"run", "--dir", p.Dir, "--listen", p.Listen, "--bus-listen", p.Bus, "--node", p.options.Node}
	if p.options.Database != "" {
		args = append(args, "--database", p.options.Database)
	}
	p.proc = launch(tb, filepath.Join(p.Dir+".log"), binary(tb, "plazad"), args...)
}

// Start starts plazad, waits until it is ready, and returns how long that took.
func (p *Plane) Start(tb testing.TB) time.Duration {
	tb.Helper()
	binary(tb, "plazad") // building does not count
	begin := time.Now()
	p.Begin(tb)
	for !p.Ready() {
		if !p.proc.running() || time.Since(begin) > time.Minute {
			tb.Fatalf("plazad is not ready after %s\n%s", time.Since(begin), p.proc.tail())
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begin)
}

// Ready asks plazad whether it serves.
func (p *Plane) Ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	a, err := p.Do(ctx, http.MethodGet, "/readyz", nil)
	return err == nil && a.Status == http.StatusOK
}

// Kill ends plazad with SIGKILL.
func (p *Plane) Kill() { p.proc.kill() }

// Stop ends plazad in order.
func (p *Plane) Stop(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, p.proc.stop(20*time.Second), "%s", p.proc.tail())
}

// Pid is plazad's process id.
func (p *Plane) Pid() int { return p.proc.cmd.Process.Pid }

// Database is where it keeps its rows, as an address for store.Open.
func (p *Plane) Database() string {
	if p.options.Database != "" {
		return p.options.Database
	}
	return "sqlite://" + filepath.Join(p.Dir, "plaza.db")
}
