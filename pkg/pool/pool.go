package pool

import "sort"

// Pool is what a site's hosts have together.
type Pool struct {
	Site      string `json:"site"`
	Hosts     int    `json:"hosts"`
	Alive     int    `json:"alive"`
	VCPUs     Amount `json:"vcpus"`
	MemoryMiB Amount `json:"memoryMiB"`
	DiskGiB   Amount `json:"diskGiB"`
}

// Amount is a capacity, overcommit included, and what servers and volumes have claimed of it. Free counts only hosts
// that take orders, so it may be less than the difference.
type Amount struct {
	Capacity int64 `json:"capacity"`
	Used     int64 `json:"used"`
	Free     int64 `json:"free"`
}

// Sum adds hosts up by site, sorted by its name.
func Sum(hosts []Host) []Pool {
	sites := map[string]*Pool{}
	for _, h := range hosts {
		p := sites[h.Site]
		if p == nil {
			p = &Pool{Site: h.Site}
			sites[h.Site] = p
		}
		p.Hosts++
		open := h.Alive && h.Schedulable
		if h.Alive {
			p.Alive++
		}
		p.VCPUs.add(h.VCPUs, h.UsedVCPUs, open)
		p.MemoryMiB.add(h.MemoryMiB, h.UsedMemoryMiB, open)
		p.DiskGiB.add(h.DiskGiB, h.UsedDiskGiB, open)
	}
	out := make([]Pool, 0, len(sites))
	for _, p := range sites {
		out = append(out, *p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Site < out[j].Site })
	return out
}

func (a *Amount) add(capacity, used int64, open bool) {
	a.Capacity += capacity
	a.Used += used
	if open {
		a.Free += max(capacity-used, 0)
	}
}
