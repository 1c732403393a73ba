package openstack

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// TestDeletedIsNotGone lets Nova's last step of a deletion fail: the server is DELETED for a moment, and then back in ERROR.
func TestDeletedIsNotGone(t *testing.T) {
	var mu sync.Mutex
	coming, deletions := []string{"ACTIVE"}, 0
	nova := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.Method == http.MethodDelete && deletions == 0:
			deletions, coming = 1, []string{"DELETED", "ERROR"}
			w.WriteHeader(http.StatusNoContent)
		case r.Method == http.MethodDelete:
			deletions, coming = deletions+1, nil
			w.WriteHeader(http.StatusNoContent)
		case len(coming) == 0:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"server": {"id": "s1", "status": %q, "tenant_id": "p1"}}`, coming[0])
			coming = coming[min(1, len(coming)-1):]
		}
	}))
	defer nova.Close()
	c, err := newCloud(Settings{RegionSettings: provider.RegionSettings{AuthURL: nova.URL, Region: "one"}})
	require.NoError(t, err)
	defer c.circuits.closeIdle()
	login := &session{provider: &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: c.reads}}, catalog: &tokens.ServiceCatalog{Entries: []tokens.CatalogEntry{
		{Type: "compute", Endpoints: []tokens.Endpoint{{Region: "one", RegionID: "one", Interface: "public", URL: nova.URL + "/v2.1"}}}}}}
	c.sessions[""], c.sessions["p1"], c.versions[compute] = login, login, "2.87"
	d := &Driver{cloud: c}
	require.NoError(t, d.discard(t.Context(), &servers.Server{ID: "s1", TenantID: "p1", Status: "ACTIVE"}))
	require.Equal(t, 2, deletions)
}
