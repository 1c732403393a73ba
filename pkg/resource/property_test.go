package resource_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// modelBox is what a box should be by the rules alone.
type modelBox struct {
	id       string
	size     int64
	held     int64 // of the metric volume: reserved and committed
	settled  int64 // committed
	there    bool  // status says so
	failed   bool
	deleting bool
	open     []string // operations that have not ended
	since    time.Time
	metered  int64
	integral int64 // volume times microseconds
}

// machine drives a store and a model of it by the same steps.
type machine struct {
	t       *testing.T
	p       *operationtest.Plant
	project string
	now     time.Time
	hard    int64
	boxes   map[string]*modelBox
	ended   map[string]resource.OperationState
	past    map[string]int64 // usage integrals of deleted boxes by id
	names   int
}

func (m *machine) used() (n int64) {
	for _, b := range m.boxes {
		n += b.held
	}
	return n
}

func (m *machine) meter(b *modelBox) {
	b.integral += b.metered * m.now.Sub(b.since).Microseconds()
	b.since = m.now
	b.metered = 0
	if b.there {
		b.metered = b.size
	}
}

func (m *machine) pick(t *rapid.T) (string, *modelBox) {
	if len(m.boxes) == 0 {
		t.Skip()
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(m.boxes))).Draw(t, "box")
	return name, m.boxes[name]
}

func (m *machine) apply(t *rapid.T, name string, size int64) (resource.Applied, error) {
	r := operationtest.Box(name, int(size))
	r.Project = m.project
	return m.p.Apply(m.t.Context(), r)
}

func (m *machine) create(t *rapid.T) {
	size := rapid.Int64Range(1, 9).Draw(t, "size")
	m.names++
	name := fmt.Sprint("b", m.names)
	a, err := m.apply(t, name, size)
	if m.hard >= 0 && m.used()+size > m.hard {
		require.Equal(t, resource.ReasonQuotaExceeded, resource.ReasonOf(err))
		return
	}
	require.NoError(t, err)
	m.boxes[name] = &modelBox{id: a.Object.ID, size: size, held: size, open: []string{a.Operation.ID}, since: m.now}
}

func (m *machine) resize(t *rapid.T) {
	name, b := m.pick(t)
	size := rapid.Int64Range(1, 9).Draw(t, "size")
	a, err := m.apply(t, name, size)
	more := size - b.held
	switch {
	case b.deleting:
		require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err))
	case size == b.size:
		require.NoError(t, err)
		require.False(t, a.Changed)
	case more > 0 && m.hard >= 0 && m.used()+more > m.hard:
		require.Equal(t, resource.ReasonQuotaExceeded, resource.ReasonOf(err))
	default:
		require.NoError(t, err)
		b.size, b.failed, b.held = size, false, max(b.held, size)
		b.open = append(b.open, a.Operation.ID)
		m.meter(b)
	}
}

func (m *machine) drop(t *rapid.T) {
	_, b := m.pick(t)
	a, err := m.p.Delete(m.t.Context(), resource.Request{Kind: "box", ID: b.id, Actor: operationtest.Admin})
	require.NoError(t, err)
	if !b.deleting {
		b.deleting = true
		b.open = append(b.open, a.Operation.ID)
	}
}

func (m *machine) end(b *modelBox, s resource.OperationState) {
	for _, id := range b.open {
		m.ended[id] = s
	}
	b.open = nil
}

// pass reconciles one box; the backend works, is away, or refuses for good.
func (m *machine) pass(t *rapid.T) {
	name, b := m.pick(t)
	mood := rapid.SampledFrom([]string{"works", "works", "away", "refuses"}).Draw(t, "backend")
	var fault func(*box) (resource.Result, error, bool)
	switch mood {
	case "away":
		fault = answer(resource.Result{}, errors.New("away"))
	case "refuses":
		fault = answer(resource.Result{}, resource.Invalid("box", "spec", nil, "never"))
	}
	m.p.OnReconcile(fault)
	m.p.OnDelete(fault)
	_, err := m.p.Reconcile(m.t.Context(), "n1", resource.Job{Kind: "box", ID: b.id})
	require.NoError(t, err)
	switch {
	case b.deleting && mood == "works":
		last := b.open[len(b.open)-1]
		m.end(b, resource.OperationCancelled)
		m.ended[last] = resource.OperationSucceeded
		m.meter(b)
		m.past[b.id] = b.integral
		delete(m.boxes, name)
	case b.deleting || b.failed || mood == "away":
	case mood == "refuses":
		b.failed = true
		m.end(b, resource.OperationFailed)
	default:
		b.there, b.held, b.settled = true, b.size, b.size
		m.meter(b)
		m.end(b, resource.OperationSucceeded)
	}
}

