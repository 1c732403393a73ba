package kinds

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/resource"
)

// releaseBuilder joins a chain, its environments and the members of their node groups.
type releaseBuilder struct {
	r     resource.Reader
	chain *DpathChain
	out   *dpath.Release
	there map[[2]string]bool // app and node group, as far as they are in it
}

func (b releaseBuilder) build(ctx context.Context, envs []DpathEnv) (*dpath.Release, error) {
	if len(b.chain.Spec.Trusted) > 0 {
		b.out.Document.Trust = &dpath.Trust{Hosts: b.chain.Spec.Trusted}
	}
	if r := b.chain.Spec.Rehearsal; r != nil {
		b.out.Document.Rehearsal = r.rules()
	}
	for _, app := range b.chain.Spec.Apps {
		b.out.Registry.Apps[app.Name] = []dpath.Endpoint{}
		for _, g := range app.NodeGroups {
			if err := b.group(ctx, app, g); err != nil {
				return nil, err
			}
		}
		for _, addr := range app.Addresses {
			b.out.Registry.Apps[app.Name] = append(b.out.Registry.Apps[app.Name], dpath.Endpoint{ID: addr, Addr: addr})
		}
	}
	for i := range envs {
		if states[envs[i].Status.Stage] != "" {
			if err := b.env(ctx, &envs[i]); err != nil {
				return nil, err
			}
		}
	}
	if err := b.out.Registry.Check(); err != nil {
		return nil, err
	}
	_, err := b.out.Document.Validate(b.out.Registry)
	return b.out, err
}

// env adds an environment's rule, its way to be recognised, and the nodes that it brings along.
func (b releaseBuilder) env(ctx context.Context, e *DpathEnv) error {
	rule := dpath.EnvRule{EnvName: e.Spec.Env, FailoverPolicy: e.Spec.FailoverPolicy.policy(), SpillAt: e.Spec.SpillAt, NotBefore: e.Spec.NotBefore, NotAfter: e.Spec.NotAfter}
	if e.Spec.MinHealthy != "" {
		q, err := quorum(e.Spec.MinHealthy)
		if err != nil {
			return err
		}
		rule.MinHealthy = q
	}
	for _, a := range e.Spec.Apps {
		if !slices.ContainsFunc(e.Status.Nodes, func(n EnvNodes) bool { return n.App == a.App && n.Joined }) {
			continue
		}
		app, ok := b.chain.Spec.app(a.App)
		if !ok {
			return resource.Invalid("dpathenv", "spec.apps.app", a.App, "is none of the apps of dpathchain %s", b.chain.Name)
		}
		group := groupOf(e, a)
		if err := b.group(ctx, app, group); err != nil {
			return err
		}
		r := dpath.EnvAppRule{AppName: a.App, MachineGroups: []string{group}, State: states[e.Status.Stage], AllowNoPublic: a.AllowNoPublic}
		if a.FailoverPolicy != "" {
			p := a.FailoverPolicy.policy()
			r.FailoverPolicy = &p
		}
		rule.EnvAppRules = append(rule.EnvAppRules, r)
	}
	b.out.Document.EnvRules = append(b.out.Document.EnvRules, rule)
	if e.Status.Stage != StageActive {
		return nil
	}
	for _, i := range e.Spec.Identify {
		i.EnvName = e.Spec.Env
		b.out.Document.Identify = append(b.out.Document.Identify, i.rule())
	}
	return nil
}

// group adds the servers of a node group as nodes of an app. One that is gone has no members: its lane is unreachable,
// which is not the same as shared.
func (b releaseBuilder) group(ctx context.Context, app ChainApp, name string) error {
	if b.there[[2]string{app.Name, name}] {
		return nil // it is a public one, or another environment's, which validation tells of
	}
	b.there[[2]string{app.Name, name}] = true
	members := []string{}
	raw, err := b.r.Get(ctx, "nodegroup", b.chain.Project, name)
	if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
		return err
	}
	if err == nil {
		g, err := resource.As[NodeGroupSpec, NodeGroupStatus](raw)
		if err != nil {
			return err
		}
		for _, m := range g.Status.Members {
			if !m.serves() || !m.Joined {
				continue
			}
			addr := net.JoinHostPort(m.Address, strconv.Itoa(app.Port))
			members = append(members, addr)
			b.out.Registry.Apps[app.Name] = append(b.out.Registry.Apps[app.Name], dpath.Endpoint{ID: m.Name, Addr: addr})
		}
	}
	b.out.Registry.Groups[name] = append(b.out.Registry.Groups[name], members...)
	return nil
}

// refuseRelease names what of a release can not be, by the fields of the request.
func refuseRelease(kind string, err error) error {
	var faults *dpath.InvalidError
	if !errors.As(err, &faults) {
		return err
	}
	p := resource.Problemf(resource.ReasonInvalid, kind, "see the rules as they are with: plaza config get", "the chain's rules would not be valid")
	for _, f := range faults.Problems[:min(len(faults.Problems), 50)] {
		p.Fields = append(p.Fields, resource.Field{Path: "rules:" + f.Path, Message: fmt.Sprint(f.Message, ". ", f.Hint)})
	}
	return p
}
