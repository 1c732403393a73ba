package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/agents"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// use is what goes on in a region while something is done to it: an S3 client writes and a guest is asked twice a second, and a
// volume and a server are ordered and deleted over and over. None of it may fail. There is a pause between, as the machine is the
// whole region: what takes all of its processors lets what is done to it take twice as long.
type use struct {
	*site
	writer *writer
	stop   context.CancelFunc
	all    sync.WaitGroup

	mu             sync.Mutex
	asked, ordered int
	failed         []error
}

const (
	orderPause = 20 * time.Second
	usePause   = 500 * time.Millisecond
)

func (s *site) use(t *testing.T) *use {
	t.Helper()
	s.addCluster(t)
	s.ballast(t)
	b := s.Create(t, "buckets", s.project, "media", m{"tier": "standard", "quotaGiB": 1, "purgeOnDelete": true})
	s.Create(t, "networks", s.project, "front", m{"cidr": "10.99.0.0/24", "egress": "nat"})
	s.Create(t, "securitygroups", s.project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80}}})
	o := s.Create(t, "servers", s.project, "web", server("front", m{"securityGroups": []string{"web"}, "publish": []m{{"port": 80}}}))
	endpoint := rig.Status(o, "status.published.endpoint")
	rig.Within(t, 2*time.Minute, func() error { return answers(endpoint, "hello from") })
	u := &use{site: s, writer: newWriter(t, rig.Call[api.BucketCredentials](t, s.Client, http.MethodGet, "/v1/buckets/"+b.ID+"/credentials", nil))}
	u.writer.pause = usePause
	ctx, stop := context.WithCancel(t.Context())
	u.stop = stop
	t.Cleanup(u.wait) // however the test ends
	u.all.Go(func() { u.writer.run(ctx) })
	u.all.Go(func() {
		u.repeat(ctx, &u.asked, usePause, func() error { return answers(endpoint, "hello from") })
	})
	u.all.Go(func() { u.repeat(ctx, &u.ordered, orderPause, func() error { return u.order(t) }) })
	return u
}

// ballast puts something into the pools of servers and volumes: of one with next to nothing in it Ceph tells that it has room for
// 16 EiB for as long as data move, which Nova's database refuses; with it that is over in moments.
func (s *site) ballast(t *testing.T) {
	t.Helper()
	node := s.lab.env["LAB_CEPH_NODE"]
	remove := "for pool in vms volumes; do rbd rm --no-progress $pool/ballast; done"
	_, _ = s.lab.try(node, remove) // of a run that was broken off
	t.Cleanup(func() { s.lab.shell(t, node, remove) })
	s.lab.shell(t, node, "set -e; for pool in vms volumes; do rbd create --size 64M $pool/ballast; rbd bench --io-type write --io-size 4M --io-total 64M $pool/ballast; done")
}

// repeat counts how often something is done, and remembers what failed.
func (u *use) repeat(ctx context.Context, count *int, pause time.Duration, do func() error) {
	for ctx.Err() == nil {
		err := do()
		u.mu.Lock()
		*count++
		if err != nil {
			u.failed = append(u.failed, fmt.Errorf("%s: %w", time.Now().Format(time.TimeOnly), err))
		}
		u.mu.Unlock()
		time.Sleep(pause)
	}
}

// order has a volume and a server made and deleted.
func (u *use) order(t *testing.T) error {
	a := rig.Call[rig.Applied](t, u.Client, http.MethodPost, "/v1/volumes", rig.Body(u.project, "order", m{"sizeGiB": 1, "host": "east"}))
	b := rig.Call[rig.Applied](t, u.Client, http.MethodPost, "/v1/servers", rig.Body(u.project, "order", server("front", m{"volumes": []string{a.Object.ID}, "host": "east"})))
	errs := []error{u.ends(t, b.Operation.ID)}
	for _, path := range []string{"/v1/servers/" + b.Object.ID, "/v1/volumes/" + a.Object.ID} {
		errs = append(errs, u.ends(t, rig.Call[rig.Applied](t, u.Client, http.MethodDelete, path, nil).Operation.ID))
	}
	return errors.Join(errs...)
}

