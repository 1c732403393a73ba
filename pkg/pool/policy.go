package pool

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
)

// What servers of a set are counted on.
const (
	OverHost = "host"
	OverRack = "rack"
	OverSite = "site"
)

// What a policy prefers.
const (
	Spread = "spread" // where the fewest of the set are
	Pack   = "pack"   // where the least is free
)

// Rule is a placement policy as it bears on one order.
type Rule struct {
	Policy string // name
	Over   string // host, rack or site
	Set    string // name of the pool that the servers of the set claim their places of
	Most   int64  // servers of the set on one of those; 0 for any number
	Count  map[string]int64
	Unheld map[string]int64 // of Count, those that claim no place: they came before the policy
	Prefer string           // spread, pack or ""

	Near   *Position // the nearer, the better
	Within float64   // km; 0 for any distance

	Hosts  []string          // names of hosts, sites and regions that alone may be taken; none for any
	Labels map[string]string // traits that alone may be taken
}

// Position is a place on earth; City alone will do when sites are in it.
type Position struct {
	City                string
	Latitude, Longitude float64
	Known               bool // the coordinates are
}

// Away is the distance in km along the surface; false when nobody knows it.
func (p *Position) Away(from *Position) (float64, bool) {
	switch {
	case p == nil || from == nil:
		return 0, false
	case p.City != "" && strings.EqualFold(p.City, from.City):
		return 0, true
	case !p.Known || !from.Known:
		return 0, false
	}
	const radius, degree = 6371, math.Pi / 180
	a, b := p.Latitude*degree, from.Latitude*degree
	half := func(angle float64) float64 { return math.Pow(math.Sin(angle/2), 2) }
	h := half(b-a) + math.Cos(a)*math.Cos(b)*half((from.Longitude-p.Longitude)*degree)
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1))), true
}

// Domain names what servers on a host are counted on; "" for the rack of a host that nobody knows the rack of. A region
// chooses its hypervisors itself, so that it counts as one host and one rack.
func (h Host) Domain(over string) string {
	switch {
	case over == OverSite:
		return "site:" + url.QueryEscape(h.Site)
	case over == OverHost, h.Region:
		return "host:" + h.ID
	case h.Rack == "":
		return ""
	}
	return "rack:" + url.QueryEscape(h.Site+":"+h.Rack)
}

// Takes tells whether the policy lets its servers go to a host at all.
func (r Rule) Takes(h Host) bool {
	if len(r.Hosts) > 0 && !slices.ContainsFunc([]string{h.Name, h.ID, h.Site}, func(n string) bool { return slices.Contains(r.Hosts, n) }) {
		return false
	}
	_, ok := carries(h.Labels, r.Labels)
	return ok
}

// full tells whether another server of the set would be too many on what the host stands for.
func (r Rule) full(h Host) bool { return r.Most > 0 && r.Count[h.Domain(r.Over)] >= r.Most }

// far tells whether a host is farther than the policy allows; what nobody knows the distance of is.
func (r Rule) far(h Host) bool {
	if r.Near == nil || r.Within <= 0 {
		return false
	}
	km, known := h.Position.Away(r.Near)
	return !known || km > r.Within
}

func byKeeping(h Host, o Order) (string, string) {
	if !h.Kept || o.VCPUs == 0 && o.Host != "" { // a volume goes where its server is
		return "", ""
	}
	return "Dedicated", "it is kept for others" // whom is not for everybody to know
}

func byRules(h Host, o Order) (string, string) {
	if o.VCPUs == 0 && o.Host != "" {
		return "", ""
	}
	for _, r := range o.Rules {
		switch {
		case !r.Takes(h):
			return "Dedicated", "placement policy " + r.Policy + " keeps its servers on other hosts"
		case r.Most > 0 && h.Domain(r.Over) == "":
			return "Rack", "nobody knows the rack that it is in, and placement policy " + r.Policy + " counts by rack"
		case r.full(h):
			return "Policy", fmt.Sprintf("placement policy %s allows %d of its servers on one %s, and %d are there", r.Policy, r.Most, r.Over, r.Count[h.Domain(r.Over)])
		case r.far(h):
			return "TooFar", fmt.Sprintf("placement policy %s allows %g km, and it is %s", r.Policy, r.Within, distance(h, r))
		}
	}
	return "", ""
}

func distance(h Host, r Rule) string {
	km, known := h.Position.Away(r.Near)
	if !known {
		return "at a place that nobody knows"
	}
	return fmt.Sprintf("%.0f km away", km)
}

// byQuota refuses sites where the project may not have so much more.
func byQuota(h Host, _ Order) (string, string) {
	if h.Short != "" {
		return "Quota", h.Short
	}
	return "", ""
}

// limiting is the policy that refuses a host for what is on it already.
func (o Order) limiting(h Host) Rule {
	if i := slices.IndexFunc(o.Rules, func(r Rule) bool { return r.full(h) }); i >= 0 {
		return o.Rules[i]
	}
	return Rule{}
}

func (o Order) farthest() Rule {
	if i := slices.IndexFunc(o.Rules, func(r Rule) bool { return r.Within > 0 }); i >= 0 {
		return o.Rules[i]
	}
	return Rule{}
}

// preferred tells how much policies like a host: by nearness, by how few of the set are there, and whether full hosts
// are to be filled first. Of several policies that prefer something, the one nearest to the order counts.
func (o Order) preferred(h Host) (near, spread float64, pack bool) {
	for _, r := range o.Rules {
		if r.Near != nil {
			near = -math.MaxFloat32
			if km, known := h.Position.Away(r.Near); known {
				near = -km
			}
		}
		switch r.Prefer {
		case Spread:
			spread, pack = -float64(r.Count[h.Domain(r.Over)]), false
		case Pack:
			spread, pack = 0, true
		}
	}
	return near, spread, pack
}

// Praise tells in words what speaks for a host that fits.
func Praise(h Host, o Order) string {
	out := []string{fmt.Sprintf("%d of %d MiB and %d of %d vCPU are free", max(h.MemoryMiB-h.UsedMemoryMiB, 0), h.MemoryMiB, max(h.VCPUs-h.UsedVCPUs, 0), h.VCPUs)}
	for _, r := range o.Rules {
		if r.Most > 0 || r.Prefer == Spread {
			out = append(out, fmt.Sprintf("%d servers of policy %s are on its %s", r.Count[h.Domain(r.Over)], r.Policy, r.Over))
		}
		if r.Near != nil {
			out = append(out, "it is "+distance(h, r))
		}
	}
	return strings.Join(out, "; ")
}
