package carrier_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setting is a configuration drawn at random.
type setting struct {
	*fleet.Fleet
	enable, deleted bool
	policy          dpath.Policy
	min             int
	state           dpath.State
	dedicated       []string
}

func draw(t *testing.T, rt *rapid.T) *setting {
	s := &setting{
		enable:    rapid.Bool().Draw(rt, "enable"),
		deleted:   rapid.Bool().Draw(rt, "deleted"),
		policy:    rapid.SampledFrom([]dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict, dpath.PolicySpill}).Draw(rt, "policy"),
		min:       rapid.IntRange(1, 3).Draw(rt, "min"),
		state:     rapid.SampledFrom([]dpath.State{dpath.StateActive, dpath.StateActive, dpath.StatePreparing, dpath.StateDraining}).Draw(rt, "state"),
		dedicated: rapid.SliceOfDistinct(rapid.SampledFrom([]string{"p1", "d0", "d1"}), rapid.ID).Draw(rt, "dedicated"),
	}
	s.Fleet = fleet.New(t, s.policy)
	s.Dedicate(s.dedicated...)
	s.Publish(func(d *dpath.Document) {
		d.Enable = s.enable
		d.EnvRules[0].MinHealthy = dpath.Quorum{N: s.min}
		d.EnvRules[0].EnvAppRules[0].State = s.state
		if s.deleted {
			d.EnvRules = nil
		}
	})
	return s
}

func (s *setting) owns(node string) bool {
	for _, d := range s.dedicated {
		if d == node {
			return s.enable && !s.deleted
		}
	}
	return false
}

// takes is the rule in the words of the specification.
func (s *setting) takes(node, lane string, alive int) bool {
	active := s.state == dpath.StateActive
	switch {
	case s.owns(node):
		return lane == fleet.Lane && active
	case lane != fleet.Lane || !s.enable || s.deleted || len(s.dedicated) == 0:
		return true
	case s.policy == dpath.PolicyStrict:
		return false
	case s.policy == dpath.PolicySpill:
		return !active || alive == 0
	}
	return !active || alive < s.min
}

var nodes = []string{"p0", "p1", "d0", "d1"}

func TestTakesFollowsTheRule(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(t, rt)
		heard := rapid.SliceOfDistinct(rapid.SampledFrom(nodes), rapid.ID).Draw(rt, "heard")
		for _, node := range nodes {
			now := time.Now()
			p := s.Peer(node)
			p.Now = func() time.Time { return now }
			l := carrier.NewLanes(p, time.Minute, fleet.Quiet)
			require.Equal(rt, s.takes(node, fleet.Lane, len(s.dedicated)), l.Takes(fleet.Lane), "at first every dedicated node has time to speak")
			now = now.Add(time.Minute)
			alive := 0
			for _, h := range heard {
				l.Heard(h)
				if s.owns(h) {
					alive++
				}
			}
			for _, lane := range []string{carrier.CommonLane, fleet.Lane, "gone"} {
				require.Equal(rt, s.takes(node, lane, alive), l.Takes(lane), "%s takes %s", node, lane)
			}
			require.Equal(rt, s.owns(node) && s.state == dpath.StateActive, l.Beats())
		}
	})
}

// Whatever arrives, and wherever: no work reaches a lane that is not its own,
// and every piece is at home somewhere.
func TestOpenKeepsTheGuarantees(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := draw(t, rt)
		kind := rapid.SampledFrom([]string{"none", "real", "gone", "forged", "replayed", "mirror"}).Draw(rt, "label")
		lane := rapid.SampledFrom([]string{carrier.CommonLane, fleet.Lane, "gone", "other"}).Draw(rt, "lane")
		h, env := s.header(rt, kind)
		served := false
		for range 2 { // as it came, and in the lane it was sent on to
			next := lane
			for _, node := range nodes {
				under, belongs, ok := carrier.NewLanes(s.Peer(node), 0, fleet.Quiet).Open(context.Background(), lane, h)
				served = served || ok
				if own, guarded := s.Store.Current().Lane(fleet.App, s.Peer(node).Addr); ok && guarded {
					require.Equal(rt, own, env, "exclusion and no crossing")
					require.Equal(rt, own, lane)
				}
				if ok {
					require.True(rt, lane == env || lane == carrier.CommonLane && !s.Store.Current().HasEnv(env), "%s in %s", env, lane)
					want := ""
					if s.Store.Current().HasEnv(env) {
						want = env
					}
					require.Equal(rt, want, dpath.Env(under))
				}
				next = belongs
			}
			lane = next
		}
		require.True(rt, served, "nobody may do it")
	})
}

// header makes the headers of waiting work; env is what they verify to.
func (s *setting) header(t *rapid.T, kind string) (h http.Header, env string) {
	h = http.Header{}
	env = map[string]string{"real": fleet.Lane, "gone": "gone", "forged": fleet.Lane, "replayed": fleet.Lane}[kind]
	if env != "" {
		l, err := dpath.Sign(s.Keys, env, dpath.NewTrace(), time.Now(), carrier.AtRest)
		require.NoError(t, err)
		l.Inject(h)
	}
	switch kind {
	case "forged":
		h.Set("Baggage", strings.Replace(h.Get("Baggage"), "exp=", "exp=9", 1))
		return h, ""
	case "replayed":
		h.Set("Traceparent", "00-"+dpath.NewTrace()+"-00f067aa0ba902b7-01")
		return h, ""
	case "mirror":
		h.Set(dpath.HeaderMirror, fleet.Lane)
	}
	return h, env
}

