package resource

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
)

// Locator tells in which region or site an object is, or is bound to be; "" while nobody knows.
type Locator func(ctx context.Context, r Reader, o Raw) (string, error)

// Locate lets quotas be counted by region, too, beside those of the whole installation.
func (r *Registry) Locate(l Locator) { r.locate = l }

// regionMark parts a metric from the region that it is counted in: what is held in a region is a metric of its own, so
// that limits, totals, branches and the recount treat it like any other.
const regionMark = "@"

func regional(metric, region string) string {
	if region == "" {
		return metric
	}
	return metric + regionMark + region
}

// byRegion parts what regional has put together.
func byRegion(metric string) (name, region string) {
	name, region, _ = strings.Cut(metric, regionMark)
	return name, region
}

// spoken is a metric as people say it.
func spoken(metric string) string {
	if name, region := byRegion(metric); region != "" {
		return name + " in " + region
	}
	return metric
}

// everywhere adds what is charged in the region of an object to what it is charged at all.
func (c Charges) everywhere(region string) Charges {
	if c == nil {
		return nil
	}
	out := make(Charges, 2*len(c))
	for metric, n := range c {
		out[metric] = n
		out[regional(metric, region)] = n
	}
	return out
}

// regionOf asks where an object that is charged for something is.
func (s *Store) regionOf(ctx context.Context, o Raw, charges Charges) (string, error) {
	if s.registry.locate == nil || len(charges) == 0 {
		return "", nil
	}
	region, err := s.registry.locate(ctx, s.reader(), o)
	if strings.Contains(region, regionMark) {
		return "", Invalid(o.Kind, "region", region, "is no name for a region or site")
	}
	return region, err
}

// Settle implements Claims.
func (c claims) Settle(ctx context.Context, region string) error {
	charges, err := c.def.charges(c.object)
	if err != nil || c.store.registry.locate == nil {
		return err
	}
	if region == "" {
		if region, err = c.store.regionOf(ctx, c.object, charges); err != nil {
			return err
		}
	}
	return c.store.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		deltas, err := c.settling(ctx, tx, charges, region)
		if err != nil || len(deltas) == 0 {
			return err
		}
		if err := c.store.hold(ctx, tx, c.object.Meta); err != nil {
			return err // it was handed over: what it takes now is another project's
		}
		return c.store.applyDeltas(ctx, tx, deltas)
	})
}

// settling are the changes after which the object holds its charges in one region, and nothing in any other.
func (c claims) settling(ctx context.Context, tx bun.Tx, charges Charges, region string) ([]quotaDelta, error) {
	m := c.object.Meta
	held, err := holdingsOf(ctx, tx, m.ID)
	if err != nil {
		return nil, err
	}
	var out []quotaDelta
	for metric, h := range held {
		if _, in := byRegion(metric); in != "" && in != region && h.Project == m.Project {
			out = append(out, quotaDelta{object: m.ID, node: m.Project, metric: metric, reserve: -h.Reserved, commit: -h.Committed})
		}
	}
	if region == "" {
		return out, nil
	}
	for name, n := range charges {
		metric := regional(name, region)
		if more := n - held[metric].Reserved - held[metric].Committed; more > 0 {
			out = append(out, quotaDelta{object: m.ID, node: m.Project, metric: metric, reserve: more})
		}
	}
	return out, nil
}

func holdingsOf(ctx context.Context, db bun.IDB, object string) (map[string]Holding, error) {
	var rows []Holding
	err := db.NewSelect().Model(&rows).Where("object_id = ?", object).Scan(ctx)
	held := make(map[string]Holding, len(rows))
	for _, h := range rows {
		held[h.Metric] = h
	}
	return held, err
}
