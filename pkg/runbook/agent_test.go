package runbook_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/agent"
	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/host"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// site is a control plane with a real bus, and a host whose real agent is started anew when it asks for it.
type site struct {
	*control
	registry *host.Registry
	caller   *bus.Caller
	dir      string
	id       agent.Identity
}

func newSite(t *testing.T, commands map[string]agent.Command) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	var registry atomic.Pointer[host.Registry]
	nats, err := bus.Start(t.Context(), bus.Config{Listen: "127.0.0.1:0", StoreDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler), RecheckEvery: 500 * time.Millisecond,
		Authorize: func(key string) (bus.Permissions, bool) {
			if r := registry.Load(); r != nil {
				return r.Authorize(key)
			}
			return bus.Permissions{}, false
		}})
	require.NoError(t, err)
	t.Cleanup(nats.Close)
	conn, err := nats.Connect("plazad")
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	s.caller, err = bus.NewCaller(conn)
	require.NoError(t, err)
	s.control = newControl(t, storetest.Open(t, store.SQLite), s.caller)
	s.registry = host.NewRegistry(s.Store, nats.URL, nats.CA)
	registry.Store(s.registry)
	require.NoError(t, s.keeper.Install(t.Context()))

	_, token, err := s.registry.CreateToken(t.Context(), s.who["ann"], "north", "edge-1", 0)
	require.NoError(t, err)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in kvm.EnrolRequest
		out, err := kvm.EnrolResponse{}, json.NewDecoder(r.Body).Decode(&in)
		if err == nil {
			out, err = s.registry.Enrol(r.Context(), in)
		}
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(web.Close)
	s.id, _, err = agent.Enrol(t.Context(), agent.EnrolOptions{Server: web.URL, Token: token, Dir: s.dir, Roles: []string{"ceph"}})
	require.NoError(t, err)
	s.serve(t, commands)
	return s
}

// serve runs the agent as its command does: a start that ends with ErrRestart is followed by another.
func (s *site) serve(t *testing.T, commands map[string]agent.Command) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		for {
			id, err := agent.LoadIdentity(s.dir)
			if err == nil {
				err = agent.Run(ctx, agent.Config{Identity: id, Dir: s.dir, Version: "test", Commands: commands, Logger: slog.New(slog.DiscardHandler)})
			}
			if !errors.Is(err, agent.ErrRestart) {
				done <- err
				return
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	require.Eventually(t, func() bool { _, err := s.self(); return err == nil }, time.Minute, 50*time.Millisecond, "the agent answers")
}

func (s *site) self() (out errand.Agent, err error) {
	err = s.caller.Call(context.Background(), s.id.HostID, errand.Role, errand.Self, errand.Limit, errand.None{}, &out)
	return out, err
}

func (s *site) publicKey(t *testing.T) string {
	t.Helper()
	raw, err := s.View(resource.Everything).Get(t.Context(), "host", "", "edge-1")
	require.NoError(t, err)
	h, err := resource.As[kinds.HostSpec, kinds.HostStatus](raw)
	require.NoError(t, err)
	return h.Spec.PublicKey
}

// TestAgentsDoWhatTheirHostAllows and nothing else; they start anew, and prove themselves with another key.
func TestAgentsDoWhatTheirHostAllows(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	s := newSite(t, map[string]agent.Command{"note": {Run: []string{"/bin/sh", "-c", `echo "$1" >> ` + log + `; echo noted`, "sh", "${text}"}, Parameters: map[string]string{"text": "[a-z]+"}}})
	edge := map[string]string{"host": "edge-1"}
	command := func(run string, args map[string]string) runbook.Spec {
		return runbook.Spec{Parameters: []runbook.RunParameter{{Name: "host", Type: "host"}},
			Steps: []runbook.Step{{Name: "run", Do: runbook.Act{Command: &runbook.CommandArgs{Host: "${host}", Run: run, Arguments: args}}}}}
	}
	require.NoError(t, s.write(t, "ann", "note", command("note", map[string]string{"text": "hello"})))
	require.NoError(t, s.begin(t, "ann", "n1", "note", edge))
	got := s.becomes(t, "n1", runbook.RunDone)
	require.Equal(t, "noted\n", got.Status.Steps[0].Work.Output)
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, "hello\n", string(text))

	require.NoError(t, s.write(t, "ann", "free", command("sh", map[string]string{"c": "id"})))
	require.NoError(t, s.begin(t, "ann", "f1", "free", edge))
	require.Contains(t, s.becomes(t, "f1", runbook.RunFailed).Status.Message, `allows no command "sh"`)
	require.NoError(t, s.write(t, "ann", "wide", command("note", map[string]string{"text": "$(id)"})))
	require.NoError(t, s.begin(t, "ann", "w1", "wide", edge))
	require.Contains(t, s.becomes(t, "w1", runbook.RunFailed).Status.Message, "not what this host allows")

	before, err := s.self()
	require.NoError(t, err)
	require.NoError(t, s.write(t, "ann", "restart", runbook.Spec{Steps: []runbook.Step{{Name: "restart", Do: runbook.Act{RestartAgent: &runbook.HostArgs{Host: "edge-1"}}}}}))
	require.NoError(t, s.begin(t, "ann", "a1", "restart", nil))
	s.becomes(t, "a1", runbook.RunDone)
	after, err := s.self()
	require.NoError(t, err)
	require.NotEqual(t, before.Boot, after.Boot)

	old := s.publicKey(t)
	require.Equal(t, after.PublicKey, old)
	require.NoError(t, s.begin(t, "ann", "k1", "certificate-rotation", edge))
	got = s.becomes(t, "k1", runbook.RunDone)
	require.NotEqual(t, old, s.publicKey(t))
	after, err = s.self()
	require.NoError(t, err)
	require.Equal(t, s.publicKey(t), after.PublicKey)
	_, ok := s.registry.Authorize(old)
	require.False(t, ok, "the former key is not let in any more")
	id, err := agent.LoadIdentity(s.dir)
	require.NoError(t, err)
	require.Equal(t, s.publicKey(t), id.PublicKey, "and a start later on uses the new one")
	require.Contains(t, s.notes(t, s.id.HostID), "ann rotate-key")
	require.Contains(t, s.notes(t, got.ID), "step.done step rotate")
}
