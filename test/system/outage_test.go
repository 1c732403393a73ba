package system

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// stopped is a server that only has to be defined.
func stopped() m { return server("front", m{"power": "stopped"}) }

// order asks for an object and does not wait.
func order(t *testing.T, p *rig.Plane, plural, project, name string, spec any) rig.Applied {
	t.Helper()
	return rig.Call[rig.Applied](t, p.Client, http.MethodPost, "/v1/"+plural, rig.Body(project, name, spec), "Idempotency-Key", uuid.NewString())
}

// trying waits until an operation goes on and says what is in its way.
func trying(t *testing.T, p *rig.Plane, id string, reason resource.Reason, limit time.Duration) resource.Problem {
	t.Helper()
	var why resource.Problem
	rig.Within(t, limit, func() error {
		op := p.Operation(t, id)
		require.False(t, op.Ended(), "%s: %s", op.State, op.Message)
		if op.Problem == nil {
			return errors.New("it has met no problem: " + op.Message)
		}
		if err := json.Unmarshal(op.Problem, &why); err != nil || why.Reason != reason {
			return fmt.Errorf("its problem is %s: %w", op.Problem, err)
		}
		require.Contains(t, op.Message, why.Detail)
		return nil
	})
	require.NotEmpty(t, why.Detail)
	return why
}

// down waits until a host is shown as unable to take servers, and a new one is refused for it.
func down(t *testing.T, p *rig.Plane, project string, limit time.Duration, detail string) {
	t.Helper()
	begin := time.Now()
	rig.Within(t, limit, func() error {
		for _, o := range p.List(t, "hosts") {
			if rig.Status(o, "status.alive") == "true" && rig.Status(o, "status.libvirtUp") == "true" {
				return errors.New("the host looks well")
			}
		}
		return nil
	})
	t.Logf("shown after %s", time.Since(begin).Round(time.Millisecond))
	got := p.Refused(t, http.StatusConflict, resource.ReasonNoCandidate, http.MethodPost, "/v1/servers", rig.Body(project, "no", stopped()))
	require.Len(t, got.Candidates, 1)
	require.Equal(t, "Down", got.Candidates[0].Reason)
	require.Contains(t, got.Candidates[0].Detail, detail)
	require.NotEmpty(t, got.Hint)
}

// TestOutages takes away what Plaza stands on, one after the other, in the middle of work; all of it comes to its end.
func TestOutages(t *testing.T) {
	p := rig.NewPlane(t, rig.PlaneOptions{})
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "bus", rig.Port(t), p.Bus)
	require.NoError(t, proxy.Start())
	t.Cleanup(proxy.Stop)
	pool := filepath.Join(rig.Dir(t, "p"), "pool")
	rig.Tmpfs(t, pool, "size=16g,nr_inodes=120")
	h := p.AddHost(t, "h1", rig.HostOptions{Pool: pool, Bus: (&url.URL{Scheme: "tls", Host: proxy.Listen}).String()})
	p.Create(t, "flavors", "", "tiny", tiny)
	p.AddGuest(t, "busybox", "")
	project := p.Project(t, "shop")
	p.Create(t, "networks", project, "front", m{"cidr": "10.82.0.0/24"})
	p.Create(t, "servers", project, "first", stopped())

	t.Run("libvirtd hangs, dies, and comes back", func(t *testing.T) {
		h.FreezeLibvirt(t)
		a := order(t, p, "servers", project, "patient", stopped())
		h.KillLibvirt(t)
		trying(t, p, a.Operation.ID, resource.ReasonUnavailable, 30*time.Second)
		down(t, p, project, 15*time.Second, "libvirtd does not answer")
		h.StartLibvirt(t)
		t.Logf("done %s after libvirtd was back", p.Succeeded(t, a.Operation.ID, 40*time.Second).Round(time.Millisecond))
		require.Contains(t, h.Domains(t), a.Object.ID)
		p.Alive(t, h, 15*time.Second)
	})
	t.Run("agent is killed and comes back", func(t *testing.T) {
		h.KillAgent()
		a := order(t, p, "volumes", project, "patient", m{"sizeGiB": 1})
		trying(t, p, a.Operation.ID, resource.ReasonUnavailable, 15*time.Second)
		down(t, p, project, 10*time.Second, "last heard of at")
		h.StartAgent(t)
		t.Logf("done %s after the agent was back", p.Succeeded(t, a.Operation.ID, 40*time.Second).Round(time.Millisecond))
		p.Alive(t, h, 15*time.Second)
	})
	t.Run("agent dies while plazad is away", func(t *testing.T) {
		p.Stop(t)
		h.KillAgent()
		p.Start(t)
		down(t, p, project, 15*time.Second, "last heard of at")
		h.StartAgent(t)
		p.Alive(t, h, 15*time.Second)
	})
	t.Run("bus is cut", func(t *testing.T) {
		proxy.Stop()
		a := order(t, p, "volumes", project, "cut", m{"sizeGiB": 1})
		trying(t, p, a.Operation.ID, resource.ReasonUnavailable, 15*time.Second)
		down(t, p, project, 10*time.Second, "last heard of at")
		require.NoError(t, proxy.Start())
		t.Logf("done %s after the bus was back", p.Succeeded(t, a.Operation.ID, 40*time.Second).Round(time.Millisecond))
		p.Alive(t, h, 15*time.Second)
	})
	t.Run("the pool's disk is full", func(t *testing.T) { fullPool(t, p, h, project) })
}

