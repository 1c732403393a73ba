package operation_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

const (
	crashURL     = "PLAZA_TEST_CRASH_URL"
	crashDir     = "PLAZA_TEST_CRASH_DIR"
	crashObjects = 200
	crashKills   = 40
)

type parcelSpec struct {
	Size int64 `json:"size"`
}

type parcelStatus struct {
	File string `json:"file,omitempty"`
}

type parcelObject = resource.Object[parcelSpec, parcelStatus]

// parcels keep their state in the names of files, which are made at once: <dir>/<object id>-<size>-<number of its own>.
func parcels(dir string) resource.Kind[parcelSpec, parcelStatus] {
	find := func(o *parcelObject) ([]string, error) { return filepath.Glob(filepath.Join(dir, o.ID+"-*")) }
	return resource.Kind[parcelSpec, parcelStatus]{Name: "parcel", Plural: "parcels",
		Charge: func(o *parcelObject) resource.Charges { return resource.Charges{"parcels": 1, "volume": o.Spec.Size} },
		Meter: func(o *parcelObject) resource.Measures {
			if o.Status.File == "" {
				return resource.Measures{"volume": 0}
			}
			return resource.Measures{"volume": o.Spec.Size}
		},
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *parcelObject) (resource.Result, error) {
			files, err := find(o)
			if err != nil {
				return resource.Result{}, err
			}
			if len(files) == 0 {
				name := filepath.Join(dir, fmt.Sprintf("%s-%d-%d", o.ID, o.Spec.Size, rand.Int64()))
				return resource.Result{Again: time.Millisecond}, os.WriteFile(name, nil, 0o600)
			}
			o.Status.File = filepath.Base(files[0])
			return resource.Result{Done: true}, nil
		},
		Delete: func(_ context.Context, _ *resource.Reconciliation, o *parcelObject) (resource.Result, error) {
			files, err := find(o)
			if err != nil || len(files) == 0 {
				return resource.Result{Done: true}, err
			}
			return resource.Result{Again: time.Millisecond}, os.Remove(files[0])
		}}
}

// crashChild is the process that is killed: it goes on where the last one stopped, and says what it was promised.
func crashChild(url, dir string) {
	ctx := context.Background()
	db, err := store.Open(ctx, url)
	if err != nil {
		panic(err)
	}
	s, engine, err := parcelStore(ctx, db, dir)
	if err != nil {
		panic(err)
	}
	if err := engine.Start(ctx); err != nil {
		panic(err)
	}
	for i := range crashObjects {
		a, err := s.Apply(ctx, resource.Request{Kind: "parcel", Project: "p", Name: fmt.Sprint("x", i), Actor: operationtest.Admin, Mode: resource.CreateOnly,
			Spec: operationtest.Spec(`{"size":%d}`, i%7+1), IdempotencyKey: fmt.Sprint("create-", i)})
		gone := resource.ReasonOf(err) == resource.ReasonNotFound // made, and deleted since
		if err != nil && !gone {
			panic(err)
		}
		if !a.Replayed {
			fmt.Println("created", i)
		}
		if i%2 == 1 && !gone && a.Object.DeletingAt == nil {
			if _, err := s.Delete(ctx, resource.Request{Kind: "parcel", ID: a.Object.ID, Actor: operationtest.Admin}); err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
				panic(err)
			}
			fmt.Println("deleted", i)
		}
	}
	for {
		n, err := db.Read.NewSelect().Table("operations").Where("ended_at IS NULL").Count(ctx)
		if err != nil {
			panic(err)
		}
		if n == 0 {
			fmt.Println("idle", 0)
			select {}
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func parcelStore(ctx context.Context, db *store.DB, dir string) (*resource.Store, *operation.Engine, error) {
	reg := resource.NewRegistry()
	resource.Register(reg, parcels(dir))
	sealer, err := resource.NewSealer(make([]byte, 32))
	if err != nil {
		return nil, nil, err
	}
	s := resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer})
	engine, err := operation.New(ctx, operation.Config{DB: db, Objects: s, Node: "n1"})
	s.UseJobs(engine)
	return s, engine, err
}

