package openstack

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/nodes"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/schedulerstats"
	blockservices "github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/networkipavailabilities"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/plazacloud/plaza/pkg/provider"
)

var _ provider.Region = (*Driver)(nil)

// inventoryTime bounds the look at one service; the others are not kept waiting.
const inventoryTime = 30 * time.Second

// stocktaking is one look at every service of the region, at the same time.
type stocktaking struct {
	*Driver
	seen provider.Inventory

	mu     sync.Mutex
	failed map[service]error
	read   int
}

// Inventory reads what the region has. What a service that does not answer would have told is left out.
func (d *Driver) Inventory(ctx context.Context) (provider.Inventory, error) {
	s := &stocktaking{Driver: d, failed: map[service]error{}}
	var all sync.WaitGroup
	all.Go(func() {
		hypervisors, ok := part(ctx, s, compute, hypervisorsOf)
		stock, _ := part(ctx, s, placement, func(ctx context.Context, c *gophercloud.ServiceClient) (map[string]tree, error) {
			return stockOf(ctx, c, hypervisors)
		})
		if ok {
			s.seen.Hypervisors = withStock(hypervisors, stock)
		}
	})
	all.Go(func() { s.seen.Storage, _ = part(ctx, s, volume, storageOf) })
	all.Go(func() { s.seen.Networks, _ = part(ctx, s, network, addressesOf) })
	all.Go(func() { s.seen.Baremetal, _ = part(ctx, s, baremetal, machinesOf) })
	all.Go(func() { _, _ = part(ctx, s, image, probeImages) })
	all.Go(func() { _, _ = part(ctx, s, identity, probeIdentity) })
	all.Wait()
	s.seen.Services = s.services()
	s.seen.ObservedAt = time.Now().UTC()
	if s.read == 0 {
		return s.seen, cmp.Or(s.failed[identity], s.failed[compute], error(provider.Errorf(provider.ReasonUnavailable, "", "no service of the region answers")))
	}
	return s.seen, nil
}

// part asks one service; ok is false when it does not answer, or the region does not have it.
func part[T any](ctx context.Context, s *stocktaking, from service, ask func(context.Context, *gophercloud.ServiceClient) (T, error)) (out T, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, inventoryTime)
	defer cancel()
	there, err := s.cloud.has(ctx, from)
	if err == nil && !there {
		return out, false
	}
	var c *gophercloud.ServiceClient
	if err == nil {
		c, err = s.cloud.client(ctx, from, "")
	}
	if err == nil {
		out, err = ask(ctx, c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed[from] = err
		return out, false
	}
	s.read++
	return out, true
}

// services joins what the circuits know with what this look met.
func (s *stocktaking) services() []provider.Service {
	out := s.cloud.circuits.health()
	for from, err := range s.failed {
		i := slices.IndexFunc(out, func(x provider.Service) bool { return x.Type == string(from) })
		if i < 0 { // it could not even be found
			out = append(out, provider.Service{Type: string(from), Circuit: "closed", Since: time.Now().UTC()})
			i = len(out) - 1
		}
		if out[i].Error == "" {
			out[i].Error = reasonText(err)
		}
		// It may answer again since: what it had to tell is missing from this look all the same.
		if r := provider.ReasonOf(err); r == provider.ReasonUnavailable || r == provider.ReasonTimeout {
			out[i].Up = false
		}
	}
	s.cloud.mu.Lock()
	defer s.cloud.mu.Unlock()
	for i := range out {
		out[i].Version = cmp.Or(s.cloud.versions[service(out[i].Type)], strings.TrimSuffix(apis[service(out[i].Type)].path, "/"))
	}
	slices.SortFunc(out, func(a, b provider.Service) int { return strings.Compare(a.Type, b.Type) })
	return out
}

func reasonText(err error) string {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return e.Detail
	}
	return err.Error()
}

