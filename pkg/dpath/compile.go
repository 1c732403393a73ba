package dpath

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// builder makes one Config.
type builder struct {
	doc *Document
	reg *Registry
	now time.Time
	cfg *Config
	findings
	exempt map[string]bool // apps that may be left without public nodes
}

func newBuilder(d *Document, reg *Registry, now time.Time) *builder {
	return &builder{doc: d, reg: reg, now: now, exempt: map[string]bool{}, cfg: &Config{
		version: d.Version,
		enable:  d.Enable,
		apps:    map[string]*appPlan{},
		folded:  map[string]string{},
		envs:    map[string]bool{},
		trusted: map[string]bool{},
	}}
}

func (b *builder) build() {
	names := make([]string, 0, len(b.reg.Apps))
	for name := range b.reg.Apps {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		b.addApp(name)
	}
	for i := range b.doc.EnvRules {
		b.addEnv(&b.doc.EnvRules[i], fmt.Sprintf("$.envRules[%d]", i))
	}
	for _, name := range names {
		b.split(b.cfg.apps[name])
	}
	if b.doc.Trust != nil {
		for _, h := range b.doc.Trust.Hosts {
			b.cfg.trusted[strings.ToLower(h)] = true
		}
	}
	b.cfg.rules = compileIdentify(b.doc.Identify)
	b.cfg.rehearsal = compileRehearsal(b.doc.Rehearsal)
}

func (b *builder) finish() (*Config, error) {
	hash, err := hashOf(b.doc)
	if err != nil {
		return nil, err
	}
	b.cfg.hash, b.cfg.warnings = hash, b.warnings
	open := *b.cfg
	open.enable = false
	open.open = &open
	b.cfg.open = &open
	return b.cfg, nil
}

func (b *builder) app(name string) *appPlan {
	p := b.cfg.apps[name]
	if p == nil {
		p = &appPlan{name: name, lanes: map[string]*lane{}}
		b.cfg.apps[name] = p
		b.cfg.folded[strings.ToLower(name)] = name
	}
	return p
}

func (b *builder) addApp(name string) {
	if other, taken := b.cfg.folded[strings.ToLower(name)]; taken && other != name {
		b.warn("$", "app_case", "rename one of them", "apps %q and %q differ only in case; host names do not", other, name)
	}
	p := b.app(name)
	for _, e := range b.reg.Apps[name] {
		n := &Node{ID: e.ID, App: name, Addr: e.Addr, index: len(b.cfg.nodes)}
		b.cfg.nodes = append(b.cfg.nodes, n)
		p.all = append(p.all, n)
	}
}

// window says whether an environment is over, or open now, and notes when
// that will change.
func (b *builder) window(e *EnvRule) (over, open bool) {
	open = true
	if e.NotAfter != nil {
		if !b.now.Before(*e.NotAfter) {
			return true, false
		}
		b.change(*e.NotAfter)
	}
	if e.NotBefore != nil && b.now.Before(*e.NotBefore) {
		open = false
		b.change(*e.NotBefore)
	}
	return false, open
}

func (b *builder) change(at time.Time) {
	if b.cfg.until.IsZero() || at.Before(b.cfg.until) {
		b.cfg.until = at
	}
}

func (b *builder) addEnv(e *EnvRule, path string) {
	over, open := b.window(e)
	if over {
		return
	}
	b.cfg.envs[e.EnvName] = open
	for j := range e.EnvAppRules {
		a := &e.EnvAppRules[j]
		at := fmt.Sprintf("%s.envAppRules[%d]", path, j)
		b.exempt[a.AppName] = b.exempt[a.AppName] || a.AllowNoPublic
		p := b.app(a.AppName)
		l := &lane{
			env:      e.EnvName,
			policy:   e.policyOf(a),
			spillAt:  e.SpillAt,
			declared: len(a.IPs)+len(a.MachineGroups) > 0,
			serving:  open && (a.State == "" || a.State == StateActive),
		}
		l.matches = b.matches(a, at)
		b.claim(p, l, at)
		l.min = e.MinHealthy.Of(len(l.nodes))
		p.lanes[e.EnvName] = l
		p.order = append(p.order, l)
	}
}

// matches resolves an app rule's lists to addresses. An unknown group counts
// as one without members: its lane is unreachable, never absent.
func (b *builder) matches(a *EnvAppRule, at string) []match {
	var out []match
	for _, text := range a.IPs {
		if m, err := parseMatch(text); err == nil {
			out = append(out, m)
		}
	}
	for k, g := range a.MachineGroups {
		members, known := b.reg.Groups[g]
		path := fmt.Sprintf("%s.machineGroups[%d]", at, k)
		if !known {
			b.warn(path, "unknown_group", "create the node group again", "node group %q is gone", g)
		} else if len(members) == 0 {
			b.warn(path, "empty_group", "give the group nodes", "node group %q has no members", g)
		}
		for _, text := range members {
			if m, err := parseMatch(text); err == nil {
				out = append(out, m)
			}
		}
	}
	return out
}

// claim gives a lane the app's nodes it matches. A node already given to
// another lane is taken from both.
func (b *builder) claim(p *appPlan, l *lane, at string) {
	for _, n := range p.all {
		m, err := parseMatch(n.Addr)
		if err != nil || !l.owns(m) {
			continue
		}
		if n.Env != "" || n.blocked {
			b.add(at, "node_in_two_envs", "a node serves at most one environment per app",
				"node %q (%s) already belongs to environment %q", n.ID, n.Addr, n.Env)
			b.block(p, n)
			continue
		}
		n.Env = l.env
		l.nodes = append(l.nodes, n)
	}
}

func (b *builder) block(p *appPlan, n *Node) {
	n.blocked, n.Env = true, Blocked
	for _, l := range p.order {
		for i, m := range l.nodes {
			if m == n {
				l.nodes = append(l.nodes[:i:i], l.nodes[i+1:]...)
				break
			}
		}
	}
}

func (b *builder) split(p *appPlan) {
	p.owners = make(map[string]owner, len(p.all))
	for _, n := range p.all {
		p.owners[n.Addr] = p.owner(n.Addr)
		if n.Env == "" && !n.blocked {
			p.public = append(p.public, n)
		}
	}
	if len(p.all) > 0 && len(p.public) == 0 && !b.exempt[p.name] && b.doc.Enable {
		b.add("$.envRules", "no_public_node", "keep a public node, or set allowNoPublic on the app's rule",
			"app %q would have no public node left", p.name)
	}
}
