package carrier_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
)

// The work of rehearsals waits in lanes of its own, and only those take it who keep it apart.
func TestLanesOfRehearsals(t *testing.T) {
	f := fleet.New(t, dpath.PolicyStrict)
	f.Rehearse(true)
	now := time.Now()
	peer := func(node string, rehearses bool) *carrier.Peer {
		p := f.Peer(node)
		p.Rehearses, p.Now = rehearses, func() time.Time { return now }
		return p
	}
	lanes := func(node string, rehearses bool) *carrier.Lanes {
		return carrier.NewLanes(peer(node, rehearses), time.Minute, fleet.Quiet)
	}
	const common, lane = carrier.CommonLane + carrier.ShadowLane, fleet.Lane + carrier.ShadowLane
	for env, want := range map[string]string{"": common, fleet.Lane: lane, "unknown": common} {
		h := http.Header{}
		got, err := peer("p0", false).Park(f.Shadow(env), h)
		require.NoError(t, err)
		require.Equal(t, want, got)
		for _, node := range []string{"p0", "d0"} {
			l := lanes(node, true)
			mine := l.Takes(got)
			require.Equal(t, node == "d0", mine == (got == lane), "as real work of the environment")
			under, belongs, ok := l.Open(context.Background(), got, h.Clone())
			require.Equal(t, got, belongs)
			require.Equal(t, mine || node == "p0", ok, "a public node's guard lets through what policies would not send it")
			if ok {
				require.True(t, dpath.Shadow(under))
			}
			_, belongs, ok = l.Open(context.Background(), carrier.CommonLane, h.Clone())
			require.False(t, ok, "in a real lane it is nobody's")
			require.Equal(t, got, belongs)

			l = lanes(node, false)
			require.False(t, l.Takes(got))
			_, belongs, ok = l.Open(context.Background(), got, h.Clone())
			require.False(t, ok)
			require.Equal(t, got, belongs, "it waits for those who can")
		}
	}
	require.Contains(t, lanes("p0", true).Known(), common)
	require.NotContains(t, lanes("p0", false).Known(), common)

	parked := http.Header{}
	_, err := peer("", false).Park(f.Shadow(fleet.Lane), parked)
	require.NoError(t, err)
	f.Delete()
	under, belongs, ok := lanes("p0", true).Open(context.Background(), common, parked.Clone())
	require.True(t, ok, "without its environment it is common, and a rehearsal's still")
	require.True(t, dpath.Shadow(under))
	require.Empty(t, dpath.Env(under))
	require.Equal(t, common, belongs)

	f.Rehearse(false)
	require.False(t, lanes("p0", true).Takes(common), "switched off")
	_, belongs, ok = lanes("p0", true).Open(context.Background(), common, parked.Clone())
	require.False(t, ok)
	require.Equal(t, common, belongs)
	f.Rehearse(true)

	now = now.Add(carrier.AtRest + time.Hour)
	_, belongs, ok = lanes("p0", true).Open(context.Background(), common, parked.Clone())
	require.False(t, ok)
	require.Empty(t, belongs, "a dead letter, and nothing real")
	_, err = peer("p0", true).LaneAgain(parked)
	require.ErrorIs(t, err, dpath.ErrShadowLost)
	_, err = peer("p0", true).Park(f.Shadow(""), http.Header{})
	require.ErrorIs(t, err, dpath.ErrShadowLost, "a call that outlived its label leaves nothing")
}
