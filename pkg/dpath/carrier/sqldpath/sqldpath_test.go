package sqldpath_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/sqldpath"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		println(err.Error())
		code = 1
	}
	os.Exit(code)
}

// rig is an app with a database of its own.
type rig struct {
	*fleet.Fleet
	t       *testing.T
	dialect sqldpath.Dialect
	dsn     string
	db      *sql.DB
	silence time.Duration
}

// each runs a test on both databases.
func each(t *testing.T, policy dpath.Policy, test func(t *testing.T, r *rig)) {
	for _, d := range []sqldpath.Dialect{sqldpath.Postgres, sqldpath.SQLite} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			r := &rig{Fleet: fleet.New(t, policy), t: t, dialect: d, silence: fleet.Never}
			if d == sqldpath.Postgres {
				r.dsn = postgres(t)
			} else {
				r.dsn = "file:" + filepath.Join(t.TempDir(), "db") + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)"
			}
			r.db = open(t, d, r.dsn)
			for range 2 {
				_, err := r.db.Exec(d.Schema())
				require.NoError(t, err)
			}
			test(t, r)
		})
	}
}

var (
	server  string // the URL of its database postgres
	once    sync.Once
	schemas atomic.Int64
)

// postgres makes a schema, which takes a fraction of what a database does.
func postgres(t *testing.T) (dsn string) {
	once.Do(func() {
		u, err := url.Parse(storetest.URL(t, store.Postgres))
		require.NoError(t, err)
		u.Path = "/postgres" // the other one goes with this test
		server = u.String()
	})
	name := fmt.Sprintf("t%d", schemas.Add(1))
	_, err := open(t, sqldpath.Postgres, server).Exec("CREATE SCHEMA " + name)
	require.NoError(t, err)
	return server + "&search_path=" + name
}

