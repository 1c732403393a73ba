package pool

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Size is a flavor that could be ordered instead.
type Size struct {
	Name                      string
	VCPUs, MemoryMiB, DiskGiB int64
	Labels                    map[string]string // traits
}

// lack is what a host is short of for an order.
type lack struct{ vcpus, memory, disk, volume int64 }

func (h Host) lacks(o Order) lack {
	c := h.Claim(o)
	short := func(asked, capacity, used int64) int64 { return max(asked-max(capacity-used, 0), 0) }
	return lack{short(o.VCPUs, h.VCPUs, h.UsedVCPUs), short(o.MemoryMiB, h.MemoryMiB, h.UsedMemoryMiB), short(c["disk_gib"], h.DiskGiB, h.UsedDiskGiB),
		short(c["volume_gib"], h.VolumeGiB, h.UsedVolumeGiB)}
}

// weight makes lacks comparable: about what a vCPU and a GiB cost beside memory.
func (l lack) weight() int64 { return l.memory + l.vcpus*1024 + (l.disk+l.volume)*64 }

func (l lack) String() string {
	var out []string
	for _, x := range []struct {
		n    int64
		what string
	}{{l.vcpus, "vCPU"}, {l.memory, "MiB"}, {l.disk, "GiB of disk"}, {l.volume, "GiB of volumes"}} {
		if x.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	return strings.Join(out, ", ")
}

// smaller is the largest flavor that would fit there and asks for the same traits; "" without one.
func (h Host) smaller(o Order) string {
	best := Size{}
	for _, f := range o.Flavors {
		try := o
		try.VCPUs, try.MemoryMiB, try.DiskGiB = f.VCPUs, f.MemoryMiB, f.DiskGiB
		if _, same := carries(f.Labels, o.Labels); !same || len(f.Labels) != len(o.Labels) {
			continue
		}
		if reason, _ := byRoom(h, try); reason != "" {
			continue
		}
		if cmp.Or(cmp.Compare(f.MemoryMiB, best.MemoryMiB), cmp.Compare(f.VCPUs, best.VCPUs)) > 0 {
			best = f
		}
	}
	return best.Name
}

// fix is the smallest change after which a refused host would not be refused for that reason.
func fix(h Host, o Order, reason string) string {
	switch reason {
	case "NoRoom", "Fragmented":
		return h.fixRoom(o)
	case "NotAskedFor":
		return "name it in the order, or name none"
	case "Down":
		return "bring it back"
	case "Closed":
		return "let it take orders again"
	case "Quota":
		return "ask for more there by a request, or order for another site"
	case "Rack":
		return "give it a trait rack, or book it in a rack"
	case "Dedicated":
		return "take another host, or let the policy have this one"
	case "Policy":
		return "add a host, rack or site, or let policy " + o.limiting(h).Policy + " allow more"
	case "AntiAffinity":
		return "add a host, or take another server group"
	case "TooFar":
		return "add a site nearby, or let policy " + o.farthest().Policy + " reach farther"
	}
	return ""
}

func (h Host) fixRoom(o Order) string {
	free := "free it"
	if l := h.lacks(o).String(); l != "" {
		free = "free " + l
	}
	if small := h.smaller(o); small != "" {
		return free + ", or take flavor " + small
	}
	return free + ", or add a host"
}

// nearestFix names the smallest change that would help: that of the host that lacks least.
func nearestFix(hosts []Host, o Order) string {
	open := slices.DeleteFunc(slices.Clone(hosts), func(h Host) bool { return !h.Alive || !h.Schedulable })
	if len(open) == 0 {
		return "bring a host back or add one"
	}
	best := slices.MinFunc(open, func(a, b Host) int { return cmp.Compare(a.lacks(o).weight(), b.lacks(o).weight()) })
	l := best.lacks(o)
	if l.weight() == 0 {
		return best.Name + " has room but is refused for another reason; see the candidates"
	}
	if small := best.smaller(o); small != "" {
		return fmt.Sprintf("%s lacks %s; free it or take flavor %s", best.Name, l, small)
	}
	return fmt.Sprintf("%s lacks %s; free it, take a smaller flavor, or add a host", best.Name, l)
}
