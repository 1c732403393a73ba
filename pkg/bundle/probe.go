package bundle

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Verification asks for a proof that a bundle's dedicated paths hold.
type Verification struct {
	Common      int      `json:"common,omitempty" minimum:"0" maximum:"1000000" doc:"Common calls to send; 10000 when both are 0"`
	Labelled    int      `json:"labelled,omitempty" minimum:"0" maximum:"1000000" doc:"Labelled calls to send per environment"`
	Without     []string `json:"without,omitempty" enum:"guard,filter" doc:"Protections to switch off for these probes alone: a control that must find violations when it names both"`
	Concurrency int      `json:"concurrency,omitempty" minimum:"0" maximum:"256"`
}

const probesByDefault = 10000

// Verify sends signed probes through the entry of a bundle and judges their trails. The probe key stays in this process.
func (p *Planner) Verify(ctx context.Context, actor resource.Actor, project, nameOrID string, v Verification) (verify.Report, error) {
	raw, err := p.Objects.Unsealed(ctx, actor.Scope, "bundle", project, nameOrID)
	if err != nil {
		return verify.Report{}, err
	}
	if err := p.Objects.Authorize(ctx, actor, "update", "bundle", raw.Project); err != nil {
		return verify.Report{}, err
	}
	o, err := resource.As[Spec, Status](raw)
	if err != nil {
		return verify.Report{}, err
	}
	opts, err := p.probes(ctx, &o)
	if err != nil {
		return verify.Report{}, err
	}
	if v.Common == 0 && v.Labelled == 0 {
		v.Common, v.Labelled = probesByDefault, probesByDefault
	}
	opts.Common, opts.Labelled, opts.Control, opts.Concurrency = v.Common, v.Labelled, v.Without, v.Concurrency
	report, err := verify.Run(ctx, opts)
	if err != nil {
		return report, resource.Problemf(resource.ReasonUnavailable, "bundle", "is the bundle healthy? see: plaza bundle status "+o.Name, "the verification broke off: %w", err)
	}
	note, err := json.Marshal(map[string]any{"violations": report.Violations, "common": report.Common, "labelled": report.Labelled, "without": v.Without, "config": report.ConfigHash})
	if err != nil {
		return report, err
	}
	return report, p.Objects.Record(ctx, actor, "dpath.verify", o.Meta, string(note))
}

// probes fills in the blueprint's Dpath section with what the bundle became.
func (p *Planner) probes(ctx context.Context, o *Bundle) (verify.Options, error) {
	b, err := p.Deployer.Catalogue.Blueprint(o.Spec.Blueprint)
	if err != nil {
		return verify.Options{}, err
	}
	if b.Dpath == nil {
		return verify.Options{}, resource.Problemf(resource.ReasonConflict, "bundle", "", "blueprint %s has no dedicated paths", b.Name)
	}
	g, err := newGraph(b, o)
	if err != nil {
		return verify.Options{}, err
	}
	for _, m := range o.Status.Resources {
		have, err := p.Objects.View(resource.Everything).Get(ctx, m.Kind, o.Project, m.Name)
		if err != nil {
			return verify.Options{}, err
		}
		if err := g.learn(m.Key, have); err != nil {
			return verify.Options{}, err
		}
	}
	filled, err := fill(map[string]any{"entry": b.Dpath.Entry, "key": b.Dpath.Key}, g.values)
	if err != nil {
		return verify.Options{}, resource.Problemf(resource.ReasonConflict, "bundle", "wait until it is deployed", "bundle %s has no entry yet: %w", o.Name, err)
	}
	section := filled.(map[string]any)
	key, err := hex.DecodeString(fmt.Sprint(section["key"]))
	if err != nil {
		return verify.Options{}, resource.Invalid("blueprint", "dpath.key", nil, "is not hex")
	}
	ring, err := dpath.NewKeyring(b.Dpath.KeyID, map[string][]byte{b.Dpath.KeyID: key})
	return verify.Options{Entry: fmt.Sprint(section["entry"]), Envs: b.Dpath.Envs, Paths: b.Dpath.Paths, Key: ring}, err
}
