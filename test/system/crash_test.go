package system

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/test/system/rig"
)

const (
	crashCreates = 200
	crashClients = 8
	crashKills   = 15
)

// TestCrash kills plazad and the agent at random points while clients create and delete, and then wants all books to
// agree with what the clients were told.
func TestCrash(t *testing.T) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) { crash(t, storetest.URL(t, d)) })
	}
}

// ledger is what clients were acknowledged.
type ledger struct {
	sync.Mutex
	kind    map[string]string // object id → plural
	name    map[string]string
	deleted map[string]bool
	ops     map[string]string // operation id → object id
}

func (l *ledger) created(plural, name string, a rig.Applied) {
	l.Lock()
	defer l.Unlock()
	l.kind[a.Object.ID], l.name[a.Object.ID] = plural, name
	if a.Operation != nil {
		l.ops[a.Operation.ID] = a.Object.ID
	}
}

func (l *ledger) removed(id string, op *resource.Operation) {
	l.Lock()
	defer l.Unlock()
	l.deleted[id] = true
	if op != nil {
		l.ops[op.ID] = id
	}
}

func crash(t *testing.T, database string) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	p, h, project := site(t, rig.PlaneOptions{Database: database}, rig.HostOptions{})
	p.Patch(t, "hosts", h.ID, "10s", m{"cpuOvercommit": 64})
	l := &ledger{kind: map[string]string{}, name: map[string]string{}, deleted: map[string]bool{}, ops: map[string]string{}}
	var networks []string
	for i := range 3 {
		name := fmt.Sprintf("net-%d", i)
		n := p.Create(t, "networks", project, name, m{"cidr": "10.80.0.0/23"})
		l.created("networks", name, rig.Applied{Object: n})
		networks = append(networks, n.ID)
	}
	begin := time.Now()
	kills := storm(t, p, h, l, project, networks, seed)
	t.Logf("%d creates and %d deletes under %d kills in %s", len(l.kind), len(l.deleted), kills, time.Since(begin).Round(time.Millisecond))

	// A call that was lost with whom it was made by is given up after a minute, and made again; so is one that a busy machine is too slow for.
	settled := rig.Within(t, 5*time.Minute, func() error { return allEnded(t, p) })
	t.Logf("every operation has ended %s after the last start", settled.Round(time.Millisecond))
	books := openBooks(t, p)
	agree(t, p, h, l, books, project)

	for _, plural := range []string{"servers", "volumes", "networks"} {
		var waiting []string
		for id, kind := range l.kind {
			if kind == plural && !l.deleted[id] {
				a := rig.Call[rig.Applied](t, p.Client, http.MethodDelete, "/v1/"+plural+"/"+id, nil)
				l.removed(id, a.Operation)
				waiting = append(waiting, a.Operation.ID)
			}
		}
		for _, op := range waiting {
			p.Succeeded(t, op, time.Minute)
		}
	}
	agree(t, p, h, l, books, project)
	require.Empty(t, h.Domains(t))
	require.Empty(t, h.Networks())
	for id := range l.kind {
		require.Empty(t, rig.Left(id), "%s %s", l.kind[id], l.name[id])
	}
	idle(t, books)
	t.Logf("all in %s", time.Since(begin).Round(time.Millisecond))
}

// storm lets clients work under fire until all of their requests are acknowledged and enough was killed.
func storm(t *testing.T, p *rig.Plane, h *rig.Host, l *ledger, project string, networks []string, seed uint64) int {
	var clients, gunner sync.WaitGroup
	var next atomic.Int64
	for c := range crashClients {
		clients.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(c))) //nolint:gosec // it only has to vary
			for {
				i := int(next.Add(1)) - 1
				if i >= crashCreates {
					return
				}
				life(t, p, l, project, networks[i%len(networks)], i, dice)
			}
		})
	}
	kills := 0
	gunner.Go(func() {
		dice := rand.New(rand.NewPCG(seed, 99)) //nolint:gosec // as above
		for ; kills < crashKills; kills++ {
			time.Sleep(time.Duration(150+dice.IntN(1350)) * time.Millisecond)
			shoot(t, p, h, dice)
		}
	})
	clients.Wait()
	gunner.Wait()
	return kills
}

