package dpath

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Node is one node of an app in a compiled [Config].
type Node struct {
	ID   string // unique within the app
	App  string
	Addr string // ip:port
	// Env is the environment the node is dedicated to; empty for a public node.
	Env string

	index   int  // position in Config.nodes
	blocked bool // claimed by two environments: serves nobody
}

// Pool gives the set of the app's nodes this node belongs to.
func (n *Node) Pool() Pool {
	if n.Env != "" {
		return PoolDedicated
	}
	return PoolPublic
}

// Config is a rule document joined with a registry of nodes, immutable and
// safe for concurrent use.
//
// Which nodes are public is decided once, here, for all callers:
//
//	Public(app) = All(app) − ⋃ Ded(e, app) over every environment e
//
// An environment counts from the moment its rule is published until its
// notAfter: before notBefore its nodes are already reserved (no common call,
// no labelled call, guard off, as in state preparing), and its label is not
// known yet, so its traffic is common. After notAfter the environment is as if
// it were deleted: its nodes are public again and its label is unknown.
//
// A rule in state preparing or draining keeps its nodes out of the public set,
// with the guard off; none of its nodes is usable, so labelled calls follow
// the failover policy.
//
// A node claimed by two environments through a change of group membership
// (a published document with such a claim is refused) serves nobody: it is in
// no set, and its guard refuses every call.
type Config struct {
	version   uint64
	hash      string
	enable    bool
	apps      map[string]*appPlan
	folded    map[string]string // lower-case app name → app name
	envs      map[string]bool   // environments in force
	nodes     []*Node
	rules     []identifyRule
	rehearsal rehearsal
	trusted   map[string]bool
	warnings  []Problem
	until     time.Time // when a window opens or closes; zero: never
	open      *Config   // the same nodes with every set switched off
}

type appPlan struct {
	name   string
	all    []*Node
	public []*Node
	lanes  map[string]*lane
	order  []*lane // lanes in document order
	owners map[string]owner
}

// owner is what [Config.Lane] tells of a registered node, by its address.
type owner struct {
	env     string
	guarded bool
}

// lane is what one environment owns of one app.
type lane struct {
	env      string
	policy   Policy
	min      int
	spillAt  int
	declared bool // the lists were not empty
	serving  bool // in force: window open and state active
	nodes    []*Node
	matches  []match
}

// Version is the document's version.
func (c *Config) Version() uint64 { return c.version }

// Hash is the SHA-256 of the document's canonical JSON, in hexadecimal.
func (c *Config) Hash() string { return c.hash }

// Enabled tells whether dedicated sets are in force at all.
func (c *Config) Enabled() bool { return c.enable }

// Warnings lists what is legal but probably not meant.
func (c *Config) Warnings() []Problem { return c.warnings }

// ValidUntil is when a campaign window opens or closes next; zero means never.
func (c *Config) ValidUntil() time.Time { return c.until }

// Unfiltered is the same configuration without the public set. It exists for
// the negative control of signed probes; real traffic never uses it.
func (c *Config) Unfiltered() *Config { return c.open }

// HasEnv tells whether the environment exists and its window is open.
func (c *Config) HasEnv(env string) bool { return c.enable && c.envs[env] }

// Envs lists the environments in force, sorted.
func (c *Config) Envs() []string {
	var names []string
	for e := range c.envs {
		if c.HasEnv(e) {
			names = append(names, e)
		}
	}
	sort.Strings(names)
	return names
}

// Trusts tells whether a host outside the registry may see the label.
func (c *Config) Trusts(host string) bool { return c.trusted[strings.ToLower(host)] }

// App finds an app by host name, ignoring case.
func (c *Config) App(host string) (name string, ok bool) {
	if _, ok := c.apps[host]; ok {
		return host, true
	}
	name, ok = c.folded[strings.ToLower(host)]
	return name, ok
}

// Apps lists the known apps, sorted.
func (c *Config) Apps() []string {
	names := make([]string, 0, len(c.apps))
	for a := range c.apps {
		names = append(names, a)
	}
	sort.Strings(names)
	return names
}

// All lists the nodes of an app. Like those of Public and Dedicated the slice is
// shared and must not be changed.
func (c *Config) All(app string) []*Node { return c.plan(app).all }

// Public lists the nodes that no environment owns.
func (c *Config) Public(app string) []*Node { return c.plan(app).public }

// Dedicated lists the nodes an environment owns.
func (c *Config) Dedicated(env, app string) []*Node {
	if l := c.plan(app).lanes[env]; l != nil {
		return l.nodes
	}
	return nil
}

var noPlan = &appPlan{}

func (c *Config) plan(app string) *appPlan {
	if p := c.apps[app]; p != nil {
		return p
	}
	return noPlan
}

// Lane tells which environment owns the node of app at addr ("ip:port"), and
// whether its guard is on. It also answers for nodes that a rule names but the
// registry does not know. env is empty for a public node; blocked nodes, which
// two environments claim, answer with env [Blocked].
func (c *Config) Lane(app, addr string) (env string, guarded bool) {
	p := c.apps[app]
	if p == nil || !c.enable {
		return "", false
	}
	o, known := p.owners[addr]
	if !known {
		o = p.owner(addr)
	}
	return o.env, o.guarded
}

// owner looks through all lanes.
func (p *appPlan) owner(addr string) (o owner) {
	m, err := parseMatch(addr)
	if err != nil {
		return owner{}
	}
	for _, l := range p.order {
		if !l.owns(m) {
			continue
		}
		if o.env != "" {
			return owner{Blocked, true}
		}
		o = owner{l.env, l.serving}
	}
	return o
}

// Blocked is what [Config.Lane] calls a node claimed by two environments. It
// cannot be an environment's name.
const Blocked = "!"

func (l *lane) owns(m match) bool {
	for _, o := range l.matches {
		if m.overlaps(o) {
			return true
		}
	}
	return false
}

// Compile joins a document with the registry at an instant. A document with
// faults, with one node in two environments of an app, or that leaves an app
// without public nodes is refused whole with an [*InvalidError].
func Compile(d *Document, reg *Registry, now time.Time) (*Config, error) {
	warnings, err := d.Validate(reg)
	if err != nil {
		return nil, err
	}
	if err := reg.check(); err != nil {
		return nil, err
	}
	b := newBuilder(d, reg, now)
	b.warnings = warnings
	b.build()
	if err := b.err(); err != nil {
		return nil, err
	}
	return b.finish()
}

// recompile joins a document that was accepted before with a changed registry
// or a later instant. What would refuse a new document is a warning here:
// nodes come and go, and a good configuration must not get stuck.
func recompile(d *Document, reg *Registry, now time.Time) (*Config, error) {
	if err := reg.check(); err != nil {
		return nil, err
	}
	b := newBuilder(d, reg, now)
	b.build()
	b.warnings = append(b.warnings, b.problems...)
	return b.finish()
}

// Join compiles a release whose rules were accepted before: what would refuse
// new rules, such as an app whose last public node is gone, is a warning.
func Join(r *Release, now time.Time) (*Config, error) { return recompile(r.Document, r.Registry, now) }

// hashOf hashes the one JSON form of a document.
func hashOf(d *Document) (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("dpath: encode rule document: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
