package lab

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// asked is what an address answers on a connection of its own.
func asked(address string) (string, error) {
	c := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: 3 * time.Second}).DialContext}}
	res, err := c.Get("http://" + address + "/") //nolint:noctx // the client has a timeout
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	return string(body), err
}

// spread waits until members at these addresses inside, and no others, answer.
func spread(t *testing.T, address string, limit time.Duration, inside ...string) time.Duration {
	t.Helper()
	return rig.Within(t, limit, func() error {
		all := ""
		for range 6 {
			text, err := asked(address)
			if err != nil {
				return err
			}
			if !strings.Contains(text, "hello from") {
				return missing("it says: " + text)
			}
			all += text
		}
		for _, a := range inside {
			if !strings.Contains(all, strings.ReplaceAll(a, ".", "-")) {
				return missing(a + " is not among: " + all)
			}
		}
		return nil
	})
}

// TestLoadBalancerInTheRegion asks two servers through a pair of nodes in the region, whose cloud loses one of them. The
// stock client tells where the floating address is.
func TestLoadBalancerInTheRegion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.registerBuilt(t, "appliance", "plaza-appliance")
	s.Create(t, "flavors", "", "node", m{"vcpus": 1, "memoryMiB": 256, "diskGiB": 1})
	s.Create(t, "networks", s.project, "front", m{"cidr": "10.96.0.0/24"})
	g := s.Create(t, "securitygroups", s.project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.96.0.0/24"}}})
	a := rig.Call[rig.Applied](t, s.Client, http.MethodPost, "/v1/nodegroups", rig.Body(s.project, "web", m{"count": 2, "flavor": "tiny", "image": "busybox", "network": "front", "securityGroups": []string{g.ID}}))
	t.Logf("members after %s", s.Succeeded(t, a.Operation.ID, 5*time.Minute).Round(time.Second))
	members := resource.Lookup(s.Get(t, "nodegroups", a.Object.ID), "status.members.address")
	require.Len(t, members, 2)

	a = rig.Call[rig.Applied](t, s.Client, http.MethodPost, "/v1/loadbalancers", rig.Body(s.project, "shop", m{"network": "front", "image": "appliance", "flavor": "node", "public": true,
		"listeners": []m{{"name": "web", "port": 80, "members": m{"nodegroup": "web", "port": 80}, "check": m{"path": "/", "interval": 2}}}}))
	t.Logf("ready after %s", s.Succeeded(t, a.Operation.ID, 6*time.Minute).Round(time.Second))
	look := func() kinds.LoadBalancer {
		o, err := resource.As[kinds.LoadBalancerSpec, kinds.LoadBalancerStatus](s.Get(t, "loadbalancers", a.Object.ID))
		require.NoError(t, err)
		return o
	}
	leader := func(o kinds.LoadBalancer) (out kinds.BalancerNode) {
		for _, n := range o.Status.Nodes {
			if n.Leads {
				out = n
			}
		}
		return out
	}
	o := look()
	require.Equal(t, 2, o.Status.Well)
	spread(t, o.Status.Address+":80", time.Minute, members...)
	was := leader(o)
	require.Contains(t, fmt.Sprint(s.list(t, "floating ip", "--long")), was.Address)

	begin := time.Now()
	s.stopBehindPlaza(t, was.ID)
	rig.Within(t, 2*time.Minute, func() error {
		o := look()
		now := leader(o)
		return errorIf(now.ID == "" || now.ID == was.ID, "the address is at "+now.Name+": "+o.Condition("Ready").Message)
	})
	spread(t, o.Status.Address+":80", 2*time.Minute, members...)
	t.Logf("members answer by the other node %s after the cloud was told to stop one", time.Since(begin).Round(time.Second))
	require.Contains(t, fmt.Sprint(s.list(t, "floating ip", "--long")), leader(look()).Address)
	rig.Within(t, 5*time.Minute, func() error {
		o := look()
		return errorIf(!o.Settled() || o.Status.Well != 2, string(o.Phase)+": "+o.Condition("Ready").Message)
	})
	s.empty(t)
	s.nothingLeft(t)
}