func TestLabelAtRest(t *testing.T) {
	f := fleet.New(t, dpath.PolicyStrict)
	now := time.Now()
	p := f.Peer("d0")
	p.Now = func() time.Time { return now }
	ctx := f.Context(fleet.Lane)
	h := map[string][]string{"Baggage": {"user=1,dpath_env=other"}, "X-Dpath-Env": {"other"}}
	lane, err := p.Park(ctx, h)
	require.NoError(t, err)
	require.Equal(t, fleet.Lane, lane)
	require.Equal(t, []string{fleet.Lane}, h["x-dpath-env"])
	require.True(t, strings.HasPrefix(h["baggage"][0], "dpath_env="+fleet.Lane+";"))
	require.True(t, strings.HasSuffix(h["baggage"][0], ",user=1"))
	require.Equal(t, 2.0, f.Count("dpath_label_invalid_total"))

	now = now.Add(29 * 24 * time.Hour)
	under, parked := p.Restore(context.Background(), f.Store.Current(), h)
	require.Equal(t, fleet.Lane, parked.Env())
	l := dpath.FromContext(under)
	require.Equal(t, dpath.FromContext(ctx).Trace(), l.Trace())
	require.Equal(t, l.Trace(), trace.SpanContextFromContext(under).TraceID().String())
	require.Equal(t, now.Add(dpath.DefaultTTL).Unix(), l.Expiry().Unix(), "what leaves the queue lives no longer than any label")
	now = now.Add(24 * time.Hour)
	_, parked = p.Restore(context.Background(), f.Store.Current(), h)
	require.Empty(t, parked.Env())
	require.Equal(t, []string{"user=1"}, h["Baggage"], "only what is not ours is left")
}

func TestParkWithoutLane(t *testing.T) {
	f := fleet.New(t, dpath.PolicyStrict)
	for what, ctx := range map[string]context.Context{"common": context.Background(), "unknown": f.Context("other")} {
		h := map[string][]string{}
		lane, err := f.Peer("").Park(ctx, h)
		require.NoError(t, err)
		require.Equal(t, carrier.CommonLane, lane, what)
		require.Empty(t, h)
	}
	p := f.Peer("")
	p.Now = func() time.Time { return time.Now().Add(time.Hour) }
	lane, err := p.Park(f.Context(fleet.Lane), http.Header{})
	require.NoError(t, err)
	require.Equal(t, carrier.CommonLane, lane, "an expired label parks nothing")

	p.Store, err = dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	_, err = p.Park(context.Background(), http.Header{})
	require.ErrorIs(t, err, carrier.ErrNoConfig)
	l := carrier.NewLanes(p, 0, nil)
	_, belongs, ok := l.Open(context.Background(), fleet.Lane, http.Header{})
	require.False(t, ok)
	require.Equal(t, fleet.Lane, belongs, "it waits where it is")
	require.False(t, l.Takes(carrier.CommonLane))
	require.False(t, l.Beats())
	require.Empty(t, l.Awaited())
}

func TestBegin(t *testing.T) {
	f := fleet.New(t, dpath.PolicyStrict)
	ctx, err := f.Peer("").Begin(f.Context(fleet.Lane), "")
	require.NoError(t, err)
	require.Empty(t, dpath.Env(ctx))
	ctx, err = f.Peer("").Begin(context.Background(), fleet.Lane)
	require.NoError(t, err)
	require.Equal(t, fleet.Lane, dpath.Env(ctx))
	_, err = f.Peer("").Begin(context.Background(), "not a name")
	require.Error(t, err)
}

// Run follows the configuration, and starts again what broke.
func TestRunFollowsTheConfiguration(t *testing.T) {
	f := fleet.New(t, dpath.PolicyFailover)
	l := carrier.NewLanes(f.Peer("p1"), 100*time.Millisecond, fleet.Quiet)
	var mu sync.Mutex
	running, broke := map[string]int{}, false
	is := func(lanes ...string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			n := 0
			for _, lane := range lanes {
				n += running[lane]
			}
			return n == len(lanes) && running[carrier.CommonLane]+running[fleet.Lane] == n
		}
	}
	count := func(lane string, by int) {
		mu.Lock()
		defer mu.Unlock()
		running[lane] += by
	}
	heard := true
	stop := fleet.Run(t, func(ctx context.Context) error {
		return l.Run(ctx, func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			if heard {
				l.Heard("d0")
				l.Heard("d1")
			}
			return nil
		}, func(ctx context.Context, lane string, stop <-chan struct{}) {
			count(lane, 1)
			defer count(lane, -1)
			mu.Lock()
			first := !broke
			broke = true
			mu.Unlock()
			if first {
				return
			}
			select {
			case <-stop:
			case <-ctx.Done():
			}
		})
	})
	fleet.Wait(t, "common only", is(carrier.CommonLane))
	mu.Lock()
	heard = false
	mu.Unlock()
	fleet.Wait(t, "failover", is(carrier.CommonLane, fleet.Lane))
	f.Dedicate("d0", "d1", "p1")
	fleet.Wait(t, "now dedicated", is(fleet.Lane))
	f.Dedicate("d0", "d1")
	mu.Lock()
	heard = true
	mu.Unlock()
	fleet.Wait(t, "handed back", is(carrier.CommonLane))
	stop()
	require.True(t, is()())

	boom := errors.New("boom")
	require.ErrorIs(t, l.Run(context.Background(), func(context.Context) error { return boom }, nil), boom)
}
