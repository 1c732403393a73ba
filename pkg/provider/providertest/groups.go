package providertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// serverGroup makes two servers that must not meet and two that must. A place of several hypervisors tells which one a
// server is on; a host is one by itself, and placement has chosen it.
func (s *suite) serverGroup(t *testing.T) {
	pair := func(t *testing.T, policy string) (string, [2]provider.ServerState) {
		t.Helper()
		group := &provider.ServerGroup{ID: newID(t), Policy: policy}
		var made [2]provider.ServerState
		for i := range made {
			want := s.newServer(t)
			want.Group, want.Power = group, provider.PowerRunning
			made[i] = s.ensureServer(t, want)
		}
		return group.ID, made
	}
	apart, made := pair(t, "anti-affinity")
	if made[0].Node != "" {
		require.NotEqual(t, made[0].Node, made[1].Node)
		requireReason(t, provider.ReasonConflict, s.DeleteServerGroup(t.Context(), s.Host, apart))
	}
	together, others := pair(t, "affinity")
	require.Equal(t, others[0].Node, others[1].Node)
	for _, st := range append(made[:], others[:]...) {
		require.NoError(t, s.DeleteServer(t.Context(), s.Host, st.ID))
	}
	for range 2 {
		require.NoError(t, s.DeleteServerGroup(t.Context(), s.Host, apart))
		require.NoError(t, s.DeleteServerGroup(t.Context(), s.Host, together))
	}
}
