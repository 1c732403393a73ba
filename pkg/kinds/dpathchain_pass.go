package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/resource"
)

// chainPass is one reconciliation of a chain: what is to be published is compared with what was.
type chainPass struct {
	r *resource.Reconciliation
	o *DpathChain
}

func (p chainPass) reconcile(ctx context.Context) (resource.Result, error) {
	envs, err := chainEnvs(ctx, p.r, p.o)
	if err != nil {
		return resource.Result{}, err
	}
	release, err := chainRelease(ctx, p.r, p.o, envs)
	if err != nil {
		return resource.Result{}, refuseRelease("dpathchain", err)
	}
	warnings, err := p.count(release)
	if err != nil {
		return resource.Result{}, refuseRelease("dpathchain", err)
	}
	if err := p.publish(ctx, release); err != nil {
		return resource.Result{}, err
	}
	p.tell(envs)
	p.o.Status.Warnings = nil
	for _, w := range warnings {
		p.o.Status.Warnings = append(p.o.Status.Warnings, w.Message)
	}
	return resource.Result{Done: true, Again: chainEvery}, nil
}

// count writes the nodes of each app into the status. A release that nobody could take over is not published.
func (p chainPass) count(release *dpath.Release) ([]dpath.Problem, error) {
	cfg, err := dpath.Compile(release.Document, release.Registry, time.Now())
	if err != nil && p.o.Status.Version == 0 {
		return nil, err
	}
	if err != nil {
		// Nodes come and go under rules that were accepted; subscribers take that over as a warning.
		cfg, err = dpath.Join(release, time.Now())
	}
	if err != nil {
		return nil, err
	}
	p.o.Status.Apps, p.o.Status.Nodes = nil, 0
	for _, app := range p.o.Spec.Apps {
		lanes := ChainLanes{App: app.Name, Public: len(cfg.Public(app.Name))}
		p.o.Status.Nodes += len(cfg.All(app.Name))
		for _, e := range release.Document.EnvRules {
			if n := len(cfg.Dedicated(e.EnvName, app.Name)); n > 0 {
				if lanes.Lanes == nil {
					lanes.Lanes = map[string]int{}
				}
				lanes.Lanes[e.EnvName] = n
			}
		}
		p.o.Status.Apps = append(p.o.Status.Apps, lanes)
	}
	return cfg.Warnings(), nil
}

// publish makes a new version of the chain's config when there is something new in it.
func (p chainPass) publish(ctx context.Context, release *dpath.Release) error {
	text, err := json.MarshalIndent(release, "", " ")
	if err != nil {
		return err
	}
	raw, err := p.r.Get(ctx, "config", p.o.Project, p.o.Name)
	if err == nil {
		c, err := resource.As[ConfigSpec, ConfigStatus](raw)
		if err != nil {
			return err
		}
		if c.Owner != nil && c.Owner.ID == p.o.ID && c.Spec.Format == configRelease && c.Spec.Document == string(text) {
			p.o.Status.Config, p.o.Status.Version = c.Name, c.Generation
			return nil
		}
	} else if resource.ReasonOf(err) != resource.ReasonNotFound {
		return err
	}
	spec, err := json.Marshal(ConfigSpec{Format: configRelease, Document: string(text), Comment: p.comment(release)})
	if err != nil {
		return err
	}
	a, err := p.r.Apply(ctx, resource.Request{Kind: "config", Project: p.o.Project, Name: p.o.Name, Labels: p.o.Labels, Spec: spec})
	if err != nil {
		return err
	}
	p.o.Status.Config, p.o.Status.Version = a.Object.Name, a.Object.Generation
	return nil
}

// comment sums a version up for its history.
func (p chainPass) comment(release *dpath.Release) string {
	parts := []string{fmt.Sprintf("%d nodes", p.o.Status.Nodes)}
	for _, e := range release.Document.EnvRules {
		state := dpath.StateActive
		if len(e.EnvAppRules) > 0 {
			state = e.EnvAppRules[0].State
		}
		parts = append(parts, e.EnvName+" "+string(state))
	}
	text := strings.Join(parts, ", ")
	return text[:min(len(text), 500)]
}

// tell notes since which version each environment is at its stage, and wakes those that wait for that.
func (p chainPass) tell(envs []DpathEnv) {
	var now []PublishedEnv
	for _, e := range envs {
		if e.Status.Stage == StageWaiting {
			continue
		}
		i := slices.IndexFunc(p.o.Status.Environments, func(have PublishedEnv) bool { return have.ID == e.ID })
		if i >= 0 && p.o.Status.Environments[i].Stage == e.Status.Stage && p.o.Status.Environments[i].Generation == e.Generation {
			now = append(now, p.o.Status.Environments[i])
			continue
		}
		now = append(now, PublishedEnv{ID: e.ID, Env: e.Spec.Env, Stage: e.Status.Stage, Generation: e.Generation, Version: p.o.Status.Version, At: time.Now().UTC()})
		p.r.Touch("dpathenv", e.ID, "it was published")
	}
	p.o.Status.Environments = now
}