func open(t *testing.T, d sqldpath.Dialect, dsn string) *sql.DB {
	driver := "sqlite"
	if d == sqldpath.Postgres {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func (r *rig) carrier(node string) *sqldpath.Carrier {
	return &sqldpath.Carrier{Peer: r.Peer(node), DB: r.db, Dialect: r.dialect}
}

func (r *rig) options() sqldpath.WorkOptions {
	return sqldpath.WorkOptions{Silence: r.silence, Backoff: 10 * time.Millisecond, Attempts: 3, Log: fleet.Quiet}
}

func (r *rig) work(node string, run carrier.Handler) (stop func()) {
	return fleet.Run(r.t, func(ctx context.Context) error { return r.carrier(node).Work(ctx, r.options(), run) })
}

func (r *rig) enqueue(ctx context.Context, id string) {
	r.t.Helper()
	require.NoError(r.t, r.carrier("p0").Enqueue(ctx, r.db, &carrier.Message{ID: id, Subject: "kind"}))
}

func (r *rig) count(where string) (n int) {
	require.NoError(r.t, r.db.QueryRow("SELECT count(*) FROM "+where).Scan(&n))
	return n
}

func TestT29JobsRunInTheirLane(t *testing.T) {
	each(t, dpath.PolicyFailover, func(t *testing.T, r *rig) {
		book := &fleet.Book{}
		for _, node := range []string{"p0", "p1", "d0", "d1"} {
			write := book.Handler(node)
			r.work(node, func(ctx context.Context, m *carrier.Message) error {
				if m.ID == "parent" { // what a job causes stays in its lane
					if err := r.carrier(node).Enqueue(ctx, r.db, &carrier.Message{ID: "child", Subject: "kind"}); err != nil {
						return err
					}
				}
				return write(ctx, m)
			})
		}
		timetable, err := r.Peer("p0").Begin(context.Background(), fleet.Lane)
		require.NoError(t, err)
		for range 2 { // two nodes read the same timetable
			r.enqueue(timetable, "cron in lane")
			r.enqueue(context.Background(), "cron")
		}
		r.enqueue(r.Context(fleet.Lane), "parent")
		r.enqueue(r.Context(fleet.Lane), "manual in lane") // the person's call is of the lane
		r.enqueue(context.Background(), "manual")
		lane := map[string]bool{"cron in lane": true, "parent": true, "child": true, "manual in lane": true, "cron": false, "manual": false}
		fleet.Wait(t, "all jobs are done", func() bool { return r.count("dpath_job WHERE state = 'done'") == len(lane) })
		for id, special := range lane {
			e := book.Entry(id)
			require.Equal(t, special, strings.HasPrefix(e.Node, "d"), "%s ran on %s", id, e.Node)
			require.Equal(t, special, e.Env == fleet.Lane, id)
		}
		require.Equal(t, book.Entry("parent").Trace, book.Entry("child").Trace)
		require.Zero(t, book.Repeats())
		require.Zero(t, r.Count("dpath_guard_reject_total"))
	})
}

func TestT29PoliciesWithoutDedicatedNodes(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict} {
		t.Run(policy.String(), func(t *testing.T) {
			each(t, policy, func(t *testing.T, r *rig) {
				r.silence = fleet.Silence
				book := &fleet.Book{}
				r.work("p0", book.Handler("p0"))
				r.enqueue(r.Context(fleet.Lane), "a")
				if policy == dpath.PolicyFailover {
					fleet.Wait(t, "public runs it", func() bool { return book.Len() == 1 })
					require.Equal(t, fleet.Lane, book.Entry("a").Env, "what it calls is in the lane again")
					return
				}
				time.Sleep(3 * fleet.Silence)
				require.Zero(t, book.Len(), "strict work waits")
				r.work("d0", book.Handler("d0"))
				fleet.Wait(t, "dedicated runs it", func() bool { return book.Entry("a").Node == "d0" })
			})
		})
	}
}

func TestT27JobOfADeletedEnv(t *testing.T) {
	each(t, dpath.PolicyStrict, func(t *testing.T, r *rig) {
		tomorrow := time.Now().Add(24 * time.Hour)
		require.NoError(t, r.carrier("p0").Enqueue(r.Context(fleet.Lane), r.db, &carrier.Message{ID: "late", Subject: "kind", Due: tomorrow}))
		r.Delete()
		c := r.carrier("p0")
		c.Peer.Now = func() time.Time { return tomorrow.Add(time.Minute) }
		book := &fleet.Book{}
		fleet.Run(t, func(ctx context.Context) error { return c.Work(ctx, r.options(), book.Handler("p0")) })
		fleet.Wait(t, "the common rule takes it", func() bool { return book.Len() == 1 })
		require.Equal(t, fleet.Entry{Node: "p0"}, book.Entry("late"))
	})
}

// Who can write rows but has no key cannot choose a lane.
func TestSpoofedRowsAreCommon(t *testing.T) {
	each(t, dpath.PolicyStrict, func(t *testing.T, r *rig) {
		r.enqueue(r.Context(fleet.Lane), "real")
		for id, label := range map[string]string{
			"bare":     `'', ''`,
			"unsigned": `'dpath_env=newRetail', '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'`,
			"replayed": `(SELECT baggage FROM dpath_job WHERE id = 'real'), '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'`,
		} {
			_, err := r.db.Exec(`INSERT INTO dpath_job (id, kind, data, due_at, dpath_env, baggage, traceparent) VALUES ($1, 'kind', '', 0, 'newRetail', `+label+`)`, id)
			require.NoError(t, err)
		}
		_, err := r.db.Exec(`UPDATE dpath_job SET dpath_env = '' WHERE id = 'real'`) // in the wrong lane
		require.NoError(t, err)
		book := &fleet.Book{}
		r.work("d0", book.Handler("d0"))
		r.work("p0", book.Handler("p0"))
		fleet.Wait(t, "all jobs are done", func() bool { return book.Len() == 4 })
		require.Equal(t, "d0", book.Entry("real").Node)
		for _, id := range []string{"bare", "unsigned", "replayed"} {
			require.Equal(t, fleet.Entry{Node: "p0"}, book.Entry(id))
		}
		require.EqualValues(t, 4, r.Count("dpath_guard_reject_total"))
	})
}

func TestJobsFailAndAreTakenOver(t *testing.T) {
	each(t, dpath.PolicyFailover, func(t *testing.T, r *rig) {
		r.enqueue(context.Background(), "bad")
		r.enqueue(context.Background(), "orphan")
		r.enqueue(context.Background(), "poison")
		// A process that died holding two jobs; one of them killed as many before.
		_, err := r.db.Exec(`UPDATE dpath_job SET holder = 'dead', leased_until = $1, attempts = CASE id WHEN 'poison' THEN 3 ELSE 1 END WHERE id <> 'bad'`,
			time.Now().Add(300*time.Millisecond).UnixMilli())
		require.NoError(t, err)
		runs := make(chan carrier.Message, 10)
		r.work("p0", func(_ context.Context, m *carrier.Message) error {
			runs <- *m
			if m.ID == "bad" {
				return errors.New("cannot")
			}
			return nil
		})
		fleet.Wait(t, "settled", func() bool { return r.count("dpath_job WHERE state <> 'waiting'") == 3 })
		require.Equal(t, 1, r.count("dpath_job WHERE id = 'bad' AND state = 'failed' AND error = 'cannot' AND attempts = 3"))
		require.Equal(t, 1, r.count("dpath_job WHERE id = 'orphan' AND state = 'done' AND attempts = 2"))
		require.Equal(t, 1, r.count("dpath_job WHERE id = 'poison' AND state = 'failed'"))
		require.Len(t, runs, 4, "bad three times, orphan once, poison never again")
	})
}

func TestInboxKnowsWhatWasDone(t *testing.T) {
	each(t, dpath.PolicyFailover, func(t *testing.T, r *rig) {
		c, ctx := r.carrier("p0"), context.Background()
		first := func(commit bool) bool {
			tx, err := r.db.Begin()
			require.NoError(t, err)
			fresh, err := c.First(ctx, tx, "stock", "m-1")
			require.NoError(t, err)
			if commit {
				require.NoError(t, tx.Commit())
			} else {
				require.NoError(t, tx.Rollback())
			}
			return fresh
		}
		require.True(t, first(false))
		require.True(t, first(true), "what was rolled back was not done")
		require.False(t, first(true))
		fresh, err := c.First(ctx, r.db, "other", "m-1")
		require.NoError(t, err)
		require.True(t, fresh)
	})
}

func TestAttribution(t *testing.T) {
	each(t, dpath.PolicyFailover, func(t *testing.T, r *rig) {
		require.Equal(t, "SELECT 1", sqldpath.Attribute(context.Background(), "SELECT 1"))
		q := sqldpath.Attribute(r.Context(fleet.Lane), "SELECT 1")
		require.Equal(t, "/*dpath_env=newRetail*/ SELECT 1", q)
		var one int
		require.NoError(t, r.db.QueryRow(q).Scan(&one))
	})
	require.Equal(t, "trade@newRetail", sqldpath.ApplicationName("trade", fleet.Lane))
	require.Equal(t, "trade", sqldpath.ApplicationName("trade", ""))
}
