package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// soon asks for the next pass at once.
const soon = time.Millisecond

// placeAndClaim chooses a host and takes its room; when another order was quicker, it chooses anew. The claims of a
// try whose choice was never kept, as after a crash, are given back first.
func placeAndClaim(ctx context.Context, r *resource.Reconciliation, o pool.Order) (pool.Host, error) {
	var last error
	lost := map[string]int{} // hosts where another server of the group was quicker
	for range 5 {
		if err := unclaimAll(ctx, r); err != nil {
			return pool.Host{}, err
		}
		hosts, err := Places(ctx, r, r.Pool)
		if err != nil {
			return pool.Host{}, err
		}
		if err := countGroup(ctx, r, hosts, o); err != nil {
			return pool.Host{}, err
		}
		for i := range hosts {
			hosts[i].Groups[o.Group] += lost[hosts[i].ID]
		}
		h, _, err := pool.Place(hosts, o)
		if err != nil {
			return pool.Host{}, err
		}
		last = claimGroup(ctx, r, h, o)
		if resource.ReasonOf(last) == resource.ReasonQuotaExceeded {
			lost[h.ID]++
			continue
		}
		if last == nil {
			last = r.Claim(ctx, hostPool(h.ID), h.Claim(o))
		}
		if last == nil || resource.ReasonOf(last) != resource.ReasonQuotaExceeded {
			return h, last
		}
	}
	return pool.Host{}, last
}

func unclaimAll(ctx context.Context, r *resource.Reconciliation) error {
	pools, err := r.Claimed(ctx)
	if err != nil {
		return err
	}
	for _, p := range pools {
		if err := r.Unclaim(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// claimGroup takes one of the places that a host or region has for servers of a group that must not meet: two that are placed in
// the same moment do not see each other otherwise.
func claimGroup(ctx context.Context, r *resource.Reconciliation, h pool.Host, o pool.Order) error {
	if o.Group == "" || o.Policy != pool.AntiAffinity {
		return nil
	}
	places := "group:" + o.Group
	if err := r.SetCapacity(ctx, places, resource.Charges{h.ID: int64(h.Spread(o))}); err != nil {
		return err
	}
	return r.Claim(ctx, places, resource.Charges{h.ID: 1})
}

// countGroup counts the servers of the order's group on each host.
func countGroup(ctx context.Context, r resource.Reader, hosts []pool.Host, o pool.Order) error {
	if o.Group == "" {
		return nil
	}
	members, err := users(ctx, r, "server", "spec.serverGroup", o.Group)
	if err != nil {
		return err
	}
	for _, m := range members {
		for _, at := range resource.Lookup(m, "status.host") {
			for i := range hosts {
				if hosts[i].ID == at {
					hosts[i].Groups[o.Group]++
				}
			}
		}
	}
	return nil
}
