// Package pool sums the capacity of hosts and decides where an order goes. Placement is one pure function: filters
// refuse hosts, each with its reason, and weights order the rest.
package pool

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Host is a place as placement sees it, a host or a whole region: what it has, what is claimed, and where it stands.
type Host struct {
	ID, Name, Site, Arch string

	// A region chooses the hypervisor itself: Nodes are those that take orders now.
	Region bool
	Nodes  []Node

	Alive       bool
	Schedulable bool
	Why         string // why it is not alive or not schedulable

	VCPUs, MemoryMiB, DiskGiB             int64 // capacity, overcommit included
	UsedVCPUs, UsedMemoryMiB, UsedDiskGiB int64
	VolumeGiB, UsedVolumeGiB              int64          // of a region; a host keeps volumes on its disk
	Backends                              []string       // of a region's storage, by name
	Groups                                map[string]int // servers here by anti-affinity group
	Labels                                map[string]string
	ReservedFor                           string // trait that a server must ask for; "" when any may come

	Rack     string    // "" when nobody knows
	Position *Position // of its site; nil when nobody knows
	Kept     bool      // a policy keeps it for others than the order is of
	Short    string    // why the project's quota does not allow the order at its site
}

// Node is a hypervisor of a region with what it has free.
type Node struct {
	Name, Arch               string
	FreeVCPUs, FreeMemoryMiB int64
	Labels                   map[string]string
	Required                 []string // traits, as Placement names them, that a server must ask for
}

// lets tells whether an order asks for all that the node's aggregates require.
func (n Node) lets(o Order) bool {
	for _, t := range n.Required {
		asked := false
		for k, v := range o.Labels {
			asked = asked || provider.TraitName(k, v) == t
		}
		if !asked {
			return false
		}
	}
	return true
}

// carries tells whether labels has everything that is wanted, or names what is missing.
func carries(labels, wanted map[string]string) (string, bool) {
	for k, v := range wanted {
		if labels[k] != v {
			return fmt.Sprintf("label %s is %q, not %q", k, labels[k], v), false
		}
	}
	return "", true
}

// fitting are the nodes of a region that an order may land on, room apart.
func (h Host) fitting(o Order) []Node {
	var out []Node
	for _, n := range h.Nodes {
		merged := maps.Clone(n.Labels)
		if merged == nil {
			merged = map[string]string{}
		}
		maps.Copy(merged, h.Labels)
		if _, ok := carries(merged, o.Labels); ok && (o.Arch == "" || n.Arch == o.Arch) && n.lets(o) {
			out = append(out, n)
		}
	}
	return out
}

// Policy says how servers of one group stand to each other.
type Policy string

const (
	AntiAffinity     Policy = "anti-affinity"      // never two on one hypervisor
	SoftAntiAffinity Policy = "soft-anti-affinity" // rather not
	Affinity         Policy = "affinity"           // all on one hypervisor
	SoftAffinity     Policy = "soft-affinity"      // rather so
)

// Order is what looks for a host.
type Order struct {
	VCPUs, MemoryMiB, DiskGiB int64 // DiskGiB is the server's own
	VolumeGiB                 int64
	Arch                      string
	Host                      string            // only this one, by name or id
	Labels                    map[string]string // the host must carry these
	Group                     string
	Policy                    Policy            // of the group
	With                      string            // id of the place that the group's servers stay in, by affinity
	Network                   map[string]string // network name → id of the host it lives on
	Volumes                   map[string]string // volume name → id of the host it lives on
	Backend                   string            // storage backend that the volume must lie on

	ID, Project string            // of what is placed
	Tags        map[string]string // labels of what is placed
	Rules       []Rule            // placement policies, the one from highest above first
	Flavors     []Size            // what a refusal may propose instead
}

type filter func(h Host, o Order) (reason, detail string)

var filters = []filter{byPin, byLife, byArch, byLabels, byReservation, byKeeping, byRules, byNetwork, byVolumes, byBackend, byGroup, byCompany, byQuota, byRoom}

