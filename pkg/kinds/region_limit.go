package kinds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// limitingTakes is how long one pass may set limits: the region is to be looked at in the meantime.
const limitingTakes = 10 * time.Second

// limitRegion tells the region what each project may have there, as a fence behind Plaza's own quotas; more tells that
// the time of one pass was too short. What the region refuses is a condition, and tried again by its next pass.
func limitRegion(ctx context.Context, r *resource.Reconciliation, o *Region, region provider.Region) (more bool) {
	limits, err := regionLimits(ctx, r, o)
	until, told := time.Now().Add(limitingTakes), 0
	for _, project := range slices.Sorted(maps.Keys(limits)) {
		if err != nil || time.Now().After(until) {
			break
		}
		if err = region.Limit(ctx, project, limits[project]); err == nil {
			told++
		}
	}
	o.SetCondition(limitsCondition(told, len(limits), err))
	return err == nil && told < len(limits)
}

// regionLimits are the least limits of each project that has something in the region. The cloud counts shelved servers
// on, whose vCPUs and memory Plaza has given back: they come on top.
func regionLimits(ctx context.Context, r *resource.Reconciliation, o *Region) (map[string]provider.Limits, error) {
	ceilings, err := r.Ceilings(ctx, o.Name, provider.LimitedMetrics())
	if err != nil {
		return nil, err
	}
	out := make(map[string]provider.Limits, len(ceilings))
	for project, c := range ceilings {
		out[project] = provider.Limits(c)
	}
	shelved := resource.Query{Kind: "server", Fields: map[string]string{"status.host": o.ID, "status.power": string(provider.PowerShelved)}, Limit: 500}
	return out, resource.All(ctx, r, shelved, func(raw resource.Raw) error {
		s, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return err
		}
		out[s.Project].Raise("vcpus", int64(s.Status.VCPUs))
		out[s.Project].Raise("memory_mib", int64(s.Status.MemoryMiB))
		return nil
	})
}

func limitsCondition(told, all int, err error) resource.Condition {
	switch {
	case err != nil:
		return resource.Condition{Type: "Limits", Status: resource.False, Reason: "Refused", Message: err.Error()}
	case told < all:
		return resource.Condition{Type: "Limits", Status: resource.False, Reason: "UnderWay", Message: fmt.Sprintf("limits of %d of %d projects are set", told, all)}
	}
	return resource.Condition{Type: "Limits", Status: resource.True, Reason: "Set", Message: fmt.Sprintf("limits of %d projects are set", all)}
}
