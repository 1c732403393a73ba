package openstack

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// quotaServices are the services of a region as far as they keep quotas: the last that each was sent.
type quotaServices struct {
	mu   sync.Mutex
	last map[string]map[string]any // by service
	sent int
	down string // this one fails

	volumes int // that are there
}

func (q *quotaServices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	service, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if service == "cinder" && r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"quota_set": {"volumes": {"limit": 10, "in_use": %d, "reserved": 1}}}`, q.volumes)
		return
	}
	if service == q.down || r.Method != http.MethodPut || !strings.HasSuffix(path, "/t1") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var in map[string]map[string]any
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	q.sent++
	for _, set := range in {
		q.last[service] = set
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(in)
}

func newQuotaServices(t *testing.T) (*quotaServices, *Driver) {
	q := &quotaServices{last: map[string]map[string]any{}}
	s := httptest.NewServer(q)
	t.Cleanup(s.Close)
	c, err := newCloud(Settings{RegionSettings: provider.RegionSettings{AuthURL: s.URL, Region: "one"}})
	require.NoError(t, err)
	t.Cleanup(c.circuits.closeIdle)
	login := &session{provider: &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: c.reads}}, catalog: &tokens.ServiceCatalog{}}
	for service, path := range map[string]string{"compute": "/nova/v2.1", "block-storage": "/cinder/v3", "network": "/neutron"} {
		login.catalog.Entries = append(login.catalog.Entries, tokens.CatalogEntry{Type: service,
			Endpoints: []tokens.Endpoint{{Region: "one", RegionID: "one", Interface: "public", URL: s.URL + path}}})
	}
	c.sessions[""], c.versions[compute], c.versions[volume] = login, "2.87", "3.70"
	return q, &Driver{cloud: c, tenants: tenants{ids: map[string]string{"p": "t1"}}}
}

func TestLimitsAreTheRegionsQuotas(t *testing.T) {
	q, d := newQuotaServices(t)
	l := provider.Limits{"servers": 5, "memory_mib": 1 << 40, "volume_gib": 30, "backups": 0}
	require.NoError(t, d.Limit(t.Context(), "p", l))
	require.Equal(t, map[string]any{"instances": 5., "cores": -1., "ram": 2147483647., "server_groups": -1., "server_group_members": -1., "key_pairs": -1., "force": true}, q.last["nova"])
	require.Equal(t, map[string]any{"volumes": -1., "gigabytes": -1., "snapshots": -1., "backups": 0., "backup_gigabytes": -1., "per_volume_gigabytes": -1.}, q.last["cinder"],
		"snapshots without a limit may take any size")
	require.Equal(t, map[string]any{"network": -1., "router": -1., "subnet": -1., "port": -1., "floatingip": -1., "security_group": -1., "security_group_rule": -1.}, q.last["neutron"])

	require.NoError(t, d.Limit(t.Context(), "p", maps.Clone(l)))
	require.Equal(t, 3, q.sent, "what is there is left alone")
	l["snapshot_gib"] = 10
	require.NoError(t, d.Limit(t.Context(), "p", l))
	require.EqualValues(t, 40, q.last["cinder"]["gigabytes"])
}

func TestLimitsThatWereRefusedAreSetAgain(t *testing.T) {
	q, d := newQuotaServices(t)
	q.down = "cinder"
	err := d.Limit(t.Context(), "p", provider.Limits{"servers": 5})
	require.ErrorContains(t, err, "set quotas of volumes")
	require.EqualValues(t, 5, q.last["nova"]["instances"], "one service does not stop the others")
	require.Equal(t, 2, q.sent)
	q.down = ""
	require.NoError(t, d.Limit(t.Context(), "p", provider.Limits{"servers": 5}))
	require.Equal(t, 5, q.sent)
}

func TestLimitsBelowWhatIsUsedAllowNoMore(t *testing.T) {
	q, d := newQuotaServices(t)
	q.volumes = 3
	require.NoError(t, d.Limit(t.Context(), "p", provider.Limits{"volumes": 2, "servers": 0}))
	require.EqualValues(t, 4, q.last["cinder"]["volumes"], "Cinder takes no less")
	require.EqualValues(t, 0, q.last["nova"]["instances"])
}

func TestARegionWithoutVolumesIsLimitedInWhatItHas(t *testing.T) {
	q, d := newQuotaServices(t)
	d.cloud.sessions[""].catalog.Entries = slices.DeleteFunc(d.cloud.sessions[""].catalog.Entries, func(e tokens.CatalogEntry) bool { return e.Type == "block-storage" })
	require.NoError(t, d.Limit(t.Context(), "p", provider.Limits{"servers": 5}))
	require.Equal(t, 2, q.sent)
}

func TestLimitsAreNotTrustedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f fences
		l := provider.Limits{"servers": 5}
		f.put("p", l, time.Now())
		l["servers"] = 6
		require.False(t, f.stands("p", l, time.Now()), "what was set is remembered, not what became of the caller's")
		l["servers"] = 5
		require.True(t, f.stands("p", l, time.Now()))
		time.Sleep(limitsLast)
		require.False(t, f.stands("p", l, time.Now()))
	})
}