// Place returns the best host for an order, and every host that was refused with the reason. Without a host left it
// returns a problem that lists them.
func Place(hosts []Host, o Order) (Host, []resource.Candidate, error) {
	fit, refused := Rank(hosts, o)
	if len(fit) == 0 {
		return Host{}, refused, refusal(hosts, o, refused)
	}
	return fit[0], refused, nil
}

// Rank returns the hosts that could take an order, the best first, and every other one with the reason and the fix.
func Rank(hosts []Host, o Order) (fit []Host, refused []resource.Candidate) {
next:
	for _, h := range hosts {
		for _, f := range filters {
			if reason, detail := f(h, o); reason != "" {
				refused = append(refused, resource.Candidate{Name: h.Name, Reason: reason, Detail: detail, Fix: fix(h, o, reason)})
				continue next
			}
		}
		fit = append(fit, h)
	}
	slices.SortFunc(fit, func(a, b Host) int {
		return cmp.Or(slices.Compare(weigh(b, o), weigh(a, o)), cmp.Compare(a.ID, b.ID))
	})
	return fit, refused
}

func refusal(hosts []Host, o Order, refused []resource.Candidate) *resource.Problem {
	p := &resource.Problem{Reason: resource.ReasonNoCandidate, Kind: "server", Candidates: refused,
		Detail: fmt.Sprintf("no host has room for %d vCPU, %d MiB of memory and %d GiB of disk", o.VCPUs, o.MemoryMiB, o.DiskGiB)}
	if o.VCPUs == 0 && o.VolumeGiB > 0 {
		p.Kind, p.Detail = "volume", fmt.Sprintf("no host or region can keep a volume of %d GiB", o.VolumeGiB)
	}
	if len(hosts) == 0 {
		p.Detail, p.Hint = "there is no host", "enrol one: plaza host enrol-token create, then plaza-agent enrol on the host"
		return p
	}
	p.Hint = nearestFix(hosts, o)
	return p
}

func byPin(h Host, o Order) (string, string) {
	if o.Host != "" && o.Host != h.Name && o.Host != h.ID {
		return "NotAskedFor", "the order names host " + o.Host
	}
	return "", ""
}

func byLife(h Host, _ Order) (string, string) {
	if !h.Alive {
		return "Down", h.Why
	}
	if !h.Schedulable {
		return "Closed", h.Why
	}
	return "", ""
}

func byArch(h Host, o Order) (string, string) {
	if h.Region {
		if o.Arch != "" && !slices.ContainsFunc(h.Nodes, func(n Node) bool { return n.Arch == o.Arch }) {
			return "Architecture", "no hypervisor of the region that takes orders is " + o.Arch
		}
		return "", ""
	}
	if o.Arch != "" && h.Arch != o.Arch {
		return "Architecture", fmt.Sprintf("it is %s, the image needs %s", h.Arch, o.Arch)
	}
	return "", ""
}

// byBackend refuses places without the storage that a tier names; a host keeps volumes on its own disk.
func byBackend(h Host, o Order) (string, string) {
	switch {
	case o.Backend == "" || slices.Contains(h.Backends, o.Backend):
		return "", ""
	case !h.Region:
		return "Tier", "a host keeps volumes on its own disk, and has no storage backend " + o.Backend
	case len(h.Backends) == 0:
		return "Tier", "the region tells of no storage backends"
	}
	return "Tier", fmt.Sprintf("the region has no storage backend %s, but %s", o.Backend, strings.Join(h.Backends, ", "))
}

func byLabels(h Host, o Order) (string, string) {
	if h.Region {
		if len(o.Labels) > 0 && len(h.fitting(o)) == 0 {
			return "Label", fmt.Sprintf("no hypervisor of the region that takes orders carries %v", o.Labels)
		}
		return "", ""
	}
	if detail, ok := carries(h.Labels, o.Labels); !ok {
		return "Label", detail
	}
	return "", ""
}

