package haproxy

import (
	"fmt"

	"github.com/plazacloud/plaza/pkg/dpath"
)

const (
	noPublic = "no public node of the app is usable"
	noLane   = "no dedicated node of the strict environment is usable"
)

// app writes the backends of an app, and which calls go to which. Names hold a
// colon between app and environment, which neither has in its own.
func (p *page) app(o *Options, app string, h2c bool) {
	cfg := o.Config
	if !cfg.Enabled() {
		p.backend(app, h2c, 0, cfg.All(app))
		p.choose(choice{App: app, Backend: app})
		return
	}
	p.backend(app, h2c, 0, cfg.Public(app))
	for i := range o.Rules.EnvRules {
		e := &o.Rules.EnvRules[i]
		for j := range e.EnvAppRules {
			if a := &e.EnvAppRules[j]; a.AppName == app && cfg.HasEnv(e.EnvName) {
				p.lane(cfg, e, a, h2c)
			}
		}
	}
	p.choose(choice{App: app, Backend: app, If: "{ nbsrv(" + app + ") gt 0 }"})
	p.choose(choice{App: app, Reason: dpath.ErrNoPublicNode.Reason, Detail: noPublic})
}

// lane writes what an environment has of an app. Without lists it has nothing
// of its own, and its calls are left to the public nodes.
func (p *page) lane(cfg *dpath.Config, e *dpath.EnvRule, a *dpath.EnvAppRule, h2c bool) {
	if len(a.IPs)+len(a.MachineGroups) == 0 {
		return
	}
	var nodes []*dpath.Node
	all := cfg.Dedicated(e.EnvName, a.AppName)
	if a.State == "" || a.State == dpath.StateActive {
		nodes = all
	}
	policy := e.FailoverPolicy
	if a.FailoverPolicy != nil {
		policy = *a.FailoverPolicy
	}
	name := a.AppName + ":" + e.EnvName
	usable := "{ nbsrv(" + name + ") gt 0 }"
	c := choice{App: a.AppName, Env: e.EnvName, Backend: name, If: usable}
	switch policy {
	case dpath.PolicyStrict:
		p.backend(name, h2c, 0, nodes)
		p.choose(c)
		p.choose(choice{App: a.AppName, Env: e.EnvName, Reason: dpath.ErrLaneUnavailable.Reason, Detail: noLane})
	case dpath.PolicySpill:
		p.backend(name, h2c, e.SpillAt, nodes)
		if e.SpillAt > 0 {
			c.If += " { be_conn_free(" + name + ") gt 0 }"
		}
		p.choose(c)
		// Without a public node a full lane takes the call, and lets it wait.
		c.If = usable + " { nbsrv(" + a.AppName + ") eq 0 }"
		p.choose(c)
	default:
		p.backend(name, h2c, 0, nodes)
		c.If = fmt.Sprintf("{ nbsrv(%s) ge %d }", name, e.MinHealthy.Of(len(all)))
		p.choose(c)
		if e.MinHealthy.Of(len(all)) > 1 {
			// Too few are left: they and the public nodes together, for this lane alone.
			p.backend(name+":failover", h2c, 0, append(append([]*dpath.Node(nil), nodes...), cfg.Public(a.AppName)...))
			c.Backend, c.If = name+":failover", usable
			p.choose(c)
		}
	}
}

func (p *page) choose(c choice) { p.Choices = append(p.Choices, c) }

func (p *page) backend(name string, h2c bool, maxConn int, nodes []*dpath.Node) {
	b := backend{Name: name, H2C: h2c, MaxConn: maxConn}
	for i, n := range nodes {
		id := n.ID
		if !word.MatchString(id) {
			id = fmt.Sprint("node-", i+1)
		}
		b.Nodes = append(b.Nodes, node{id, n.Addr})
	}
	p.Servers = append(p.Servers, b)
}
