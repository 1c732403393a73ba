package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// soon asks for the next pass at once.
const soon = time.Millisecond

// placeAndClaim chooses a host and takes its room in one transaction; when another order was quicker, it chooses anew.
func placeAndClaim(ctx context.Context, r *resource.Reconciliation, o pool.Order) (pool.Host, error) {
	var last error
	for range 5 {
		hosts, err := Hosts(ctx, r, r.Pool)
		if err != nil {
			return pool.Host{}, err
		}
		if err := countGroup(ctx, r, hosts, o); err != nil {
			return pool.Host{}, err
		}
		h, _, err := pool.Place(hosts, o)
		if err != nil {
			return pool.Host{}, err
		}
		last = r.Claim(ctx, hostPool(h.ID), resource.Charges{"vcpus": o.VCPUs, "memory_mib": o.MemoryMiB, "disk_gib": o.DiskGiB})
		if last == nil || resource.ReasonOf(last) != resource.ReasonQuotaExceeded {
			return h, last
		}
	}
	return pool.Host{}, last
}

// countGroup counts the servers of the order's anti-affinity group on each host.
func countGroup(ctx context.Context, r resource.Reader, hosts []pool.Host, o pool.Order) error {
	if o.Group == "" {
		return nil
	}
	members, err := users(ctx, r, "server", "spec.group", o.Group)
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
