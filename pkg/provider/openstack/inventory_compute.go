package openstack

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/hypervisors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"
	"github.com/gophercloud/gophercloud/v2/openstack/placement/v1/resourceproviders"
	"github.com/gophercloud/gophercloud/v2/pagination"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/pkg/provider"
)

// providersAtATime bounds the questions to Placement, which has three for each resource provider.
const providersAtATime = 8

// tree is what a hypervisor and the providers below it, as NUMA cells and cards are, have together.
type tree struct {
	stock  map[string]provider.Stock
	traits []string
}

// pages reads every page of a list.
func pages[T any](ctx context.Context, pager pagination.Pager, extract func(pagination.Page) ([]T, error)) ([]T, error) {
	page, err := pager.AllPages(ctx)
	if err != nil {
		return nil, err
	}
	return extract(page)
}

// firstPage stops after one page.
func firstPage(context.Context, pagination.Page) (bool, error) { return false, nil }

// hypervisorsOf reads Nova's side of the compute nodes that run guests; whole machines are told of by Ironic.
func hypervisorsOf(ctx context.Context, c *gophercloud.ServiceClient) ([]provider.Hypervisor, error) {
	list, err := pages(ctx, hypervisors.List(at(c, withinAmounts(c.Microversion)), hypervisors.ListOpts{}), hypervisors.ExtractHypervisors)
	if err != nil {
		return nil, mapped("list hypervisors", err)
	}
	running, err := pages(ctx, services.List(c, services.ListOpts{Binary: "nova-compute"}), services.ExtractServices)
	if err != nil {
		return nil, mapped("list compute services", err)
	}
	groups, err := pages(ctx, aggregates.List(c), aggregates.ExtractAggregates)
	if err != nil {
		return nil, mapped("list aggregates", err)
	}
	out := make([]provider.Hypervisor, 0, len(list))
	for _, h := range list {
		if h.HypervisorType == "ironic" {
			continue
		}
		n := provider.Hypervisor{ID: h.ID, Name: h.HypervisorHostname, Arch: h.CPUInfo.Arch, Type: h.HypervisorType, Servers: h.RunningVMs,
			Up: h.State == "up", Enabled: h.Status == "enabled", Labels: map[string]string{}}
		for _, s := range running {
			if s.Host == h.Service.Host {
				n.Zone = s.Zone
				n.Up, n.Enabled, n.Reason = s.State == "up" && !s.ForcedDown, s.Status == "enabled", whyNot(s)
			}
		}
		for _, g := range groups {
			if slices.Contains(g.Hosts, h.Service.Host) {
				n.Aggregates = append(n.Aggregates, g.Name)
				maps.Copy(n.Labels, g.Metadata)
				n.Required = append(n.Required, requiredBy(g.Metadata)...)
			}
		}
		delete(n.Labels, "availability_zone")
		slices.Sort(n.Aggregates)
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b provider.Hypervisor) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// requiredBy are the traits that an aggregate's metadata asks of a server, as those that Nova isolates do.
func requiredBy(metadata map[string]string) (traits []string) {
	for k, v := range metadata {
		if t, ok := strings.CutPrefix(k, "trait:"); ok && v == "required" {
			traits = append(traits, t)
		}
	}
	slices.Sort(traits)
	return traits
}

// whyNot tells why nothing is placed on a compute node; "" when it may be.
func whyNot(s services.Service) string {
	switch {
	case s.ForcedDown:
		return "its compute service was forced down"
	case s.State != "up":
		return "its compute service was last heard of at " + s.UpdatedAt.UTC().Format("2006-01-02 15:04:05") + " UTC"
	case s.Status == "enabled":
		return ""
	case s.DisabledReason != "":
		return "disabled: " + s.DisabledReason
	}
	return "disabled"
}

// stockOf reads the trees of the hypervisors.
func stockOf(ctx context.Context, c *gophercloud.ServiceClient, of []provider.Hypervisor) (map[string]tree, error) {
	all, err := pages(ctx, resourceproviders.List(c, resourceproviders.ListOpts{}), resourceproviders.ExtractResourceProviders)
	if err != nil {
		return nil, mapped("list resource providers", err)
	}
	out := map[string]tree{}
	for _, h := range of {
		out[h.ID] = tree{stock: map[string]provider.Stock{}}
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(providersAtATime)
	for _, p := range all {
		root := p.RootProviderUUID
		if root == "" {
			root = p.UUID
		}
		if _, wanted := out[root]; !wanted {
			continue
		}
		g.Go(func() error {
			one, err := providerOf(ctx, c, p.UUID)
			if provider.IsNotFound(err) {
				return nil // it went meanwhile
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			out[root] = out[root].plus(one)
			return nil
		})
	}
	return out, g.Wait()
}

func providerOf(ctx context.Context, c *gophercloud.ServiceClient, id string) (tree, error) {
	t := tree{stock: map[string]provider.Stock{}}
	inventories, err := resourceproviders.GetInventories(ctx, c, id).Extract()
	if err != nil {
		return t, mapped("inventories of provider "+id, err)
	}
	usages, err := resourceproviders.GetUsages(ctx, c, id).Extract()
	if err != nil {
		return t, mapped("usages of provider "+id, err)
	}
	traits, err := resourceproviders.GetTraits(ctx, c, id).Extract()
	if err != nil {
		return t, mapped("traits of provider "+id, err)
	}
	for class, i := range inventories.Inventories {
		t.stock[class] = provider.Stock{Total: int64(i.Total), Reserved: int64(i.Reserved), Used: int64(usages.Usages[class]),
			RatioMilli: int64(math.Round(float64(i.AllocationRatio) * 1000))}
	}
	t.traits = traits.Traits
	return t, nil
}

// plus adds a part of the same machine; parts of one class have one ratio.
func (t tree) plus(o tree) tree {
	for class, s := range o.stock {
		sum := t.stock[class]
		t.stock[class] = provider.Stock{Total: sum.Total + s.Total, Reserved: sum.Reserved + s.Reserved, Used: sum.Used + s.Used, RatioMilli: s.RatioMilli}
	}
	t.traits = append(t.traits, o.traits...)
	return t
}

func withStock(of []provider.Hypervisor, trees map[string]tree) []provider.Hypervisor {
	for i := range of {
		t := trees[of[i].ID]
		slices.Sort(t.traits)
		of[i].Stock, of[i].Traits = t.stock, slices.Compact(t.traits)
	}
	return of
}
