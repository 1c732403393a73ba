package system

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/test/system/rig"
)

const (
	mixedClients = 8
	mixedKills   = 4
)

// mixedOrders are fewer than PLAZA_ORDERS may ask for, as there is a lot to test.
func mixedOrders(t *testing.T) int64 {
	text := os.Getenv("PLAZA_ORDERS")
	if text == "" {
		return 2_000
	}
	n, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err)
	return n
}

// TestOrdersAreCountedUnderFire lets clients make, change and delete, set limits, and move projects between branches with limits,
// through two plazads that are killed in turn: what is counted is what is there.
func TestOrdersAreCountedUnderFire(t *testing.T) {
	t.Parallel()
	o, all := newOrders(t), mixedOrders(t)
	begin := time.Now()
	var clients, gunner sync.WaitGroup
	done := make(chan struct{})
	gunner.Go(func() { o.shoot(t, done) })
	for c := range mixedClients {
		dice := rand.New(rand.NewPCG(o.seed, uint64(c))) //nolint:gosec // it only has to vary
		clients.Go(func() {
			for o.count.Add(1) <= all && !t.Failed() {
				o.any(t, dice)
			}
		})
	}
	clients.Wait()
	close(done)
	gunner.Wait()
	t.Logf("%d orders, %d of them fulfilled, under %d kills in %s", all, o.fulfilled.Load(), o.kills, time.Since(begin).Round(time.Millisecond))
	require.Greater(t, o.fulfilled.Load(), all/2)
	require.Positive(t, o.kills)
	rig.Within(t, 3*time.Minute, func() error { return allEnded(t, o.planes[0]) })
	require.Empty(t, rig.Call[struct{ Items []m }](t, o.planes[0].Client, http.MethodGet, "/v1/quotas/differences", nil).Items)
}

// orders are two plazads on one database, two brands with limits, and what was made in their projects.
type orders struct {
	planes           []*rig.Plane
	brands, projects []string
	seed             uint64
	count, fulfilled atomic.Int64
	kills            int

	mu   sync.Mutex
	made [][2]string // plural and id
}

// mixedKinds need no host.
var mixedKinds = map[string]func(dice *rand.Rand) m{
	"networks":       func(dice *rand.Rand) m { return m{"cidr": fmt.Sprintf("10.%d.0.0/24", dice.IntN(200))} },
	"securitygroups": func(dice *rand.Rand) m { return m{"rules": []m{{"protocol": "tcp", "fromPort": 1 + dice.IntN(999)}}} },
	"keypairs": func(*rand.Rand) m {
		return m{"publicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGh0dHA6Ly9leGFtcGxlLmNvbS9leGFtcGxlLWtleS0x shop"}
	},
}

var mixedPlurals = []string{"networks", "securitygroups", "keypairs"}

func newOrders(t *testing.T) *orders {
	database := storetest.URL(t, store.Postgres)
	o := &orders{seed: uint64(time.Now().UnixNano())} //nolint:gosec // any will do
	t.Logf("seed %d", o.seed)
	first := rig.NewPlane(t, rig.PlaneOptions{Database: database, Node: "node-0"})
	second := first.Beside(t, "node-1")
	second.Start(t)
	o.planes = []*rig.Plane{first, second}
	node := func(typ, name, parent string) string {
		return rig.Call[struct{ ID string }](t, first.Client, http.MethodPost, "/v1/nodes", m{"type": typ, "name": name, "parent": parent}).ID
	}
	group := node("group", "mixed", "")
	for b := range 2 {
		o.brands = append(o.brands, node("brand", fmt.Sprint("brand", b), group))
		for p := range 3 {
			o.projects = append(o.projects, node("project", fmt.Sprintf("p%d-%d", b, p), o.brands[b]))
		}
	}
	return o
}

// shoot kills the plazads in turn, and starts each again.
func (o *orders) shoot(t *testing.T, done <-chan struct{}) {
	for ; o.kills < mixedKills; o.kills++ {
		select {
		case <-done:
			return
		case <-time.After(2 * time.Second):
		}
		p := o.planes[o.kills%2]
		p.Kill()
		p.Start(t)
	}
}

// any is one order.
func (o *orders) any(t *testing.T, dice *rand.Rand) {
	plural, project := mixedPlurals[dice.IntN(3)], o.projects[dice.IntN(len(o.projects))]
	switch n := dice.IntN(100); {
	case n < 55:
		body := rig.Body(project, "x"+uuid.NewString()[:13], mixedKinds[plural](dice))
		if a, ok := o.send(t, dice, http.MethodPost, "/v1/"+plural, body); ok {
			var made rig.Applied
			if err := json.Unmarshal(a.Body, &made); err != nil {
				t.Errorf("%s: %v", a.Body, err)
				return
			}
			o.mu.Lock()
			o.made = append(o.made, [2]string{plural, made.Object.ID})
			o.mu.Unlock()
		}
	case n < 80:
		if x, ok := o.pick(dice, true); ok {
			o.send(t, dice, http.MethodDelete, "/v1/"+x[0]+"/"+x[1], nil)
		}
	case n < 90:
		if x, ok := o.pick(dice, false); ok {
			o.send(t, dice, http.MethodPatch, "/v1/"+x[0]+"/"+x[1], m{"labels": m{"n": fmt.Sprint(dice.IntN(1000))}})
		}
	case n < 96:
		node := append(append([]string{}, o.brands...), o.projects...)[dice.IntN(len(o.brands)+len(o.projects))]
		o.send(t, dice, http.MethodPut, "/v1/quotas/"+plural+"?node="+node, m{"hard": []int{-1, -1, 100, 400, 2000}[dice.IntN(5)]})
	default:
		o.send(t, dice, http.MethodPost, "/v1/nodes/"+project+"/move", m{"parent": o.brands[dice.IntN(2)]})
	}
}

// pick is something that was made; taken, nobody else gets it.
func (o *orders) pick(dice *rand.Rand, take bool) ([2]string, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.made) == 0 {
		return [2]string{}, false
	}
	i := dice.IntN(len(o.made))
	x := o.made[i]
	if take {
		o.made[i] = o.made[len(o.made)-1]
		o.made = o.made[:len(o.made)-1]
	}
	return x, true
}

// send asks one plazad, and the other when that one does not answer; a key keeps it from being done twice.
func (o *orders) send(t *testing.T, dice *rand.Rand, method, path string, body any) (rig.Answer, bool) {
	key := uuid.NewString()
	for try := dice.IntN(2); ; try++ {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		a, err := o.planes[try%2].Do(ctx, method, path, body, "Idempotency-Key", key)
		cancel()
		switch {
		case err == nil && a.Status < 300:
			o.fulfilled.Add(1)
			return a, true
		case err == nil && a.Status < 500:
			return a, false // refused: a limit, or gone meanwhile
		case try > 200:
			t.Errorf("%s %s: %v %s", method, path, err, a.Body)
			return a, false
		}
		time.Sleep(100 * time.Millisecond)
	}
}
