package dpath

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Endpoint is one node of an app as the platform knows it.
type Endpoint struct {
	ID   string `json:"id" yaml:"id"`     // unique within the app
	Addr string `json:"addr" yaml:"addr"` // ip:port
}

// Registry says which nodes exist: the nodes of every app, and the members of
// every node group as "ip" or "ip:port".
type Registry struct {
	Apps   map[string][]Endpoint `json:"apps" yaml:"apps"`
	Groups map[string][]string   `json:"groups,omitempty" yaml:"groups"`
}

// HasGroup implements [GroupResolver].
func (r *Registry) HasGroup(name string) bool {
	_, ok := r.Groups[name]
	return ok
}

// GroupResolver knows which node groups exist.
type GroupResolver interface {
	HasGroup(name string) bool
}

// GroupSet is a [GroupResolver] of plain names.
type GroupSet map[string]struct{}

// HasGroup implements [GroupResolver].
func (s GroupSet) HasGroup(name string) bool {
	_, ok := s[name]
	return ok
}

// Check refuses what no store would take over, with an [*InvalidError].
func (r *Registry) Check() error {
	if err := r.check(); err != nil {
		return &InvalidError{Problems: []Problem{{Path: "$.registry", Reason: "bad_registry", Message: strings.TrimPrefix(err.Error(), "dpath: registry: "),
			Hint: "each node of an app has a name and an ip:port of its own"}}}
	}
	return nil
}

// check refuses endpoints that could not be told apart or dialled.
func (r *Registry) check() error {
	for app, nodes := range r.Apps {
		if !appName.MatchString(app) {
			return fmt.Errorf("dpath: registry: app name %q is not usable as a host name", app)
		}
		ids, addrs := map[string]bool{}, map[string]bool{}
		for _, n := range nodes {
			m, err := parseMatch(n.Addr)
			if err != nil || m.port == 0 {
				return fmt.Errorf("dpath: registry: node %q of app %s: address %q is not ip:port", n.ID, app, n.Addr)
			}
			if n.ID == "" || ids[n.ID] || addrs[m.String()] {
				return fmt.Errorf("dpath: registry: node %q (%s) of app %s is unnamed or registered twice", n.ID, n.Addr, app)
			}
			ids[n.ID], addrs[m.String()] = true, true
		}
	}
	for group, members := range r.Groups {
		for _, m := range members {
			if _, err := parseMatch(m); err != nil {
				return fmt.Errorf("dpath: registry: member %q of group %s is neither ip nor ip:port", m, group)
			}
		}
	}
	return nil
}

// clone makes the registry safe against later changes by the caller.
func (r *Registry) clone() *Registry {
	c := &Registry{Apps: make(map[string][]Endpoint, len(r.Apps)), Groups: make(map[string][]string, len(r.Groups))}
	for app, nodes := range r.Apps {
		c.Apps[app] = slices.Clone(nodes)
	}
	for g, m := range r.Groups {
		c.Groups[g] = slices.Clone(m)
	}
	return c
}

// match is an address of a rule: one port of an ip, or all ports when port is 0.
type match struct {
	ip   netip.Addr
	port uint16
}

// parseMatch reads "ip", "ip:port" or "[ipv6]:port".
func parseMatch(s string) (match, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		return newMatch(ip, 0)
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return match{}, err
	}
	if ap.Port() == 0 {
		return match{}, &net.AddrError{Err: "port 0", Addr: s}
	}
	return newMatch(ap.Addr(), ap.Port())
}

func newMatch(ip netip.Addr, port uint16) (match, error) {
	ip = ip.Unmap()
	if ip.Zone() != "" || ip.IsUnspecified() || ip.IsMulticast() {
		return match{}, &net.AddrError{Err: "not the address of a node", Addr: ip.String()}
	}
	return match{ip, port}, nil
}

// String gives the canonical text, so that equal addresses compare equal.
func (m match) String() string {
	if m.port == 0 {
		return m.ip.String()
	}
	return netip.AddrPortFrom(m.ip, m.port).String()
}

// overlaps tells whether some node could match both.
func (m match) overlaps(o match) bool {
	return m.ip == o.ip && (m.port == 0 || o.port == 0 || m.port == o.port)
}
