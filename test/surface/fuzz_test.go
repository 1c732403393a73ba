package surface_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/test/surface"
	"github.com/plazacloud/plaza/test/system/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

const (
	workers = 2
	// patience is how long an answer may take on a machine that is busy with other tests; waits are asked for a moment only.
	patience = 30 * time.Second
	// glance is how long something that does not end is looked at.
	glance = 200 * time.Millisecond
)

// duration is two minutes among the other tests, the same ones each time; PLAZA_FUZZ has it longer, and begins anywhere.
func duration(t *testing.T) (d time.Duration, seed uint64) {
	text := os.Getenv("PLAZA_FUZZ")
	if text == "" {
		return 2 * time.Minute, 1
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d, uint64(time.Now().UnixNano()) //nolint:gosec // any will do
}

// run is what all workers share.
type run struct {
	plane    *rig.Plane
	document *surface.Document
	memory   *surface.Memory

	mu       sync.Mutex
	sent     int
	statuses map[int]int
	done     map[string]int // answers by operation, and those that succeeded
	worked   map[string]int
	away     int
	slowest  string
	longest  time.Duration
	faults   []string
}

// TestAnyRequestIsAnswered asks everything that the document has for a while, half of it with each database. Every answer comes
// in time and is one that the document knows; none is a failure of plazad's own.
func TestAnyRequestIsAnswered(t *testing.T) {
	t.Parallel()
	limit, seed := duration(t)
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) { fuzz(t, storetest.URL(t, d), limit/2, seed) })
	}
}

func fuzz(t *testing.T, database string, limit time.Duration, seed uint64) {
	p := rig.NewPlane(t, rig.PlaneOptions{Database: database})
	r := start(t, p)
	var sessions []*rig.Client // for what ends them
	for range 3 * len(ends) {
		sessions = append(sessions, p.As(t, "admin", p.Password(t)))
	}
	t.Logf("seed %d", seed)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var work sync.WaitGroup
	for w := range workers {
		work.Go(func() { r.work(ctx, w, seed+uint64(w)) })
	}
	work.Wait()
	g := surface.NewGenerator(r.document, r.memory, seed+workers)
	for _, op := range r.document.Operations {
		for range 3 {
			if slices.Contains(ends, op.ID) {
				r.ask(t.Context(), sessions[0], g.Make(op))
				sessions = sessions[1:]
			}
		}
	}
	t.Log(r.summary())
	require.Empty(t, r.faults, strings.Join(r.faults, "\n"))
	require.Len(t, r.done, len(r.document.Operations), "operations that were asked")
	require.Greater(t, len(r.worked), len(r.document.Operations)/3, "operations that succeeded at times")
	require.True(t, p.Ready())
}

// work asks each operation once, in turn with the other workers, and then any.
func (r *run) work(ctx context.Context, worker int, seed uint64) {
	g := surface.NewGenerator(r.document, r.memory, seed)
	for n := worker; ctx.Err() == nil && !r.enough(); n += workers {
		q := g.Any()
		if n < len(r.document.Operations) {
			q = g.Make(r.document.Operations[n])
		}
		if !slices.Contains(ends, q.Operation.ID) {
			r.ask(ctx, r.plane.Client, q)
		}
	}
}

func start(t *testing.T, p *rig.Plane) *run {
	d := documentOf(t, p)
	require.Greater(t, len(d.Operations), 250)
	p.Project(t, "fuzz")
	m := surface.NewMemory()
	me := rig.Call[struct{ User struct{ ID, Name string } }](t, p.Client, http.MethodGet, "/v1/me", nil)
	m.Hide(me.User.ID, me.User.Name)
	for _, b := range rig.Call[struct{ Items []struct{ ID string } }](t, p.Client, http.MethodGet, "/v1/bindings", nil).Items {
		m.Hide(b.ID)
	}
	return &run{plane: p, document: d, memory: m, statuses: map[int]int{}, done: map[string]int{}, worked: map[string]int{}}
}

// documentOf is what a plazad says of itself.
func documentOf(t *testing.T, p *rig.Plane) *surface.Document {
	t.Helper()
	a, err := p.Do(t.Context(), http.MethodGet, "/v1/openapi.json", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.Status)
	d, err := surface.Parse(a.Body)
	require.NoError(t, err)
	return d
}

// send sends a request and waits for its answer, for a glance only where it has no end; of one that then only began to tell
// there is nothing but that.
func send(ctx context.Context, who *rig.Client, q surface.Request) (rig.Answer, error) {
	limit := patience
	if q.Operation.Stream {
		limit = glance
	}
	asked, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var body any
	if q.Body != nil {
		body = q.Body
	}
	a, err := who.Do(asked, q.Operation.Method, q.Path, body, q.Header...)
	if q.Operation.Stream && errors.Is(err, context.DeadlineExceeded) {
		return rig.Answer{Status: http.StatusOK}, nil
	}
	return a, err
}

// enough ends a run that has found plenty.
func (r *run) enough() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.faults) >= 20
}

// ends are what would end the session that the requests are sent with.
var ends = []string{"logout", "deleteSession", "changePassword"}

func (r *run) ask(ctx context.Context, who *rig.Client, q surface.Request) {
	begin := time.Now()
	got, err := send(ctx, who, q)
	took := time.Since(begin)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		r.note(q, surface.Answer{Took: took}, fmt.Sprintf("no answer after %s: %s", took.Round(time.Millisecond), err))
	default:
		a := surface.Answer{Status: got.Status, Header: got.Header, Body: got.Body, Took: took}
		if a.Status < 300 {
			r.memory.Learn(strings.Split(q.Operation.Path, "/")[2], a.Body)
		}
		r.note(q, a, r.document.Check(q, a))
	}
}

func (r *run) note(q surface.Request, a surface.Answer, fault string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent++
	r.statuses[a.Status]++
	r.done[q.Operation.ID]++
	if a.Status >= 200 && a.Status < 300 {
		r.worked[q.Operation.ID]++
	}
	if a.Status == http.StatusServiceUnavailable && fault == "" {
		r.away++
	}
	if a.Took > r.longest {
		r.longest, r.slowest = a.Took, q.Operation.ID
	}
	if fault != "" {
		r.faults = append(r.faults, q.String()+"\n    "+fault)
	}
}

func (r *run) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests over %d operations, %d of which succeeded at times; the longest took %s (%s); backends away: %d\n",
		r.sent, len(r.done), len(r.worked), r.longest.Round(time.Millisecond), r.slowest, r.away)
	for _, s := range slices.Sorted(maps.Keys(r.statuses)) {
		fmt.Fprintf(&b, "  %d: %d\n", s, r.statuses[s])
	}
	return b.String()
}
