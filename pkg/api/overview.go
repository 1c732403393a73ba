package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Overview is what one looks at first: what there is and how full it is, how that went, what is wrong, and who uses most.
type Overview struct {
	PoolList
	Trends    []pool.Series  `json:"trends" nullable:"false" doc:"Of the sum of all places, over the last days"`
	Alarms    []Alarm        `json:"alarms" nullable:"false" doc:"The worst first"`
	More      bool           `json:"more" doc:"There are more alarms than these"`
	Consumers []TopConsumers `json:"consumers" nullable:"false"`
}

// Severity is how much an alarm matters.
type Severity string

// Severities. What is critical does not work; a warning is about what soon may not.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
)

// Alarm is something that is wrong now.
type Alarm struct {
	Severity Severity   `json:"severity" enum:"critical,warning"`
	Reason   string     `json:"reason" doc:"For programs: HostSilent, PlaceSilent, StorageHealth, NearlyFull, Failed, Degraded, Drift, QuotaDifference, QuotaExceeded"`
	Kind     string     `json:"kind" doc:"Of what it is about: a kind of objects, or hypervisor, pool, quota"`
	ID       string     `json:"id,omitempty"`
	Name     string     `json:"name,omitempty"`
	Project  string     `json:"project,omitempty" doc:"Id"`
	Detail   string     `json:"detail,omitempty"`
	Count    int64      `json:"count,omitempty" doc:"How many there are, of what is counted"`
	Since    *time.Time `json:"since,omitempty"`
}

// TopConsumers are the projects that use most of a metric.
type TopConsumers struct {
	Metric string     `json:"metric"`
	Items  []Consumer `json:"items" nullable:"false"`
}

// Consumer is a project and what it uses.
type Consumer struct {
	Project string `json:"project" doc:"Id"`
	Used    int64  `json:"used" doc:"Held, or promised to what is being made"`
}

const (
	trendOver  = 7 * 24 * time.Hour
	trendStep  = 2 * time.Hour
	topmost    = 5
	mostAlarms = 50
	eachAlarms = 10 // objects of one kind and phase
	fullAt     = 90 // percent
)

func (s *Server) overviewRoutes() {
	op := huma.Operation{Method: http.MethodGet, Path: "/v1/overview", OperationID: "getOverview", Summary: "Read capacity, use and trend, what is wrong, and who uses most", Tags: []string{"pools"}}
	huma.Register(s.api, op, func(ctx context.Context, _ *struct{}) (*Body[Overview], error) {
		v, err := s.pools(ctx)
		if err != nil {
			return nil, err
		}
		return body(s.overview(ctx, v))
	})
}

func (s *Server) overview(ctx context.Context, v pool.View) (Overview, error) {
	out := Overview{PoolList: PoolList{v}, Trends: []pool.Series{}, Consumers: []TopConsumers{}}
	out.Items = slices.Clone(v.Items)
	for i, p := range out.Items {
		out.Items[i] = p.Brief()
	}
	for _, metric := range []string{"vcpus", "memory_mib", "disk_gib", "volume_gib"} {
		trend, err := pool.History(ctx, s.cfg.Store.DB(), pool.Span{Place: v.Total.ID, Metric: metric, From: v.At.Add(-trendOver), To: v.At, Step: trendStep})
		if err != nil {
			return out, err
		}
		out.Trends = append(out.Trends, trend)
		top, err := s.consumers(ctx, metric)
		if err != nil {
			return out, err
		}
		if len(top.Items) > 0 {
			out.Consumers = append(out.Consumers, top)
		}
	}
	var err error
	if out.Alarms, err = s.alarms(ctx, v); len(out.Alarms) > mostAlarms {
		out.Alarms, out.More = out.Alarms[:mostAlarms], true
	}
	return out, err
}

// consumers is empty for those who do not see the whole tree.
func (s *Server) consumers(ctx context.Context, metric string) (TopConsumers, error) {
	top := TopConsumers{Metric: metric, Items: []Consumer{}}
	root, err := s.readQuota(ctx, "/")
	if reason := resource.ReasonOf(err); reason == resource.ReasonNotFound || reason == resource.ReasonForbidden {
		return top, nil
	}
	if err != nil {
		return top, err
	}
	items, err := s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Consumers(ctx, root, metric, topmost)
	for _, u := range items {
		top.Items = append(top.Items, Consumer{u.Node, u.Reserved + u.Committed})
	}
	return top, err
}