// fullPool takes all inodes of the pool: "no space left on device" without filling memory.
func fullPool(t *testing.T, p *rig.Plane, h *rig.Host, project string) {
	var fill []string
	for i := 0; ; i++ {
		path := filepath.Join(h.Pool, fmt.Sprintf("fill-%d", i))
		err := os.WriteFile(path, nil, 0o600)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		require.NoError(t, err)
		fill = append(fill, path)
	}
	v := order(t, p, "volumes", project, "late", m{"sizeGiB": 1})
	s := order(t, p, "servers", project, "late", stopped())
	require.NotEmpty(t, trying(t, p, v.Operation.ID, resource.ReasonStorageFull, 15*time.Second).Hint)
	require.NotEmpty(t, trying(t, p, s.Operation.ID, resource.ReasonStorageFull, 15*time.Second).Hint)
	require.NotContains(t, files(t, filepath.Join(h.Pool, "volumes")), v.Object.ID, "a half volume")
	for _, path := range fill {
		require.NoError(t, os.Remove(path))
	}
	p.Succeeded(t, v.Operation.ID, 40*time.Second)
	p.Succeeded(t, s.Operation.ID, 40*time.Second)
	require.Contains(t, h.Domains(t), s.Object.ID)
}

// TestFullDatabaseDisk fills the disk below plazad: it refuses changes, goes on answering, and has lost nothing.
func TestFullDatabaseDisk(t *testing.T) {
	dir := filepath.Join(rig.Dir(t, "f"), "d")
	rig.Tmpfs(t, dir, "size=24m")
	p := rig.NewPlane(t, rig.PlaneOptions{Dir: dir})
	project := p.Project(t, "shop")
	p.Create(t, "networks", project, "before", m{"cidr": "10.83.0.0/24"})
	fill, err := os.Create(filepath.Join(dir, "fill")) //nolint:gosec // below Root
	require.NoError(t, err)
	block := make([]byte, 4096)
	for err == nil {
		_, err = fill.Write(block)
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, fill.Close())

	acknowledged := map[string]bool{"before": true}
	var got rig.Problem
	for i := 0; got.Status == 0; i++ { // what the log has allocated already may still be used
		require.Less(t, i, 2000, "it never fills up")
		name := fmt.Sprintf("n%d", i)
		a, err := p.Do(t.Context(), http.MethodPost, "/v1/networks", rig.Body(project, name, m{"cidr": "10.83.0.0/24"}))
		require.NoError(t, err)
		if a.Status < 300 {
			acknowledged[name] = true
			continue
		}
		require.NoError(t, json.Unmarshal(a.Body, &got))
		require.Equal(t, http.StatusInsufficientStorage, a.Status, "%s", a.Body)
	}
	require.Equal(t, resource.ReasonStorageFull, got.Reason)
	require.NotEmpty(t, got.Hint)
	require.Len(t, p.List(t, "networks"), len(acknowledged), "reading goes on")
	require.NoError(t, os.Remove(fill.Name()))
	rig.Within(t, time.Minute, func() error {
		a, err := p.Do(t.Context(), http.MethodPost, "/v1/networks", rig.Body(project, "after", m{"cidr": "10.83.0.0/24"}))
		if err == nil && a.Status >= 300 {
			err = errors.New(string(a.Body))
		}
		return err
	})
	acknowledged["after"] = true
	rig.Within(t, time.Minute, func() error { return allEnded(t, p) })
	p.Kill()
	p.Start(t)
	for _, o := range p.List(t, "networks") {
		require.True(t, acknowledged[o.Name], "%s was refused", o.Name)
		delete(acknowledged, o.Name)
	}
	require.Empty(t, acknowledged, "lost")
}