func probeIdentity(ctx context.Context, c *gophercloud.ServiceClient) (struct{}, error) {
	resp, err := c.Get(ctx, c.Endpoint, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	return struct{}{}, mapped("ask identity for its version", err)
}

func probeImages(ctx context.Context, c *gophercloud.ServiceClient) (struct{}, error) {
	err := images.List(c, images.ListOpts{Limit: 1}).EachPage(ctx, firstPage)
	return struct{}{}, mapped("list images", err)
}

// unlimited stands for pools that say they have no end.
const unlimited = int64(1) << 40

// storageOf reads the pools that Cinder's scheduler chooses from.
func storageOf(ctx context.Context, c *gophercloud.ServiceClient) ([]provider.StoragePool, error) {
	pools, err := pages(ctx, schedulerstats.List(c, schedulerstats.ListOpts{Detail: true}), schedulerstats.ExtractStoragePools)
	if err != nil {
		return nil, mapped("list storage pools", err)
	}
	types, err := pages(ctx, volumetypes.List(c, volumetypes.ListOpts{IsPublic: "None"}), volumetypes.ExtractVolumeTypes)
	if err != nil {
		return nil, mapped("list volume types", err)
	}
	running, err := pages(ctx, blockservices.List(c, blockservices.ListOpts{Binary: "cinder-volume"}), blockservices.ExtractServices)
	if err != nil {
		return nil, mapped("list volume services", err)
	}
	up := map[string]bool{}
	for _, s := range running {
		up[s.Host] = s.State == "up" && s.Status == "enabled"
	}
	out := make([]provider.StoragePool, 0, len(pools))
	for _, p := range pools {
		host, _, _ := strings.Cut(p.Name, "#")
		out = append(out, provider.StoragePool{Name: p.Name, Backend: p.Capabilities.VolumeBackendName, Tier: tierOf(p, types), TotalGiB: gib(p.Capabilities.TotalCapacityGB), FreeGiB: gib(p.Capabilities.FreeCapacityGB),
			Promised: gib(p.Capabilities.AllocatedCapacityGB), Up: up[host]})
	}
	slices.SortFunc(out, func(a, b provider.StoragePool) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// tierOf is the first volume type, by name, that asks for the pool's backend.
func tierOf(p schedulerstats.StoragePool, types []volumetypes.VolumeType) string {
	var names []string
	for _, t := range types {
		if t.ExtraSpecs["volume_backend_name"] == p.Capabilities.VolumeBackendName && p.Capabilities.VolumeBackendName != "" {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

func gib(v float64) int64 {
	if math.IsInf(v, 1) {
		return unlimited
	}
	return int64(v)
}

// addressesOf counts the IPv4 addresses of external networks.
func addressesOf(ctx context.Context, c *gophercloud.ServiceClient) ([]provider.AddressPool, error) {
	outside := true
	list, err := pages(ctx, networks.List(c, external.ListOptsExt{ListOptsBuilder: networks.ListOpts{}, External: &outside}), networks.ExtractNetworks)
	if err != nil {
		return nil, mapped("list external networks", err)
	}
	counts, err := pages(ctx, networkipavailabilities.List(c, networkipavailabilities.ListOpts{IPVersion: "4"}), networkipavailabilities.ExtractNetworkIPAvailabilities)
	if err != nil {
		return nil, mapped("count addresses", err)
	}
	out := make([]provider.AddressPool, 0, len(list))
	for _, n := range list {
		p := provider.AddressPool{ID: n.ID, Name: n.Name}
		for _, a := range counts {
			if a.NetworkID == n.ID {
				p.Total, p.Used = int64(number(a.TotalIPs)), int64(number(a.UsedIPs))
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b provider.AddressPool) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// machinesOf counts the nodes of each resource class, also those that Plaza did not enrol.
func machinesOf(ctx context.Context, c *gophercloud.ServiceClient) ([]provider.BaremetalPool, error) {
	all, err := listNodes(ctx, c, "uuid", "resource_class", "provision_state", "maintenance", "fault", "instance_uuid", "retired")
	if err != nil {
		return nil, err
	}
	return countMachines(all), nil
}

func countMachines(all []nodes.Node) []provider.BaremetalPool {
	pools := map[string]*provider.BaremetalPool{}
	for i := range all {
		n := &all[i]
		p := pools[n.ResourceClass]
		if p == nil {
			p = &provider.BaremetalPool{Class: n.ResourceClass}
			pools[n.ResourceClass] = p
		}
		p.Total++
		stuck := n.ProvisionState == string(nodes.Error) || strings.HasSuffix(n.ProvisionState, " failed")
		switch {
		case inUse(n) && !stuck:
			p.Used++
		case stuck || n.Maintenance || n.Fault != "" || n.Retired:
			p.Broken++
		case n.ProvisionState == string(nodes.Available):
			p.Free++
		default:
			p.Busy++
		}
	}
	out := make([]provider.BaremetalPool, 0, len(pools))
	for _, p := range pools {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b provider.BaremetalPool) int { return strings.Compare(a.Class, b.Class) })
	return out
}
