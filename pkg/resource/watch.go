package resource

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// touch writes a job in a transaction of its own.
func (s *Store) touch(ctx context.Context, j Job) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error { return s.jobs.Insert(ctx, tx, []Job{j}) })
}

// Event tells that an object was written or removed. Object is its state when the event was read, nil when it is gone.
type Event struct {
	Revision int64  `json:"revision"`
	Kind     string `json:"kind"`
	ObjectID string `json:"objectId"`
	Project  string `json:"project,omitempty"`
	Name     string `json:"name"`
	Change   string `json:"change" enum:"put,delete"`
	Object   *Raw   `json:"object,omitempty"`
}

// Watch is a stream of events. Events is closed when the context ends or the watcher is too slow; it then watches
// again from the last revision it saw.
type Watch struct {
	Events <-chan Event
	// Revision is where the stream starts.
	Revision int64
}

type watcher struct {
	view  View
	kinds map[string]bool
	out   chan Event
	after int64
	lent  map[string]*borrowing // by kind; of kinds that are lent
}

// hub reads the events table once for all watchers of this process.
type hub struct {
	store  *Store
	wake   chan struct{}
	stop   chan struct{}
	once   sync.Once
	wg     sync.WaitGroup
	mu     sync.Mutex
	closed bool
	subs   map[*watcher]bool
	cursor int64
}

// watchBuffer is how many events a watcher may lag behind; watchPoll how late a write of another process shows.
const (
	watchBuffer = 1024
	watchPoll   = 100 * time.Millisecond
)

func newHub(s *Store) *hub {
	h := &hub{store: s, wake: make(chan struct{}, 1), stop: make(chan struct{}), subs: map[*watcher]bool{}}
	h.wg.Go(h.run)
	return h
}

func (h *hub) poke() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hub) close() {
	h.once.Do(func() { close(h.stop) })
	h.wg.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for w := range h.subs {
		h.drop(w)
	}
}

func (h *hub) run() {
	tick := time.NewTicker(watchPoll)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-h.wake:
		case <-tick.C:
		}
		if err := h.deliver(); err != nil {
			h.store.log.Warn("watch: events can not be read", "error", err)
		}
	}
}

// deliver hands new events to the watchers; with none there is nothing to read.
func (h *hub) deliver() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subs) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		rows, err := h.store.eventsAfter(ctx, h.cursor, 500)
		if err != nil || len(rows) == 0 {
			return err
		}
		objects, err := h.store.objectsOf(ctx, rows)
		if err != nil {
			return err
		}
		for i := range rows {
			h.cursor = max(h.cursor, rows[i].Revision)
			for w := range h.subs {
				h.send(w, &rows[i], objects)
			}
		}
	}
}

func (h *hub) send(w *watcher, r *eventRow, objects map[string]*Raw) {
	if r.Revision <= w.after || len(w.kinds) > 0 && !w.kinds[r.Kind] {
		return
	}
	e := event(r, objects)
	if !w.view.scope.Sees(r.Project) && !w.borrows(&e) {
		return
	}
	select {
	case w.out <- e:
	default:
		h.drop(w)
	}
}

func (h *hub) drop(w *watcher) {
	if h.subs[w] {
		delete(h.subs, w)
		close(w.out)
	}
}

func event(r *eventRow, objects map[string]*Raw) Event {
	e := Event{Revision: r.Revision, Kind: r.Kind, ObjectID: r.ObjectID, Project: r.Project, Name: r.Name, Change: r.Change}
	if o := objects[r.ObjectID]; r.Change == "put" && o != nil && o.Project == r.Project { // what it is in another project is not theirs to see
		e.Object = o
	}
	return e
}

