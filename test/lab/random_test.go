package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// apiUnits are the services of the control node that answer requests.
var apiUnits = []string{"keystone", "nova-api", "neutron-api", "cinder-api", "glance-api", "placement-api", "ironic-api"}

const (
	randomOperations = 200 // at least
	randomClients    = 4
	randomKills      = 3
	randomPause      = 1200 * time.Millisecond // a client's mean pause, so that kills and restarts meet work under way
)

// TestRandomOperationsUnderFire makes, changes and deletes at random while plazad is killed and each API of the cloud is
// restarted; then Plaza and the stock clients (openstack, virsh, rbd, ceph, radosgw-admin, S3) must tell the same, and after
// a clean-up nothing may be left.
func TestRandomOperationsUnderFire(t *testing.T) {
	s := newSite(t)
	s.addCluster(t)
	before := s.lab.stock(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var networks []string
	for i := range 2 {
		networks = append(networks, s.Create(t, "networks", s.project, fmt.Sprintf("net-%d", i), m{"cidr": "10.91.0.0/24"}).ID)
	}
	w := &world{site: s, networks: networks, live: map[string]string{}}
	begin := time.Now()
	w.storm(t, seed)
	t.Logf("%d operations, %d refused, %s", w.done.Load(), w.refused.Load(), time.Since(begin).Round(time.Second))
	settled := rig.Within(t, 5*time.Minute, func() error { return s.settled(t) })
	t.Logf("all is settled %s later", settled.Round(time.Second))
	for range 2 {
		s.agree(t)
		has := s.lab.stock(t).since(before)
		s.agreeOnGuests(t, has)
		s.agreeOnStorage(t, has)
		s.empty(t)
	}
	s.nothingLeft(t)
}

// world is what the clients of the storm share.
type world struct {
	*site
	networks      []string
	mu            sync.Mutex
	live          map[string]string // id → plural
	next          atomic.Int64
	fired         atomic.Bool // all of the kills and restarts
	done, refused atomic.Int64
}

func (w *world) storm(t *testing.T, seed uint64) {
	var all sync.WaitGroup
	for c := range randomClients {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(seed, uint64(c))) //nolint:gosec // it only has to vary
			for w.next.Add(1) <= randomOperations || !w.fired.Load() {
				w.act(t, dice)
				time.Sleep(time.Duration(dice.Int64N(int64(2 * randomPause))))
			}
		})
	}
	all.Go(func() { w.fire(t) })
	all.Wait()
}

// fire kills plazad three times and restarts every API once while the storm lasts.
func (w *world) fire(t *testing.T) {
	defer w.fired.Store(true)
	units := slices.Clone(apiUnits)
	for i := range randomKills + len(apiUnits) {
		time.Sleep(randomPause * randomOperations / randomClients / time.Duration(randomKills+len(apiUnits)+1))
		if i%3 == 1 {
			w.Kill()
			w.Start(t)
			t.Logf("plazad was killed after %d operations", w.done.Load())
			continue
		}
		out, err := w.lab.try(w.lab.env["LAB_CONTROL"], "systemctl restart "+units[0])
		if err != nil {
			t.Errorf("restart %s: %v: %s", units[0], err, out)
		}
		t.Logf("%s was restarted after %d operations", units[0], w.done.Load())
		units = units[1:]
	}
}

// act does one thing: mostly it makes, then changes and deletes what there is.
func (w *world) act(t *testing.T, dice *rand.Rand) {
	id, plural := w.pick(dice)
	switch n := dice.IntN(10); {
	case n < 4 || id == "":
		w.create(t, dice)
	case n < 7 && plural == "servers":
		power := []string{"running", "stopped"}[dice.IntN(2)]
		w.send(t, http.MethodPatch, "/v1/servers/"+id, m{"spec": m{"power": power}})
	case n < 7 && (plural == "volumes" || plural == "shares"):
		w.send(t, http.MethodPatch, "/v1/"+plural+"/"+id, m{"spec": m{"sizeGiB": 2}})
	case n < 7 && plural == "buckets":
		w.send(t, http.MethodPatch, "/v1/buckets/"+id, m{"spec": m{"quotaGiB": 2}})
	default:
		if _, ok := w.send(t, http.MethodDelete, "/v1/"+plural+"/"+id, nil); ok {
			w.mu.Lock()
			delete(w.live, id)
			w.mu.Unlock()
		}
	}
	w.done.Add(1)
}

func (w *world) pick(dice *rand.Rand) (id, plural string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := make([]string, 0, len(w.live))
	for id := range w.live {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return "", ""
	}
	sort.Strings(ids)
	id = ids[dice.IntN(len(ids))]
	return id, w.live[id]
}

func (w *world) create(t *testing.T, dice *rand.Rand) {
	name := "x" + uuid.NewString()[:8]
	plural, spec := "securitygroups", any(m{"rules": []m{{"protocol": "icmp"}}})
	w.mu.Lock()
	count := map[string]int{}
	for _, p := range w.live {
		count[p]++
	}
	w.mu.Unlock()
	switch n := dice.IntN(10); {
	case n < 3 && count["servers"] < 6: // the lab has two cores
		plural, spec = "servers", server(w.networks[dice.IntN(len(w.networks))], m{"power": "stopped"})
	case n < 5:
		plural, spec = "networks", m{"cidr": fmt.Sprintf("10.%d.0.0/24", 100+dice.IntN(50))}
	case n < 7 && count["volumes"] < 6: // and little room for volumes
		plural, spec = "volumes", m{"sizeGiB": 1}
	case n < 9:
		plural, spec = storageOrder(dice.IntN(2))
	}
	if a, ok := w.send(t, http.MethodPost, "/v1/"+plural, rig.Body(w.project, name, spec)); ok {
		w.mu.Lock()
		w.live[a.Object.ID] = plural
		w.mu.Unlock()
	}
}

// send repeats a request under one key until it is answered; a refusal that a user would get, too, is counted.
func (w *world) send(t *testing.T, method, path string, body any) (rig.Applied, bool) {
	key, begin := uuid.NewString(), time.Now()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
		a, err := w.Do(ctx, method, path, body, "Idempotency-Key", key)
		cancel()
		var out rig.Applied
		switch {
		case err == nil && a.Status < 300:
			if err := json.Unmarshal(a.Body, &out); err != nil {
				t.Errorf("%s %s: %v in %s", method, path, err, a.Body)
			}
			return out, true
		case err == nil && a.Status < 500:
			w.refused.Add(1)
			return out, a.Status == http.StatusNotFound
		case time.Since(begin) > 90*time.Second:
			t.Errorf("%s %s: not acknowledged: %d %s %v", method, path, a.Status, a.Body, err)
			return out, false
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// settled wants nothing under way.
func (s *site) settled(t *testing.T) error {
	for _, plural := range []string{"servers", "volumes", "networks", "securitygroups", "images", "buckets", "shares"} {
		for _, o := range s.List(t, plural) {
			if !o.Settled() {
				return fmt.Errorf("%s %s is %s: %v", plural, o.Name, o.Phase, o.Conditions)
			}
		}
	}
	for _, state := range []resource.OperationState{resource.OperationPending, resource.OperationRunning} {
		open := rig.Call[struct{ Items []resource.Operation }](t, s.Client, http.MethodGet, "/v1/operations?limit=100&state="+string(state), nil).Items
		if len(open) > 0 {
			return fmt.Errorf("%d operations are %s, e.g. %s %s: %s", len(open), state, open[0].Verb, open[0].ObjectName, open[0].Message)
		}
	}
	return nil
}
