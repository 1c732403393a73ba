package kinds

import (
	"context"
	"errors"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// soon asks for the next pass at once.
const soon = time.Millisecond

// placeAndClaim chooses a host and takes what the order needs of it. An order that finds no place holds none.
func placeAndClaim(ctx context.Context, r *resource.Reconciliation, o pool.Order) (pool.Host, error) {
	h, err := choose(ctx, r, o)
	if err == nil {
		return h, nil
	}
	return pool.Host{}, errors.Join(err, unclaimAll(ctx, r), r.Settle(ctx, ""))
}

// choose takes a place; when another order was quicker, it chooses anew. The claims of a try whose choice was never kept, as
// after a crash, are given back first.
func choose(ctx context.Context, r *resource.Reconciliation, o pool.Order) (pool.Host, error) {
	var last error
	lost := map[string]int{} // hosts where another server of the group was quicker
	for range 5 {
		if err := unclaimAll(ctx, r); err != nil {
			return pool.Host{}, err
		}
		hosts, err := scene{r, r.Pool, r.Around}.survey(ctx, &o)
		if err != nil {
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
			last = claimPlace(ctx, r, h, o)
		}
		if last == nil || resource.ReasonOf(last) != resource.ReasonQuotaExceeded {
			return h, last
		}
	}
	return pool.Host{}, last
}

// claimPlace takes what the order needs of a place: what policies allow there, what the project may have there, and room.
func claimPlace(ctx context.Context, r *resource.Reconciliation, h pool.Host, o pool.Order) error {
	if err := claimRules(ctx, r, h, o); err != nil {
		return err
	}
	if err := r.Settle(ctx, h.Site); err != nil {
		return err
	}
	return r.Claim(ctx, hostPool(h.ID), h.Claim(o))
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

// dryPlace refuses at once what no host could take, instead of failing later, and tells who only asks where it would go.
func dryPlace(ctx context.Context, a *resource.Admission, o *Server) error {
	if a.Pool == nil {
		return nil
	}
	order, err := serverOrder(ctx, a, o)
	if err != nil {
		return err
	}
	hosts, err := scene{a, a.Pool, a.Around}.survey(ctx, &order)
	if err != nil {
		return err
	}
	h, refused, err := pool.Place(hosts, order)
	if err != nil || !a.DryRun {
		return err
	}
	a.Plan = &resource.PlacementPlan{Chosen: h.Name}
	for _, r := range order.Rules {
		a.Plan.Policies = append(a.Plan.Policies, r.Policy)
	}
	fit, _ := pool.Rank(hosts, order)
	for _, f := range fit {
		a.Plan.Candidates = append(a.Plan.Candidates, resource.Candidate{Name: f.Name, Reason: "Fits", Detail: pool.Praise(f, order)})
	}
	a.Plan.Candidates = append(a.Plan.Candidates, refused...)
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
