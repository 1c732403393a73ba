package kinds

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/resource"
)

// reportLasts is how old a subscriber's report may be to still count as what goes on.
const reportLasts = time.Minute

// LaneMap shows a chain as it is: apps, their pools of nodes, and what flows where.
type LaneMap struct {
	Chain       string    `json:"chain"`
	Version     int64     `json:"version" doc:"Of the chain's config"`
	Disabled    bool      `json:"disabled,omitempty"`
	Apps        []LaneApp `json:"apps" nullable:"false"`
	Subscribers int       `json:"subscribers" doc:"Who follow the chain"`
	Behind      int       `json:"behind" doc:"How many of them have not taken over the version"`
	Reporting   int       `json:"reporting" doc:"How many of them told of their calls within the last minute"`
	Violations  float64   `json:"violations" doc:"Calls they stopped, within their last report, since they broke a guarantee; anything but 0 is a fault of Plaza"`
	Rejects     float64   `json:"rejects" doc:"Calls that dedicated nodes refused, within the last report of each"`
	Invalid     float64   `json:"invalid" doc:"Labels not accepted, within the last report of each"`
}

// LaneApp is one app of a chain.
type LaneApp struct {
	App   string     `json:"app"`
	Entry bool       `json:"entry,omitempty"`
	Pools []LanePool `json:"pools" nullable:"false" doc:"The public one first"`
	Flows []LaneFlow `json:"flows" nullable:"false" doc:"Most calls first"`
}

// LanePool are the nodes that an environment has of an app, or the public ones.
type LanePool struct {
	Env   string     `json:"env,omitempty" doc:"Empty for the public nodes"`
	Stage EnvStage   `json:"stage,omitempty"`
	Nodes []LaneNode `json:"nodes" nullable:"false"`
}

// LaneNode is one node.
type LaneNode struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// LaneFlow are calls of one environment, or common ones, to one pool of an app.
type LaneFlow struct {
	Env            string  `json:"env,omitempty" doc:"Empty for common calls"`
	Pool           string  `json:"pool" enum:"public,dedicated,all,none"`
	Decision       string  `json:"decision"`
	CallsPerSecond float64 `json:"callsPerSecond"`
}

// followed reads objects, and who follows them.
type followed interface {
	resource.Reader
	Subscribers(ctx context.Context, kind, id string) ([]resource.Subscriber, error)
}

// MapLanes draws the map of a chain, within what r may read.
func MapLanes(ctx context.Context, r followed, raw resource.Raw, now time.Time) (LaneMap, error) {
	chain, err := resource.As[DpathChainSpec, DpathChainStatus](raw)
	if err != nil {
		return LaneMap{}, err
	}
	m := LaneMap{Chain: chain.Name, Version: chain.Status.Version, Disabled: chain.Spec.Disabled, Apps: []LaneApp{}}
	if chain.Status.Config == "" {
		return m, nil
	}
	config, err := r.Get(ctx, "config", chain.Project, chain.Status.Config)
	if err != nil {
		return m, err
	}
	spec, err := resource.As[ConfigSpec, ConfigStatus](config)
	if err != nil {
		return m, err
	}
	release, err := dpath.ParseRelease(strings.NewReader(spec.Spec.Document))
	var cfg *dpath.Config
	if err == nil {
		cfg, err = dpath.Join(release, now)
	}
	if err != nil {
		return m, resource.Problemf(resource.ReasonConflict, "dpathchain", "the chain publishes it anew within seconds", "config %s does not hold what dpathchain %s published: somebody changed it", config.Name, chain.Name)
	}
	subscribers, err := r.Subscribers(ctx, "config", config.ID)
	if err != nil {
		return m, err
	}
	flows := m.sum(subscribers, config.Generation, now)
	for _, app := range chain.Spec.Apps {
		a := LaneApp{App: app.Name, Entry: slices.Contains(chain.Spec.Entry, app.Name), Pools: []LanePool{{Nodes: laneNodes(cfg.Public(app.Name))}}, Flows: flows[app.Name]}
		for _, e := range chain.Status.Environments {
			if nodes := cfg.Dedicated(e.Env, app.Name); len(nodes) > 0 {
				a.Pools = append(a.Pools, LanePool{Env: e.Env, Stage: e.Stage, Nodes: laneNodes(nodes)})
			}
		}
		if a.Flows == nil {
			a.Flows = []LaneFlow{}
		}
		m.Apps = append(m.Apps, a)
	}
	return m, nil
}

func laneNodes(nodes []*dpath.Node) []LaneNode {
	out := make([]LaneNode, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, LaneNode{n.ID, n.Addr})
	}
	return out
}

// sum adds up the last reports, by app.
func (m *LaneMap) sum(subscribers []resource.Subscriber, version int64, now time.Time) map[string][]LaneFlow {
	rates := map[string]map[LaneFlow]float64{}
	for _, s := range subscribers {
		m.Subscribers++
		if s.Applied < version {
			m.Behind++
		}
		f, ok := flowOf(s, now)
		if !ok {
			continue
		}
		m.Reporting++
		m.Violations, m.Rejects, m.Invalid = m.Violations+f.Violations, m.Rejects+f.Rejects, m.Invalid+f.Invalid
		if f.Seconds < 1 {
			continue // it makes no rate
		}
		for _, c := range f.Calls {
			if rates[c.App] == nil {
				rates[c.App] = map[LaneFlow]float64{}
			}
			rates[c.App][LaneFlow{Env: c.Env, Pool: c.Pool, Decision: c.Decision}] += c.Calls / f.Seconds
		}
	}
	out := map[string][]LaneFlow{}
	for app, of := range rates {
		for flow, rate := range of {
			flow.CallsPerSecond = rate
			out[app] = append(out[app], flow)
		}
		slices.SortFunc(out[app], func(a, b LaneFlow) int {
			return cmp.Or(cmp.Compare(b.CallsPerSecond, a.CallsPerSecond), cmp.Compare(a.Env, b.Env), cmp.Compare(a.Pool, b.Pool), cmp.Compare(a.Decision, b.Decision))
		})
	}
	return out
}

// flowOf reads what a subscriber told of its calls; what it told long ago, or is none, is no flow.
func flowOf(s resource.Subscriber, now time.Time) (f dpath.Flow, ok bool) {
	if s.Report == nil || now.Sub(s.SeenAt) > reportLasts {
		return f, false
	}
	text, err := json.Marshal(s.Report)
	if err != nil || json.Unmarshal(text, &f) != nil || f.Seconds <= 0 || f.Seconds > 3600 {
		return f, false
	}
	return f, true
}