// ends waits for an operation, and tells with an error when it has not succeeded.
func (u *use) ends(t *testing.T, id string) error {
	for began := time.Now(); time.Since(began) < 5*time.Minute; time.Sleep(500 * time.Millisecond) {
		if o := u.Operation(t, id); o.Ended() {
			return errorIf(o.State != "succeeded", fmt.Sprintf("%s of %s: %s", o.Verb, o.ObjectName, o.Message))
		}
	}
	return fmt.Errorf("operation %s takes more than five minutes", id)
}

func (u *use) wait() {
	u.stop()
	u.all.Wait()
}

// end stops it, and expects that all went well.
func (u *use) end(t *testing.T) {
	t.Helper()
	u.wait()
	t.Logf("%d answers of a guest, %d orders, %d objects; %d objects refused, failed: %v", u.asked, u.ordered, u.writer.count(), u.writer.refused, u.failed)
	require.Empty(t, u.failed)
	require.Zero(t, u.writer.refused)
	require.Greater(t, u.ordered, 2)
	require.Greater(t, u.asked, 100)
	u.writer.verify(t)
}

// onNewNode waits until a node is a host of servers, serves networks and has a disk of the cluster, and then makes a network
// with a server: the node must be the one that serves it. It tells with an error what is not so.
func (s *site) onNewNode(t *testing.T, node string) error {
	neutron, err := openstack.NewNetworkV2(s.cloud.ProviderClient, s.cloud.endpoints)
	if err != nil {
		return err
	}
	var serving map[string]string
	for began := time.Now(); ; time.Sleep(2 * time.Second) {
		if serving, err = networkAgents(t, neutron, node); err == nil && len(serving) == 2 && s.hasDisk(node) && slices.Contains(resource.Lookup(s.Get(t, "regions", s.region.ID), "status.hypervisors.name"), node) {
			break
		}
		if time.Since(began) > 18*time.Minute {
			return errors.Join(err, fmt.Errorf("%s is not whole: its agents are %v, its disk is up: %t", node, serving, s.hasDisk(node)))
		}
	}
	s.Create(t, "networks", s.project, "new", m{"cidr": "10.100.0.0/24", "egress": "nat"})
	s.Create(t, "servers", s.project, "new", server("new", m{"host": "east"}))
	routers, err := agents.ListL3Routers(t.Context(), neutron, serving["L3 agent"]).Extract()
	if err != nil {
		return err
	}
	networks, err := agents.ListDHCPNetworks(t.Context(), neutron, serving["DHCP agent"]).Extract()
	return errors.Join(err, errorIf(len(routers) != 1 || len(networks) != 1, fmt.Sprintf("%s serves %v, %v", node, routers, networks)))
}

// networkAgents are those alive on a node that serve routers and DHCP, by type.
func networkAgents(t *testing.T, neutron *gophercloud.ServiceClient, node string) (map[string]string, error) {
	pages, err := agents.List(neutron, agents.ListOpts{Host: node}).AllPages(t.Context())
	if err != nil {
		return nil, err
	}
	all, err := agents.ExtractAgents(pages)
	serving := map[string]string{}
	for _, a := range all {
		if a.Alive && (a.AgentType == "L3 agent" || a.AgentType == "DHCP agent") {
			serving[a.AgentType] = a.ID
		}
	}
	return serving, err
}

// hasDisk tells whether a disk of the cluster is up on a node.
func (s *site) hasDisk(node string) bool {
	out, err := s.lab.try(s.lab.env["LAB_CEPH_NODE"], "ceph osd tree up | grep -A1 'host "+node+"'")
	return err == nil && strings.Contains(out, "osd.")
}
