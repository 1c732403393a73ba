package openstack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

var bounded = provider.Server{VCPUs: 1, MemoryMiB: 64, CPU: provider.CPU{Weight: 50, Percent: 25},
	Disks: []provider.Disk{{Image: idA, QoS: &provider.QoS{IOPS: 100, BytesPerSecond: 1 << 20}}, {Volume: idB}}}

func TestBoundsAreExtraSpecs(t *testing.T) {
	specs := boundSpecs(bounded)
	require.Equal(t, map[string]string{"quota:cpu_shares": "50", "quota:cpu_period": "100000", "quota:cpu_quota": "25000",
		"quota:disk_total_iops_sec": "100", "quota:disk_total_bytes_sec": "1048576"}, specs)
	require.Empty(t, boundSpecs(provider.Server{Disks: []provider.Disk{{}}}))
	require.NotEqual(t, flavorName(1, 64, 1, nil), flavorName(1, 64, 1, specs))

	is := map[string]any{"trait:CUSTOM_A": "required"}
	s := &servers.Server{Status: "ACTIVE", Flavor: map[string]any{"extra_specs": is}}
	require.False(t, rebound(s, bounded), "a server that runs is left alone")
	s.Status = "SHUTOFF"
	require.True(t, rebound(s, bounded))
	require.False(t, rebound(s, provider.Server{}))
	for k, v := range specs {
		is[k] = v
	}
	require.False(t, rebound(s, bounded))
	require.True(t, rebound(s, provider.Server{}))
}

// neutron keeps QoS policies; without any it has no such service.
type neutron struct {
	*httptest.Server
	policies map[string]map[string]any // by name
	calls    []string
}

func newNeutron(t *testing.T) (*neutron, *gophercloud.ServiceClient) {
	n := &neutron{policies: map[string]map[string]any{}}
	n.Server = httptest.NewServer(n)
	t.Cleanup(n.Close)
	return n, &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{HTTPClient: *n.Client()}, Endpoint: n.URL + "/"}
}

func (n *neutron) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.calls = append(n.calls, r.Method+" "+r.URL.Path)
	w.Header().Set("Content-Type", "application/json")
	id := strings.Split(strings.TrimPrefix(r.URL.Path, "/qos/policies"), "/")
	switch {
	case n.policies == nil:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPost && len(id) == 1:
		var in struct{ Policy map[string]any }
		_ = json.NewDecoder(r.Body).Decode(&in)
		name := fmt.Sprint(in.Policy["name"])
		in.Policy["id"], in.Policy["rules"] = "id-"+name, []any{}
		n.policies[name] = in.Policy
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(in)
	case r.Method == http.MethodPost:
		var in struct {
			Rule map[string]any `json:"bandwidth_limit_rule"`
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		in.Rule["type"] = "bandwidth_limit"
		p := n.policies[strings.TrimPrefix(id[1], "id-")]
		p["rules"] = append(p["rules"].([]any), in.Rule)
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"bandwidth_limit_rule": in.Rule})
	case len(id) > 1:
		_ = json.NewEncoder(w).Encode(map[string]any{"policy": n.policies[strings.TrimPrefix(id[1], "id-")]})
	default:
		list := []any{}
		if p := n.policies[r.URL.Query().Get("name")]; p != nil {
			list = append(list, p)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"policies": list})
	}
}

func TestCardsAreBoundByPolicies(t *testing.T) {
	n, c := newNeutron(t)
	d := &Driver{}
	nic := provider.Interface{BitsPerSecond: 20_000_000}
	id, err := d.policyOf(t.Context(), c, nic)
	require.NoError(t, err)
	require.Equal(t, "id-plaza-20000kbps", id)
	rules := n.policies["plaza-20000kbps"]["rules"].([]any)
	require.Len(t, rules, 2)
	for _, r := range rules {
		require.EqualValues(t, 20000, r.(map[string]any)["max_kbps"])
	}
	n.policies["plaza-20000kbps"]["rules"] = rules[1:] // a try was cut off before
	again, err := d.policyOf(t.Context(), c, nic)
	require.NoError(t, err)
	require.Equal(t, id, again)
	require.Len(t, n.policies["plaza-20000kbps"]["rules"], 2)
	require.Len(t, n.policies, 1)
	n.calls = nil
	_, err = d.policyOf(t.Context(), c, nic)
	require.NoError(t, err)
	require.Equal(t, []string{"GET /qos/policies"}, n.calls)

	n.policies["gold"] = map[string]any{"id": "id-gold", "name": "gold"}
	for _, x := range []struct {
		has, want string
		other     bool
	}{{"", "", false}, {"", id, true}, {id, id, false}, {id, "", true}, {"id-gold", id, true}, {"id-gold", "", false}} {
		other, err := otherPolicy(t.Context(), c, x.has, x.want)
		require.NoError(t, err)
		require.Equal(t, x.other, other, x)
	}

	n.policies = nil
	_, err = d.policyOf(t.Context(), c, nic)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
	require.Contains(t, err.Error(), "can not bound cards")
	id, err = d.policyOf(t.Context(), c, provider.Interface{})
	require.NoError(t, err)
	require.Empty(t, id)
}
