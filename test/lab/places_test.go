package lab

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestCloudOfOthersBesideAnOwnSite has one project's servers on a KVM host of its own and in an OpenStack of others, on networks
// of the same addresses. Each is only where it was ordered, by virsh and by Nova; while the cloud is out of reach the site
// goes on, and takes the orders that name no place.
func TestCloudOfOthersBesideAnOwnSite(t *testing.T) {
	t.Parallel()
	s, f := newFencedSite(t)
	h := s.AddHost(t, "store-1", rig.HostOptions{})
	for _, name := range []string{"private", "public"} {
		s.Create(t, "networks", s.project, name, m{"cidr": "10.97.0.0/24"})
	}
	till := s.Create(t, "servers", s.project, "till", server("private", m{"host": "store-1"}))
	web := s.Create(t, "servers", s.project, "web", server("public", m{"host": "east"}))
	require.Equal(t, map[string]bool{till.ID: true}, h.Domains(t))
	b, there := s.backend(t, web.ID)
	require.True(t, there)
	require.Equal(t, "ACTIVE", b.Status)
	_, there = s.backend(t, till.ID)
	require.False(t, there, "what is the site's is not in the cloud")
	require.Len(t, s.List(t, "servers"), 2, "one list has both")
	view := rig.Call[pool.View](t, s.Client, http.MethodGet, "/v1/pools", nil)
	sum := map[string]int64{}
	for _, p := range view.Items {
		sum[p.Kind] += p.VCPUs.Used
	}
	require.Equal(t, map[string]int64{pool.KindSite: 1, pool.KindRegion: 1}, sum)
	require.EqualValues(t, 2, view.Total.VCPUs.Used)

	away := func(is fault) {
		for _, port := range []int{5000, 8774, 9696, 8776, 8778, 9292} {
			f.set(port, is)
		}
	}
	away(refused)
	begin := time.Now()
	rig.Within(t, 2*time.Minute, func() error {
		o := s.Get(t, "regions", s.region.ID)
		return errorIf(rig.Status(o, "status.alive") == "true", "the region is still taken to be alive")
	})
	t.Logf("the region is known to be out of reach after %s", time.Since(begin).Round(time.Millisecond))
	s.Create(t, "networks", s.project, "any", m{"cidr": "10.97.0.0/24"})
	more := s.Create(t, "servers", s.project, "anywhere", server("any", nil))
	require.Equal(t, "store-1", rig.Status(more, "status.hostName"))
	a, err := s.Do(t.Context(), http.MethodPost, "/v1/servers", rig.Body(s.project, "late", server("public", m{"host": "east"})), "Idempotency-Key", uuid.NewString())
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, a.Status, "%s", a.Body)
	require.Contains(t, string(a.Body), string(resource.ReasonNoCandidate))
	s.Patch(t, "servers", till.ID, "90s", m{"power": "stopped"})

	away(well)
	rig.Within(t, 2*time.Minute, func() error {
		o := s.Get(t, "regions", s.region.ID)
		c := o.Condition("Services")
		return errorIf(c.Status != resource.True, fmt.Sprintf("%s, %s", rig.Status(o, "status.alive"), c.Message))
	})
	late := s.Create(t, "servers", s.project, "late", server("public", m{"host": "east", "power": "stopped"}))
	_, there = s.backend(t, late.ID)
	require.True(t, there)
	s.empty(t)
	s.nothingLeft(t)
	require.Empty(t, h.Domains(t))
}