// alarms puts together what is wrong with places, and with the objects that the actor sees.
func (s *Server) alarms(ctx context.Context, v pool.View) ([]Alarm, error) {
	out := []Alarm{}
	for _, p := range v.Items {
		out = append(out, placeAlarms(p)...)
	}
	for _, def := range s.registry.Kinds() {
		if err := s.authorize(ctx, "list", def.Name, ""); err != nil {
			continue // what one may not read is no alarm for one
		}
		more, err := s.objectAlarms(ctx, def.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	quotas, err := s.quotaAlarms(ctx)
	if err != nil {
		return nil, err
	}
	out = append(out, quotas...)
	slices.SortStableFunc(out, func(a, b Alarm) int { return strings.Compare(string(a.Severity), string(b.Severity)) })
	return out, nil
}

func placeAlarms(p pool.Pool) []Alarm {
	var out []Alarm
	kind := p.Kind
	if kind == pool.KindSite {
		kind = "host"
	}
	if p.Stale && p.Kind != pool.KindSite {
		out = append(out, Alarm{Severity: Critical, Reason: "PlaceSilent", Kind: kind, ID: p.ID, Name: p.Site, Since: p.ObservedAt})
	}
	for _, m := range p.Members {
		if m.Alive {
			continue
		}
		a := Alarm{Severity: Critical, Reason: "HostSilent", Kind: "host", ID: m.ID, Name: m.Name, Detail: m.Why, Since: m.ObservedAt}
		if p.Kind == pool.KindRegion {
			a.Kind, a.ID = "hypervisor", ""
		}
		out = append(out, a)
	}
	if st := p.Storage; st != nil && st.Health != "" && st.Health != "HEALTH_OK" {
		a := Alarm{Severity: Warning, Reason: "StorageHealth", Kind: kind, ID: p.ID, Name: p.Site, Detail: st.Health}
		if st.Health == "HEALTH_ERR" {
			a.Severity = Critical
		}
		out = append(out, a)
	}
	for _, x := range []struct {
		metric string
		of     pool.Amount
	}{{"vcpus", p.VCPUs}, {"memory_mib", p.MemoryMiB}, {"disk_gib", p.DiskGiB}, {"volume_gib", p.VolumeGiB}} {
		if used := x.of.Used + x.of.Others; x.of.Capacity > 0 && used*100 >= x.of.Capacity*fullAt {
			out = append(out, Alarm{Severity: Warning, Reason: "NearlyFull", Kind: "pool", ID: p.ID, Name: p.Site, Detail: fmt.Sprintf("%s: %d of %d", x.metric, used, x.of.Capacity)})
		}
	}
	return out
}

// objectAlarms are a kind's objects that failed or are amiss. Differences are told by their number: there may be many.
func (s *Server) objectAlarms(ctx context.Context, kind string) ([]Alarm, error) {
	view, out := s.cfg.Store.View(resource.ActorFrom(ctx).Scope), []Alarm{}
	if kind == "drift" {
		n, err := view.Total(ctx, resource.Query{Kind: kind, Fields: map[string]string{"status.state": "open"}}, true)
		if n.Objects > 0 {
			out = append(out, Alarm{Severity: Warning, Reason: "Drift", Kind: kind, Count: n.Objects})
		}
		return out, err
	}
	for phase, severity := range map[resource.Phase]Severity{resource.PhaseFailed: Critical, resource.PhaseDegraded: Warning} {
		page, err := view.List(ctx, resource.Query{Kind: kind, Fields: map[string]string{"phase": string(phase)}, Limit: eachAlarms})
		if err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			a := Alarm{Severity: severity, Reason: string(phase), Kind: kind, ID: o.ID, Name: o.Name, Project: o.Project}
			if c := o.Condition("Ready"); c.Reason != "" {
				a.Detail, a.Since = c.Message, &c.Since
			}
			out = append(out, a)
		}
	}
	return out, nil
}
