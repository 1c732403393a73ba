package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/client"
)

func runPoolShow(ctx context.Context, a *app, place string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	p, err := client.Read[client.Pool](c.GetPool(ctx, place))
	if err != nil {
		return err
	}
	if !a.plain() {
		r := report{header: []string{"METRIC", "PHYSICAL", "RESERVED", "RATIO", "CAPACITY", "PLAZA", "OTHERS", "FREE"}, data: p, rows: amounts(p)}
		r.names = []string{p.Id}
		return a.print(r)
	}
	fmt.Fprintf(a.Out, "%s  %s  %d of %d hosts alive, %d servers, %d volumes, seen %s\n\n", p.Site, p.Kind, p.Alive, p.Hosts, p.Servers, p.Volumes, first(a.seen(p.ObservedAt, p.Stale), "never"))
	for _, t := range []table{
		{header: []string{"METRIC", "PHYSICAL", "RESERVED", "RATIO", "CAPACITY", "PLAZA", "OTHERS", "FREE"}, rows: amounts(p)},
		a.groupTable(p), memberTable(value(p.Members)), a.storageTable(p.Storage), a.addressTable(p.Network), a.machineTable(p.Baremetal),
	} {
		if len(t.rows) == 0 {
			continue
		}
		style := paint
		if !a.styled(a.Out) {
			style = nil
		}
		t.write(a.Out, style)
		fmt.Fprintln(a.Out)
	}
	if n := p.Network; n != nil && n.TenantNetworks > 0 {
		fmt.Fprintf(a.Out, "%d networks of tenants\n", n.TenantNetworks)
	}
	return nil
}

// seen tells the age of figures, marked when they are stale.
func (a *app) seen(at *time.Time, stale bool) string {
	if at == nil {
		return ""
	}
	text := a.age(*at) + " ago"
	if stale {
		text += ", stale"
	}
	return text
}

func amounts(p client.Pool) [][]string {
	var rows [][]string
	for _, x := range []struct {
		name string
		of   client.Amount
	}{{"vcpus", p.Vcpus}, {"memory_mib", p.MemoryMiB}, {"disk_gib", p.DiskGiB}, {"volume_gib", p.VolumeGiB}} {
		if x.of.Physical == 0 && x.of.Capacity == 0 && x.of.Used == 0 && x.of.Others == 0 {
			continue
		}
		rows = append(rows, []string{x.name, fmt.Sprint(x.of.Physical), fmt.Sprint(x.of.Reserved), ratio(x.of.RatioMilli), fmt.Sprint(x.of.Capacity),
			fmt.Sprint(x.of.Used), fmt.Sprint(x.of.Others), fmt.Sprint(x.of.Free)})
	}
	return rows
}

// ratio writes thousandths as a decimal, without zeros at its end.
func ratio(milli int64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%03d", milli/1000, milli%1000), "0"), ".")
}

func level(l client.Level) string { return fmt.Sprintf("%d/%d", l.InUse, l.Capacity) }

// groupTable leaves out traits that every host has, which are many, unless all is asked for.
func (a *app) groupTable(p client.Pool) table {
	t := table{header: []string{"BY", "NAME", "HOSTS", "VCPUS", "MEMORY MIB", "DISK GIB", "FREE VCPUS", "FREE MEMORY MIB"}}
	for _, g := range value(p.Groups) {
		if g.By == "trait" && g.Hosts == p.Hosts && a.o.output != "wide" {
			continue
		}
		t.rows = append(t.rows, []string{string(g.By), g.Name, fmt.Sprintf("%d/%d", g.Alive, g.Hosts), level(g.Vcpus), level(g.MemoryMiB), level(g.DiskGiB),
			fmt.Sprint(g.Vcpus.Free), fmt.Sprint(g.MemoryMiB.Free)})
	}
	return t
}

func memberTable(members []client.PoolMember) table {
	t := table{header: []string{"HOST", "ARCH", "ZONE", "ALIVE", "OPEN", "SERVERS", "VCPUS", "MEMORY MIB", "DISK GIB", "WHY"}}
	for _, m := range members {
		t.rows = append(t.rows, []string{m.Name, value(m.Arch), value(m.Zone), fmt.Sprint(m.Alive), fmt.Sprint(m.Open), fmt.Sprint(m.Servers),
			level(m.Vcpus), level(m.MemoryMiB), level(m.DiskGiB), value(m.Why)})
	}
	return t
}

func (a *app) storageTable(s *client.Storage) table {
	t := table{header: []string{"STORAGE", "TIER", "USE", "TOTAL", "USED", "FREE", "PROMISED", "SEEN"}}
	if s == nil {
		return t
	}
	seen := a.seen(s.ObservedAt, s.Stale)
	row := func(name, tier, use string, total, used, free, promised int64) {
		t.rows = append(t.rows, []string{name, tier, use, room(total), room(used), room(free), room(promised), seen})
	}
	for _, p := range value(s.Pools) {
		row(p.Name, value(p.Tier), value(p.Use), p.TotalBytes, p.UsedBytes, p.FreeBytes, p.PromisedBytes)
	}
	if s.Pools == nil {
		for _, x := range value(s.Tiers) {
			row("(tier)", x.Name, "", x.TotalBytes, x.UsedBytes, x.FreeBytes, x.PromisedBytes)
		}
	}
	if s.Raw.TotalBytes > 0 {
		row("(disks)", "", value(s.Health), s.Raw.TotalBytes, s.Raw.UsedBytes, s.Raw.FreeBytes, 0)
	}
	return t
}

func (a *app) addressTable(n *client.Network) table {
	t := table{header: []string{"ADDRESSES", "TOTAL", "USED", "FREE", "SEEN"}}
	if n == nil {
		return t
	}
	for _, x := range value(n.Addresses) {
		t.rows = append(t.rows, []string{x.Name, fmt.Sprint(x.Total), fmt.Sprint(x.Used), fmt.Sprint(x.Free), a.seen(n.ObservedAt, n.Stale)})
	}
	if n.Addresses == nil && n.Total > 0 {
		t.rows = append(t.rows, []string{"(all)", fmt.Sprint(n.Total), fmt.Sprint(n.Used), fmt.Sprint(n.Free), a.seen(n.ObservedAt, n.Stale)})
	}
	return t
}

func (a *app) machineTable(b *client.Baremetal) table {
	t := table{header: []string{"MACHINES", "TOTAL", "FREE", "USED", "BUSY", "BROKEN", "SEEN"}}
	if b == nil {
		return t
	}
	for _, c := range value(b.Classes) {
		t.rows = append(t.rows, []string{c.Class, fmt.Sprint(c.Total), fmt.Sprint(c.Free), fmt.Sprint(c.Used), fmt.Sprint(c.Busy), fmt.Sprint(c.Broken), a.seen(b.ObservedAt, b.Stale)})
	}
	return t
}

// room writes an amount in the largest unit of which there is at least one, to a tenth rounded down.
func room(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	at, size := 0, int64(1)
	for at < len(units)-1 && n/1024 >= size {
		at, size = at+1, size*1024
	}
	if tenths := n % size / max(size/10, 1); tenths > 0 && size > 1 {
		return fmt.Sprintf("%d.%d %s", n/size, min(tenths, 9), units[at])
	}
	return fmt.Sprintf("%d %s", n/size, units[at])
}
