package sqldpath

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Enqueue writes a job inside tx, with label and trace of ctx, so that it runs
// in the lane of the call or job that caused it. Subject says what kind of job
// it is; ID, Data and Due are kept too. A job whose ID exists is left as it is:
// a timetable names the hour in the ID and every node may enqueue. What a
// timetable causes is common, unless it begins a lane with [carrier.Peer.Begin].
func (c *Carrier) Enqueue(ctx context.Context, tx Execer, m *carrier.Message) error {
	l, err := c.park(ctx)
	if err != nil {
		return err
	}
	data, due := m.Data, m.Due
	if data == nil {
		data = []byte{}
	}
	if due.IsZero() {
		due = c.Peer.Time()
	}
	_, err = c.exec(ctx, tx, `INSERT INTO dpath_job (id, kind, data, dpath_env, baggage, traceparent, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, m.ID, m.Subject, data, l.env, l.baggage, l.traceparent, due.UnixMilli())
	if err != nil {
		return fmt.Errorf("job %s: %w", m.ID, err)
	}
	return nil
}

// WorkOptions says how jobs are run. The zero value is sensible.
type WorkOptions struct {
	// Lease bounds one run: its context ends then, and another may run the job; 0 means 5 min.
	Lease time.Duration
	// Attempts is how often a job is run before it has failed; 0 means 5.
	Attempts int
	// Backoff is the pause after a failed run, times its number; 0 means 10 s.
	Backoff time.Duration
	// Silence is how long dedicated nodes may be unheard of before public ones
	// take their lane; 0 means [carrier.DefaultSilence].
	Silence time.Duration
	Log     *slog.Logger // nil means the default logger
}

func (o WorkOptions) withDefaults() WorkOptions {
	if o.Lease <= 0 {
		o.Lease = 5 * time.Minute
	}
	if o.Attempts <= 0 {
		o.Attempts = 5
	}
	if o.Backoff <= 0 {
		o.Backoff = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Work runs due jobs of every lane this process may take until ctx ends, each
// lane's one after another; call it several times to run more at once. A job
// runs at least once. Done and failed rows stay, to be read and deleted by the
// service.
func (c *Carrier) Work(ctx context.Context, o WorkOptions, run carrier.Handler) error {
	o = o.withDefaults()
	w := &worker{c, o, carrier.NewLanes(c.Peer, o.Silence, o.Log), c.holder(), run}
	return w.lanes.Run(ctx, func(ctx context.Context) error {
		if err := w.beat(ctx); err != nil && ctx.Err() == nil {
			o.Log.WarnContext(ctx, "cannot look for jobs", "error", err.Error())
		}
		return nil
	}, w.take)
}

type worker struct {
	*Carrier
	WorkOptions
	lanes  *carrier.Lanes
	holder string
	run    carrier.Handler
}

// beat says that this dedicated node lives, hears which others do, and finds
// lanes in which jobs wait. A node's sign holds for two ticks.
func (w *worker) beat(ctx context.Context) error {
	now := w.Peer.Time()
	prefix := "alive/" + w.Peer.App + "/"
	if w.lanes.Beats() {
		if _, err := w.lease(ctx, prefix+w.Peer.Node, w.Peer.Node, now.Add(2*w.lanes.Tick())); err != nil {
			return err
		}
	}
	err := w.texts(ctx, func(name string) { w.lanes.Heard(name[len(prefix):]) },
		`SELECT name FROM dpath_lease WHERE substr(name, 1, length($1)) = $1 AND until > $2`, prefix, now.UnixMilli())
	return errors.Join(err, w.texts(ctx, func(env string) { w.lanes.Know(label{env: env}.lane()) },
		`SELECT DISTINCT dpath_env FROM dpath_job WHERE state = 'waiting'`))
}

// texts calls f for each row of one text column.
func (w *worker) texts(ctx context.Context, f func(string), query string, args ...any) error {
	rows, err := w.DB.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		f(s)
	}
	return rows.Err()
}

// take runs the jobs of one lane until stop is closed.
func (w *worker) take(ctx context.Context, lane string, stop <-chan struct{}) {
	for {
		more, err := w.next(ctx, lane)
		if err != nil && ctx.Err() == nil {
			w.Log.WarnContext(ctx, "job not settled", "lane", lane, "error", err.Error())
		}
		pause := w.lanes.Tick()
		if more {
			pause = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-stop:
			return
		case <-time.After(pause):
		}
	}
}

type job struct {
	message carrier.Message
	label
}

// claim leases the longest due job of a lane; nil means there is none.
func (w *worker) claim(ctx context.Context, lane string) (*job, error) {
	skip := "FOR UPDATE SKIP LOCKED"
	if w.Dialect == SQLite {
		skip = "" // it has one writer at a time
	}
	env := lane
	if lane == carrier.CommonLane {
		env = ""
	}
	now := w.Peer.Time()
	j := &job{label: label{env: env}}
	m := &j.message
	err := w.DB.QueryRowContext(ctx, `UPDATE dpath_job SET attempts = attempts + 1, leased_until = $1, holder = $2
		WHERE id = (SELECT id FROM dpath_job WHERE state = 'waiting' AND dpath_env = $3 AND due_at <= $4 AND leased_until <= $4
			ORDER BY due_at LIMIT 1 `+skip+`)
		RETURNING id, kind, data, baggage, traceparent, attempts`, now.Add(w.Lease).UnixMilli(), w.holder, env, now.UnixMilli()).
		Scan(&m.ID, &m.Subject, &m.Data, &j.baggage, &j.traceparent, &m.Attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return j, err
}

// next runs one job; more tells that another may be due.
func (w *worker) next(ctx context.Context, lane string) (more bool, err error) {
	j, err := w.claim(ctx, lane)
	if err != nil || j == nil {
		return false, err
	}
	settle := context.WithoutCancel(ctx) // also when the process ends
	under, belongs, ok := w.lanes.Open(ctx, lane, j.header())
	switch {
	case !ok && belongs == lane:
		return false, w.settle(settle, j, `attempts = attempts - 1, leased_until = 0`)
	case !ok && belongs == "":
		return true, w.settle(settle, j, `state = 'failed', leased_until = 0, error = $3`, dpath.ErrShadowLost.Error())
	case !ok && belongs == carrier.CommonLane:
		return true, w.settle(settle, j, `attempts = attempts - 1, leased_until = 0, dpath_env = '', baggage = ''`)
	case !ok:
		return true, w.settle(settle, j, `attempts = attempts - 1, leased_until = 0, dpath_env = $3`, belongs)
	case j.message.Attempt > w.Attempts:
		return true, w.settle(settle, j, `state = 'failed', leased_until = 0, error = $3`, "its runs never came to an end")
	}
	err = w.do(under, &j.message)
	attempt := j.message.Attempt
	switch {
	case err == nil:
		return true, w.settle(settle, j, `state = 'done', leased_until = 0, error = ''`)
	case attempt >= w.Attempts:
		return true, w.settle(settle, j, `state = 'failed', leased_until = 0, error = $3`, err.Error())
	}
	again := w.Peer.Time().Add(w.Backoff * time.Duration(attempt))
	return true, w.settle(settle, j, `leased_until = 0, error = $3, due_at = $4`, err.Error(), again.UnixMilli())
}

func (w *worker) do(ctx context.Context, m *carrier.Message) error {
	ctx, cancel := context.WithTimeout(ctx, w.Lease)
	defer cancel()
	return w.run(ctx, m)
}

// settle changes a job that is still this worker's.
func (w *worker) settle(ctx context.Context, j *job, set string, args ...any) error {
	n, err := w.exec(ctx, w.DB, `UPDATE dpath_job SET `+set+` WHERE id = $1 AND holder = $2`, append([]any{j.message.ID, w.holder}, args...)...)
	if err == nil && n == 0 {
		return fmt.Errorf("job %s ran longer than its lease and was taken by another", j.message.ID)
	}
	return err
}