// byReservation keeps hosts for those that ask for them. A volume goes where its server is.
func byReservation(h Host, o Order) (string, string) {
	key := h.ReservedFor
	value, asked := o.Labels[key]
	switch {
	case h.Region && o.VCPUs > 0 && len(h.Nodes) > 0 && len(h.fitting(o)) == 0:
		return "Reserved", "each of its hypervisors that would do is in an aggregate that is kept for flavors with its traits"
	case h.Region, key == "", o.VCPUs == 0 && o.Host != "":
		return "", ""
	case !asked || value != h.Labels[key]:
		return "Reserved", fmt.Sprintf("it is kept for flavors with trait %s=%s", key, h.Labels[key])
	}
	return "", ""
}

func byNetwork(h Host, o Order) (string, string) {
	for name, host := range o.Network {
		if host != "" && host != h.ID {
			return "Network", "network " + name + " lives on another host"
		}
	}
	return "", ""
}

func byVolumes(h Host, o Order) (string, string) {
	for name, host := range o.Volumes {
		if host != "" && host != h.ID {
			return "Volume", "volume " + name + " lives on another host"
		}
	}
	return "", ""
}

func byGroup(h Host, o Order) (string, string) {
	if o.Policy != AntiAffinity || o.Group == "" || h.Groups[o.Group] < h.Spread(o) {
		return "", ""
	}
	if h.Region {
		return "AntiAffinity", fmt.Sprintf("each of its %d hypervisors that fit has a server of the same group already", h.Spread(o))
	}
	return "AntiAffinity", "it has a server of the same group already"
}

func byCompany(h Host, o Order) (string, string) {
	if o.With != "" && o.With != h.ID {
		return "Affinity", "the servers of the group are in another place"
	}
	return "", ""
}

// Spread is how many servers that must not meet the place can hold: one for each hypervisor.
func (h Host) Spread(o Order) int {
	if h.Region {
		return len(h.fitting(o))
	}
	return 1
}

// Claim is what the order takes of the place, by the metrics of its pool.
func (h Host) Claim(o Order) resource.Charges {
	c := resource.Charges{"vcpus": o.VCPUs, "memory_mib": o.MemoryMiB, "disk_gib": o.DiskGiB}
	if h.Region {
		c["volume_gib"] = o.VolumeGiB
	} else {
		c["disk_gib"] += o.VolumeGiB
	}
	maps.DeleteFunc(c, func(_ string, n int64) bool { return n == 0 })
	return c
}

func byRoom(h Host, o Order) (string, string) {
	c := h.Claim(o)
	for _, r := range []struct {
		what            string
		asked, cap, use int64
	}{{"vCPU", o.VCPUs, h.VCPUs, h.UsedVCPUs}, {"MiB of memory", o.MemoryMiB, h.MemoryMiB, h.UsedMemoryMiB}, {"GiB of disk", c["disk_gib"], h.DiskGiB, h.UsedDiskGiB},
		{"GiB of volumes", c["volume_gib"], h.VolumeGiB, h.UsedVolumeGiB}} {
		if r.asked > r.cap-r.use {
			return "NoRoom", fmt.Sprintf("%d %s asked for, %d of %d free", r.asked, r.what, max(r.cap-r.use, 0), r.cap)
		}
	}
	if h.Region && o.VCPUs > 0 && !slices.ContainsFunc(h.fitting(o), func(n Node) bool { return n.FreeVCPUs >= o.VCPUs && n.FreeMemoryMiB >= o.MemoryMiB }) {
		return "Fragmented", fmt.Sprintf("the region has room, but no single hypervisor has %d vCPU and %d MiB free", o.VCPUs, o.MemoryMiB)
	}
	return "", ""
}

// weigh tells how good a host is; of two, the first difference counts. The servers' group comes first, then what policies
// prefer, and at last the larger part of memory that is free: spread.
func weigh(h Host, o Order) []float64 {
	group, free := 0.0, 0.0
	switch o.Policy {
	case SoftAntiAffinity:
		group = -float64(h.Groups[o.Group])
	case SoftAffinity:
		group = float64(h.Groups[o.Group])
	}
	if h.MemoryMiB > 0 {
		free = float64(h.MemoryMiB-h.UsedMemoryMiB-o.MemoryMiB) / float64(h.MemoryMiB)
	}
	near, spread, pack := o.preferred(h)
	if pack {
		free = -free
	}
	return []float64{group, near, spread, free}
}
