package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// applianceManifest tells of an appliance that was built, with HAProxy in it; it builds one where none is.
func applianceManifest(t *testing.T) string {
	t.Helper()
	built, err := filepath.Abs("../../build/images/plaza-appliance.json")
	require.NoError(t, err)
	if text, err := os.ReadFile(built); err == nil && strings.Contains(string(text), `"haproxy=`) { //nolint:gosec // of this checkout
		return built
	}
	out := rig.Dir(t, "i")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	said, err := exec.CommandContext(ctx, "../../images/build.sh", "plaza-appliance", "--out", out).CombinedOutput() //nolint:gosec // of this checkout
	require.NoError(t, err, "%s", said)
	return filepath.Join(out, "plaza-appliance.json")
}

// addAppliance registers the image that load balancers take when none is named.
func addAppliance(t *testing.T, p *rig.Plane) {
	t.Helper()
	path := applianceManifest(t)
	text, err := os.ReadFile(path) //nolint:gosec // see above
	require.NoError(t, err)
	var manifest struct {
		Disk, Kernel, Initrd, Cmdline string
		SHA256                        struct{ Disk, Kernel, Initrd string } `json:"sha256"`
	}
	require.NoError(t, json.Unmarshal(text, &manifest))
	file := func(name, sum string) m {
		return m{"url": "file://" + filepath.Join(filepath.Dir(path), name), "sha256": sum, "bytes": 0}
	}
	p.Create(t, "images", "", "plaza-appliance", m{"format": "qcow2", "arch": "x86_64", "cmdline": manifest.Cmdline, "disk": file(manifest.Disk, manifest.SHA256.Disk),
		"kernel": file(manifest.Kernel, manifest.SHA256.Kernel), "initrd": file(manifest.Initrd, manifest.SHA256.Initrd)})
}

func balancer(t *testing.T, p *rig.Plane, id string) kinds.LoadBalancer {
	t.Helper()
	o, err := resource.As[kinds.LoadBalancerSpec, kinds.LoadBalancerStatus](p.Get(t, "loadbalancers", id))
	require.NoError(t, err)
	return o
}

// leader is the node that the address leads to.
func leader(o kinds.LoadBalancer) kinds.BalancerNode {
	i := slices.IndexFunc(o.Status.Nodes, func(n kinds.BalancerNode) bool { return n.Leads })
	if i < 0 {
		return kinds.BalancerNode{}
	}
	return o.Status.Nodes[i]
}

// answers waits until exactly these members answer at an address.
func answers(t *testing.T, address string, limit time.Duration, members ...string) time.Duration {
	t.Helper()
	return rig.Within(t, limit, func() error {
		seen := map[string]bool{}
		for range 6 {
			text, err := fetch(address)
			if err != nil {
				return err
			}
			seen[text] = true
		}
		for _, m := range members {
			if !seen["hello from "+m] || len(seen) != len(members) {
				return fmt.Errorf("answers are %v, not those of %v", seen, members)
			}
		}
		return nil
	})
}

// askWhile asks an address again and again until it is done, and tells how often it was answered and the longest time that
// it was not.
func askWhile(address string, limit time.Duration, done func() bool) (answered int, gap time.Duration) {
	begin := time.Now()
	for last := begin; time.Since(begin) < limit; {
		if _, err := fetch(address); err == nil {
			answered++
			last = time.Now()
		}
		gap = max(gap, time.Since(last))
		if answered%10 == 0 && done() {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return answered, gap
}

// TestLoadBalancer asks two servers through a pair of nodes, as it loses one of either.
func TestLoadBalancer(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	addAppliance(t, p)
	p.Patch(t, "hosts", h.ID, "30s", m{"floatingCIDRs": []string{"198.51.100.88/30"}})
	p.Create(t, "flavors", "", "node", flavor{VCPUs: 1, MemoryMiB: 256, DiskGiB: 1})
	net := p.Create(t, "networks", project, "front", m{"cidr": "10.88.0.0/24"})
	p.Create(t, "securitygroups", project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.88.0.0/24"}}})
	web := p.Create(t, "nodegroups", project, "web", m{"count": 2, "flavor": "tiny", "image": "busybox", "network": "front", "securityGroups": []string{"web"}})
	begin := time.Now()
	id := p.Create(t, "loadbalancers", project, "shop", m{"network": "front", "flavor": "node", "public": true, "listeners": []m{
		{"name": "web", "port": 80, "members": m{"nodegroup": "web", "port": 80}, "check": m{"path": "/", "interval": 1, "fall": 2, "rise": 1}}}}).ID
	o := balancer(t, p, id)
	require.Equal(t, 2, o.Status.Well)
	require.Len(t, o.Status.Listeners[0].Members, 2)
	require.NotEmpty(t, o.Status.Answered, "the node was heard at the address")
	t.Logf("ready after %s", time.Since(begin).Round(time.Millisecond))
	address := o.Status.Address + ":80"
	answers(t, address, 20*time.Second, "web-0", "web-1")

	before := o.Status.Nodes
	p.Patch(t, "nodegroups", web.ID, "30s", m{"count": 3})
	asked, gap := askWhile(address, 4*time.Minute, func() bool {
		o = balancer(t, p, id)
		return o.Settled() && len(o.Status.Listeners[0].Members) == 3
	})
	t.Logf("asked %d times while both nodes were replaced; the longest time without an answer was %s", asked, gap.Round(time.Millisecond))
	require.Less(t, gap, 3*time.Second)
	require.True(t, o.Settled(), o.Condition("Ready").Message)
	for i, n := range o.Status.Nodes {
		require.NotEqual(t, before[i].ID, n.ID)
	}
	answers(t, address, 20*time.Second, "web-0", "web-1", "web-2")

	first := leader(o)
	h.Virsh(t, "destroy", first.ID)
	took := answers(t, address, 20*time.Second, "web-0", "web-1", "web-2")
	t.Logf("the members answer again %s after the guest of the node was killed", took.Round(time.Millisecond))
	rig.Within(t, time.Minute, func() error {
		if now := leader(balancer(t, p, id)); now.ID == "" || now.ID == first.ID {
			return errors.New("the address is at " + now.Name)
		}
		return nil
	})
	h.Virsh(t, "destroy", member(t, p, project, "web-0"))
	took = answers(t, address, 10*time.Second, "web-1", "web-2")
	t.Logf("only the others are asked %s after the guest of a member was killed", took.Round(time.Millisecond))

	p.Delete(t, "loadbalancers", id)
	for _, plural := range []string{"loadbalancers", "floatingips"} {
		require.Empty(t, p.List(t, plural, "project="+project), plural)
	}
	for plural, left := range map[string]int{"nodegroups": 1, "servers": 3, "securitygroups": 1} {
		require.Len(t, p.List(t, plural, "project="+project), left, plural)
	}
	require.Len(t, h.Domains(t), 3)
	p.Delete(t, "nodegroups", web.ID)
	p.Delete(t, "networks", net.ID)
}

// member is the id of a server by its name.
func member(t *testing.T, p *rig.Plane, project, name string) string {
	t.Helper()
	list := p.List(t, "servers", "project="+project, "name="+name)
	require.Len(t, list, 1)
	return list[0].ID
}