func (m *machine) limit(t *rapid.T) {
	m.hard = rapid.Int64Range(-1, 30).Draw(t, "hard")
	require.NoError(t, m.p.SetQuota(m.t.Context(), operationtest.Admin, m.project, "volume", resource.Hard(m.hard)))
}

func (m *machine) tick(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "ms")) * time.Millisecond)
}

// check compares everything that is stored with the model.
func (m *machine) check(t *rapid.T) {
	ctx := m.t.Context()
	objects := map[string]resource.Raw{}
	require.NoError(t, resource.All(ctx, m.p.View, resource.Query{Kind: "box", Project: m.project}, func(o resource.Raw) error {
		objects[o.Name] = o
		return nil
	}))
	require.Len(t, objects, len(m.boxes))
	var reserved, committed int64
	for name, b := range m.boxes {
		o := objects[name]
		require.Equal(t, b.deleting, o.DeletingAt != nil)
		require.Equal(t, b.failed && !b.deleting, o.Phase == resource.PhaseFailed)
		reserved, committed = reserved+b.held-b.settled, committed+b.settled
		for _, id := range b.open {
			op, err := m.p.View.Operation(ctx, id)
			require.NoError(t, err)
			require.False(t, op.Ended())
		}
	}
	for id, state := range m.ended {
		op, err := m.p.View.Operation(ctx, id)
		require.NoError(t, err)
		require.Equal(t, state, op.State)
		delete(m.ended, id)
	}
	totals, err := m.p.View.Quota(ctx, m.project)
	require.NoError(t, err)
	for _, u := range totals {
		switch u.Metric {
		case "volume":
			require.Equal(t, [2]int64{reserved, committed}, [2]int64{u.Reserved, u.Committed})
		case "boxes":
			require.EqualValues(t, len(m.boxes), u.Reserved+u.Committed)
		}
	}
	diff, err := m.p.Recount(ctx)
	require.NoError(t, err)
	require.Empty(t, diff)
	m.checkUsage(t)
}

// checkUsage integrates the usage events and compares with what the model metered.
func (m *machine) checkUsage(t *rapid.T) {
	var events []resource.Usage
	require.NoError(t, m.p.DB().Read.NewSelect().Model(&events).Where("project = ?", m.project).Order("id").Scan(m.t.Context()))
	integral, last := map[string]int64{}, map[string]resource.Usage{}
	for _, e := range events {
		if was, ok := last[e.ObjectID]; ok {
			integral[e.ObjectID] += was.Measures["volume"] * e.At.Sub(was.At).Microseconds()
		}
		last[e.ObjectID] = e
	}
	for id, want := range m.past {
		require.Equal(t, want, integral[id])
	}
	for _, b := range m.boxes {
		e := last[b.id]
		require.Equal(t, b.integral+b.metered*m.now.Sub(b.since).Microseconds(), integral[b.id]+e.Measures["volume"]*m.now.Sub(e.At).Microseconds())
	}
}

// Whatever the order of creating, resizing, deleting, failing and limiting: what is stored is what the rules say.
func TestKernelAgreesWithItsModel(t *testing.T) {
	require.NoError(t, flag.Set("rapid.checks", "30"))
	require.NoError(t, flag.Set("rapid.steps", "40"))
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{Idle: true})
		run := 0
		rapid.Check(t, func(rt *rapid.T) {
			run++
			m := &machine{t: t, p: p, project: fmt.Sprint("run-", run), now: time.Now().UTC().Truncate(time.Second), hard: -1,
				boxes: map[string]*modelBox{}, ended: map[string]resource.OperationState{}, past: map[string]int64{}}
			p.SetClock(func() time.Time { return m.now })
			rt.Repeat(map[string]func(*rapid.T){"": m.check, "create": m.create, "resize": m.resize, "drop": m.drop, "pass": m.pass, "pass again": m.pass, "limit": m.limit, "tick": m.tick})
		})
	})
}