// shoot kills plazad, now and then the agent with it, and now and then plazad again while it starts.
func shoot(t *testing.T, p *rig.Plane, h *rig.Host, dice *rand.Rand) {
	p.Kill()
	if dice.IntN(4) == 0 {
		h.KillAgent()
		h.StartAgent(t)
	}
	for dice.IntN(4) == 0 {
		p.Begin(t)
		time.Sleep(time.Duration(dice.IntN(400)) * time.Millisecond)
		p.Kill()
	}
	time.Sleep(time.Duration(dice.IntN(200)) * time.Millisecond)
	p.Start(t)
}

// life creates one object and, for most of them, deletes it: at once, or when it is ready.
func life(t *testing.T, p *rig.Plane, l *ledger, project, network string, i int, dice *rand.Rand) {
	plural, name, spec := "volumes", fmt.Sprintf("vol-%d", i), m{"sizeGiB": 1}
	if i%3 == 0 {
		plural, name, spec = "servers", fmt.Sprintf("srv-%d", i), server(network, m{"power": "stopped"})
	}
	a, found := insist(t, p, http.MethodPost, "/v1/"+plural, rig.Body(project, name, spec))
	if !found {
		t.Errorf("%s %s could not be created", plural, name)
		return
	}
	l.created(plural, name, a)
	fate := dice.IntN(4)
	if fate == 0 {
		return
	}
	if fate > 1 && a.Operation != nil {
		time.Sleep(time.Duration(dice.IntN(1500)) * time.Millisecond)
	}
	gone, _ := insist(t, p, http.MethodDelete, "/v1/"+plural+"/"+a.Object.ID, nil)
	l.removed(a.Object.ID, gone.Operation)
}

// insist repeats a request under one key until it is acknowledged. A deletion that was done already finds nothing.
func insist(t *testing.T, p *rig.Plane, method, path string, body any) (rig.Applied, bool) {
	key, begin := uuid.NewString(), time.Now()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		a, err := p.Do(ctx, method, path, body, "Idempotency-Key", key)
		cancel()
		var problem rig.Problem
		switch {
		case err == nil && a.Status < 300:
			var out rig.Applied
			if err := json.Unmarshal(a.Body, &out); err != nil {
				t.Errorf("%s %s: %v in %s", method, path, err, a.Body)
			}
			return out, true
		case err == nil && a.Status == http.StatusNotFound && method == http.MethodDelete:
			return rig.Applied{}, false
		case err == nil:
			_ = json.Unmarshal(a.Body, &problem)
		}
		// What is not there any more in a moment: no server, no host that has reported yet.
		if err == nil && a.Status < 500 && problem.Reason != resource.ReasonNoCandidate {
			t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
			return rig.Applied{}, false
		}
		if time.Since(begin) > time.Minute {
			t.Errorf("%s %s: not acknowledged: %d %s %v", method, path, a.Status, a.Body, err)
			return rig.Applied{}, false
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// allEnded wants no open operation, no object that a look at its backend has still to calm down, and no address of what is gone.
func allEnded(t *testing.T, p *rig.Plane) error {
	there := map[string]bool{}
	for _, plural := range []string{"servers", "volumes", "networks"} {
		for _, o := range p.List(t, plural) {
			there[o.ID] = true
			if !o.Settled() {
				return fmt.Errorf("%s %s is %s: %v", plural, o.Name, o.Phase, o.Conditions)
			}
			for _, at := range resource.Lookup(o, "status.ports.server") {
				if !there[at] {
					return fmt.Errorf("network %s keeps an address for server %s, which is gone", o.Name, at)
				}
			}
		}
	}
	for _, state := range []resource.OperationState{resource.OperationPending, resource.OperationRunning} {
		open := rig.Call[struct{ Items []resource.Operation }](t, p.Client, http.MethodGet, "/v1/operations?limit=1000&state="+string(state), nil).Items
		if len(open) > 0 {
			var what []string
			for _, o := range open[:min(len(open), 5)] {
				what = append(what, fmt.Sprintf("%s %s %s: %s (%d attempts)", o.Verb, o.Kind, o.ObjectName, o.Message, o.Attempts))
			}
			return fmt.Errorf("%d operations are %s: %s", len(open), state, strings.Join(what, "; "))
		}
	}
	return nil
}
