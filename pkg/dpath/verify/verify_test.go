package verify_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, r *rig.Rig, envs []string, n int, control ...string) verify.Report {
	t.Helper()
	calls := 0
	report, err := verify.Run(context.Background(), verify.Options{
		Entry: r.Entry.URL, Common: n, Labelled: n, Envs: envs, Key: r.Probes, Control: control, Concurrency: 16,
		Paths: []string{"/v1/a", "/v1/b"}, Progress: func(done, total int) { calls++; require.LessOrEqual(t, done, total) },
	})
	require.NoError(t, err)
	require.Positive(t, calls)
	return report
}

func TestVerifyHoldsOnAWholeChain(t *testing.T) {
	envs := []string{"a", "b"}
	r := rig.New(t, envs, nil)
	report := run(t, r, envs, 400)
	require.NoError(t, report.Err())
	require.Equal(t, 400, report.Common)
	require.Equal(t, map[string]int{"a": 400, "b": 400}, report.ByEnv)
	require.InDelta(t, 3.0/400, report.Bound, 1e-9)
	for _, app := range rig.Apps {
		require.Equal(t, map[string]int{"public": 400, "dedicated": 800}, report.Hops[app])
	}
	require.Equal(t, r.Store.Current().Hash()[:16], report.ConfigHash)
	require.Equal(t, map[uint64]int{1: 4800}, report.Versions)
	require.Zero(t, report.Errors+report.GuardRefusals)

	text, err := json.Marshal(report)
	require.NoError(t, err)
	require.Contains(t, string(text), `"violations":0,"byKind":{},"common":400,"labelled":800`)
}

// T39, T40: with one layer off the other still holds; with both off the check
// must fail, or it proves nothing. Real traffic stays protected meanwhile.
func TestT40NegativeControl(t *testing.T) {
	envs := []string{"a", "b"}
	r := rig.New(t, envs, nil)
	stop := make(chan struct{})
	real := make(chan error, 1)
	go func() {
		defer close(real)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := r.Call(""); err != nil {
				real <- err
				return
			}
		}
	}()
	guardOff := run(t, r, envs, 100, "guard")
	require.NoError(t, guardOff.Err(), "the caller's filter alone holds")

	filterOff := run(t, r, envs, 100, "filter")
	require.Zero(t, filterOff.ByKind[verify.Exclusion]+filterOff.ByKind[verify.CrossLane], "the guard alone holds: %v", filterOff.ByKind)
	require.Positive(t, filterOff.GuardRefusals, "and shows that it had to")

	before := map[string]int64{}
	for id, n := range r.Nodes {
		before[id] = n.Common.Load()
	}
	both := run(t, r, envs, 100, "guard", "filter")
	require.Error(t, both.Err())
	require.Positive(t, both.ByKind[verify.Exclusion])
	require.Positive(t, both.ByKind[verify.CrossLane])
	require.Len(t, both.Examples, 5)
	require.Equal(t, []string{"guard", "filter"}, both.Control)

	close(stop)
	require.NoError(t, <-real)
	require.NoError(t, run(t, r, envs, 50).Err(), "the next run is protected again")
}

func TestVerifyReportsWhatFails(t *testing.T) {
	ctx := context.Background()
	keys, err := dpath.NewKeyring("1", map[string][]byte{"1": make([]byte, 16)})
	require.NoError(t, err)
	for _, o := range []verify.Options{
		{Entry: "nonsense", Key: keys, Common: 1},
		{Entry: "http://127.0.0.1:1", Common: 1},
		{Entry: "http://127.0.0.1:1", Key: keys},
		{Entry: "http://127.0.0.1:1", Key: keys, Common: 1, Control: []string{"everything"}},
	} {
		_, err := verify.Run(ctx, o)
		require.Error(t, err)
	}

	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	report, err := verify.Run(ctx, verify.Options{Entry: plain.URL, Key: keys, Common: 3, Attempts: 2})
	require.NoError(t, err)
	require.Equal(t, 3, report.Failed)
	require.Equal(t, 6, report.Errors)
	require.Equal(t, 1.0, report.Bound)
	require.ErrorContains(t, report.Err(), "without a valid trail")

	r := rig.New(t, []string{"a"}, nil)
	report, err = verify.Run(ctx, verify.Options{Entry: r.Entry.URL, Key: keys, Common: 2, Attempts: 1})
	require.NoError(t, err)
	require.Equal(t, 2, report.Failed, "a foreign key opens no trail")

	slow, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
	defer cancel()
	report, err = verify.Run(slow, verify.Options{Entry: r.Entry.URL, Key: r.Probes, Common: 1_000_000})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Zero(t, report.Failed)
}

// A chain in which one app forgets the label is found out.
func TestVerifyFindsALostLabel(t *testing.T) {
	r := rig.New(t, []string{"a"}, nil)
	r.Handle = func(n *rig.Node, c *http.Client, w http.ResponseWriter, req *http.Request) bool {
		if n.App != "app3" {
			return false
		}
		ctx := dpath.WithLabel(req.Context(), dpath.Label{})
		body, err := rig.Get(ctx, c, "http://app4/", nil)
		require.NoError(t, err)
		_, _ = w.Write([]byte(n.ID + " " + body))
		return true
	}
	report := run(t, r, []string{"a"}, 20)
	require.Equal(t, map[string]int{verify.LabelLost: 20}, report.ByKind)
}