// runCrashing starts a child and kills it after so many promises and so much time; it tells what was promised.
func runCrashing(t *testing.T, url, dir string, promises int, more time.Duration) (created, deleted []int, idle bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashURL+"="+url, crashDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	watchdog := time.AfterFunc(60*time.Second, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	lines := bufio.NewScanner(out)
	killed := false
	for lines.Scan() {
		verb, number, _ := strings.Cut(lines.Text(), " ")
		i, err := strconv.Atoi(number)
		require.NoError(t, err, lines.Text())
		switch verb {
		case "created":
			created = append(created, i)
		case "deleted":
			deleted = append(deleted, i)
		case "idle":
			idle = true
		}
		if promises--; (promises <= 0 || idle) && !killed {
			killed = true
			time.AfterFunc(more, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	return created, deleted, idle
}

// Killed at any point, again and again: nothing promised is lost, nothing is left over, nothing is counted twice.
func TestKill(t *testing.T) {
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			url, dir := storetest.URL(t, d), t.TempDir()
			db, err := store.Open(t.Context(), url)
			require.NoError(t, err)
			require.NoError(t, db.Migrate(t.Context()))
			require.NoError(t, db.Close())
			created, deleted, kills := map[int]bool{}, map[int]bool{}, 0
			for idle := false; !idle; kills++ {
				promises := rand.IntN(6)
				if kills >= crashKills {
					promises = 1 << 30
				}
				require.Less(t, kills, crashKills+5)
				var c, x []int
				c, x, idle = runCrashing(t, url, dir, promises, time.Duration(rand.IntN(25))*time.Millisecond)
				for _, i := range c {
					require.False(t, created[i], "x%d was made twice", i)
					created[i] = true
				}
				for _, i := range x {
					deleted[i] = true
				}
			}
			t.Logf("killed %d times", kills)
			checkParcels(t, url, dir)
		})
	}
}

func checkParcels(t *testing.T, url, dir string) {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, url)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	s, _, err := parcelStore(ctx, db, dir)
	require.NoError(t, err)
	defer s.Close()
	view := s.View(resource.Everything)
	var volume int64
	live := map[string]bool{}
	require.NoError(t, resource.All(ctx, view, resource.Query{Kind: "parcel"}, func(o resource.Raw) error {
		p, err := resource.As[parcelSpec, parcelStatus](o)
		require.NoError(t, err)
		require.True(t, o.Settled(), "%s is %s", o.Name, o.Phase)
		files, err := filepath.Glob(filepath.Join(dir, o.ID+"-*"))
		require.NoError(t, err)
		require.Len(t, files, 1, "one object has one file")
		require.Contains(t, files[0], fmt.Sprintf("%s-%d-", o.ID, p.Spec.Size))
		volume += p.Spec.Size
		live[o.ID] = true
		return nil
	}))
	require.Len(t, live, crashObjects/2)
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, all, crashObjects/2, "nothing is left over")
	diff, err := s.Recount(ctx)
	require.NoError(t, err)
	require.Empty(t, diff)
	totals, err := view.Quota(ctx, "p")
	require.NoError(t, err)
	for _, u := range totals {
		require.Zero(t, u.Reserved)
		require.Equal(t, map[string]int64{"parcels": crashObjects / 2, "volume": volume}[u.Metric], u.Committed)
	}
	var usage []resource.Usage
	require.NoError(t, db.Read.NewSelect().Model(&usage).Order("id").Scan(ctx))
	trail := map[string]string{}
	for _, u := range usage {
		trail[u.ObjectID] += u.Change + " "
	}
	require.Len(t, trail, crashObjects)
	for id, changes := range trail {
		if live[id] {
			require.Equal(t, "create observe ", changes)
		} else {
			require.Contains(t, []string{"create observe delete ", "create delete "}, changes)
		}
	}
	count := func(table, where string) int {
		n, err := db.Read.NewSelect().Table(table).Where(where).Count(ctx)
		require.NoError(t, err)
		return int(n)
	}
	require.Equal(t, crashObjects, count("audit", "verb = 'create'"))
	require.Equal(t, crashObjects/2, count("audit", "verb = 'delete'"))
	require.Equal(t, crashObjects/2, count("audit", "verb = 'deleted'"))
	require.Equal(t, crashObjects*3/2, count("operations", "ended_at IS NOT NULL"))
	require.Zero(t, count("operations", "ended_at IS NULL OR state = 'failed'"))
	require.Equal(t, crashObjects/2, count("operations", "verb = 'delete' AND state = 'succeeded'"))
}