// objectsOf reads what the events are about, once for all watchers and without secrets.
func (s *Store) objectsOf(ctx context.Context, events []eventRow) (map[string]*Raw, error) {
	ids := make([]string, 0, len(events))
	seen := map[string]bool{}
	for _, e := range events {
		if e.Change == "put" && !seen[e.ObjectID] {
			seen[e.ObjectID] = true
			ids = append(ids, e.ObjectID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []row
	if err := s.db.Read.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	out := make(map[string]*Raw, len(rows))
	followed := map[string][]*Raw{}
	for i := range rows {
		o, err := s.toRaw(&rows[i], false)
		if err != nil {
			return nil, err
		}
		out[o.ID] = &o
		followed[o.Kind] = append(followed[o.Kind], &o)
	}
	for kind, objects := range followed {
		if err := s.View(Everything).Tally(ctx, kind, objects...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// eventsAfter reads whole transactions: on PostgreSQL those older than any that is still open, so that none is missed.
func (s *Store) eventsAfter(ctx context.Context, after int64, limit int) ([]eventRow, error) {
	var rows []eventRow
	q := s.db.Read.NewSelect().Model(&rows).Where("revision > ?", after)
	if s.db.Dialect == store.Postgres {
		q = q.Where("revision < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
	}
	if err := q.Order("revision", "seq").Limit(int64(limit)).Scan(ctx); err != nil || len(rows) < limit {
		return rows, err
	}
	// The last transaction may be cut: read it whole next time, or all of it now when it is alone.
	last := rows[len(rows)-1].Revision
	if rows[0].Revision == last {
		rows = nil
		return rows, s.db.Read.NewSelect().Model(&rows).Where("revision = ?", last).Order("seq").Scan(ctx)
	}
	for len(rows) > 0 && rows[len(rows)-1].Revision == last {
		rows = rows[:len(rows)-1]
	}
	return rows, nil
}

// head returns the revision up to which every event can be read now.
func (s *Store) head(ctx context.Context) (rev int64, err error) {
	q := "SELECT value FROM counters WHERE name = 'revision'"
	if s.db.Dialect == store.Postgres {
		q = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1"
	}
	err = s.db.Read.NewRaw(q).Scan(ctx, &rev)
	return rev, err
}

// Watch streams changes of the given kinds (all, when none is given) that the view's scope sees, after a revision;
// 0 starts now. The stream ends with ctx.
func (v View) Watch(ctx context.Context, after int64, kinds ...string) (*Watch, error) {
	h := v.store.hub
	w := &watcher{view: v, kinds: map[string]bool{}, out: make(chan Event, watchBuffer)}
	for _, k := range kinds {
		def, err := v.store.registry.Kind(k)
		if err != nil {
			return nil, err
		}
		w.kinds[def.Name] = true
	}
	if err := w.borrow(ctx); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, Problemf(ReasonUnavailable, "", "try again in a moment", "the server is stopping")
	}
	head, err := v.store.head(ctx)
	if err != nil {
		return nil, err
	}
	if len(h.subs) == 0 {
		h.cursor = head
	}
	if after == 0 {
		after = head
	}
	w.after = after
	if err := h.catchUp(ctx, w); err != nil {
		return nil, err
	}
	h.subs[w] = true
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drop(w)
	})
	return &Watch{Events: w.out, Revision: after}, nil
}

// catchUp sends what a watcher missed before it came back; too much of it means that it must list again.
func (h *hub) catchUp(ctx context.Context, w *watcher) error {
	if w.after < h.cursor {
		forgotten, err := h.store.forgotten(ctx)
		if err != nil {
			return err
		}
		if w.after < forgotten {
			return Problemf(ReasonStale, "", "list again, then watch from now", "events after revision %d have been forgotten", w.after)
		}
	}
	for w.after < h.cursor {
		rows, err := h.store.eventsAfter(ctx, w.after, 500)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		objects, err := h.store.objectsOf(ctx, rows)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].Revision > h.cursor {
				break // the hub delivers it to all
			}
			if len(w.out) >= watchBuffer/2 {
				return Problemf(ReasonStale, "", "list again, then watch from now", "too much has changed since revision %d", w.after)
			}
			h.send(w, &rows[i], objects)
		}
		w.after = min(rows[len(rows)-1].Revision, h.cursor)
	}
	return nil
}

// PruneEvents forgets watch events older than age, and remembers up to where, so that nobody resumes before that.
func (s *Store) PruneEvents(ctx context.Context, age time.Duration) error {
	before := s.now().Add(-age)
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var last int64
		if err := tx.NewSelect().Table("events").ColumnExpr("COALESCE(MAX(revision), 0)").Where("at < ?", before).Scan(ctx, &last); err != nil || last == 0 {
			return err
		}
		if _, err := tx.NewDelete().Table("events").Where("at < ?", before).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw(`INSERT INTO counters (name, value) VALUES ('forgotten', ?) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`, last).Exec(ctx)
		return err
	})
}

// forgotten returns the revision of the last event that is no longer kept.
func (s *Store) forgotten(ctx context.Context) (rev int64, err error) {
	err = s.db.Read.NewRaw(`SELECT COALESCE(MAX(value), 0) FROM counters WHERE name = 'forgotten'`).Scan(ctx, &rev)
	return rev, err
}
