package kinds

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// serverPass is one reconciliation of a server.
type serverPass struct {
	Backends
	r *resource.Reconciliation
	o *Server
}

func (p serverPass) reconcile(ctx context.Context) (resource.Result, error) {
	if p.Driver == nil {
		return resource.Result{}, errDriverless
	}
	o := p.o
	if o.Spec.Adopted != nil {
		return p.adopted(ctx)
	}
	if o.Status.Host == "" {
		return p.place(ctx)
	}
	network, err := find[NetworkSpec, NetworkStatus](ctx, p.r, "network", o.Project, o.Spec.Network, "spec.network", "server")
	if err != nil {
		return resource.Result{}, err
	}
	if network.Status.Host != "" && network.Status.Host != o.Status.Host {
		return p.follow(ctx, "network "+network.Name)
	}
	if wait, err := p.join(ctx); wait != nil || err != nil {
		return *cmp.Or(wait, &resource.Result{}), err
	}
	port, ok := p.port(network)
	if !ok {
		return p.await(network)
	}
	o.Status.Address, o.Status.MAC, o.Status.Published, o.Status.Floating = port.Address, port.MAC, port.Published, port.Floating
	cards, wait, err := p.further(ctx)
	if wait != nil || err != nil {
		return *cmp.Or(wait, &resource.Result{}), err
	}
	if wait, err := p.fetch(ctx); wait != nil || err != nil {
		return *cmp.Or(wait, &resource.Result{}), err
	}
	seen, err := p.observe(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	want, err := p.wanted(ctx, append([]card{{network, port, o.Spec.SecurityGroups}}, cards...))
	if err != nil {
		return resource.Result{}, err
	}
	if err := p.reclaim(ctx, want); err != nil {
		return resource.Result{}, err
	}
	return p.converge(ctx, seen, want)
}

func (p serverPass) place(ctx context.Context) (resource.Result, error) {
	order, err := serverOrder(ctx, p.r, p.o)
	if err != nil {
		return resource.Result{}, err
	}
	for name, host := range order.Volumes {
		if host != "" {
			continue
		}
		v, err := find[VolumeSpec, VolumeStatus](ctx, p.r, "volume", p.o.Project, name, "spec.volumes", "server")
		if err != nil {
			return resource.Result{}, err
		}
		if !v.Spec.WithServer {
			return resource.Result{Again: 200 * time.Millisecond, Progress: 5, Message: "waiting for volume " + name + " to be placed"}, nil
		}
		delete(order.Volumes, name) // it follows
	}
	h, err := placeAndClaim(ctx, p.r, order)
	if err != nil {
		return resource.Result{}, err
	}
	p.o.Status.Host, p.o.Status.HostName = h.ID, h.Name // kept before anything is made there, so that a crash finds it again
	return resource.Result{Again: soon, Progress: 10, Message: "placed on " + h.Name}, nil
}

// fetch wakes the volumes that wait to be placed with the server, and waits for them.
func (p serverPass) fetch(ctx context.Context) (*resource.Result, error) {
	for _, id := range p.o.Spec.Volumes {
		v, err := find[VolumeSpec, VolumeStatus](ctx, p.r, "volume", p.o.Project, id, "spec.volumes", "server")
		if err != nil {
			return nil, err
		}
		if !v.Spec.WithServer || v.Status.SizeGiB > 0 {
			continue
		}
		p.r.Touch("volume", id, "server "+p.o.Name+" is placed")
		return &resource.Result{Again: 500 * time.Millisecond, Progress: 25, Message: "waiting for volume " + v.Name}, nil
	}
	return nil, nil
}

// follow leaves a host for the one that another server of a new network or group has taken it to; nothing was made here yet.
func (p serverPass) follow(ctx context.Context, what string) (resource.Result, error) {
	if p.o.Status.Power != "" {
		return resource.Result{}, resource.Problemf(resource.ReasonConflict, "server", "make a new server", "%s lives on another host than its server %s", what, p.o.Name)
	}
	if err := p.r.Unclaim(ctx, hostPool(p.o.Status.Host)); err != nil {
		return resource.Result{}, err
	}
	p.o.Status.Host, p.o.Status.HostName = "", ""
	return resource.Result{Again: soon, Progress: 5, Message: "going where " + what + " lives"}, nil
}

// await asks the network for a port, and tells why there is none if there can not be one now.
func (p serverPass) await(n Network) (resource.Result, error) {
	p.r.Touch("network", n.ID, "server "+p.o.Name+" needs a port")
	if _, err := give(&n, n.Status.Ports, serverTaker(p.o)); err != nil {
		return resource.Result{}, err
	}
	return resource.Result{Again: time.Second, Progress: 20, Message: "waiting for an address in network " + n.Name}, nil // it is woken sooner
}

func (p serverPass) port(n Network) (NetworkPort, bool) {
	for _, port := range n.Status.Ports {
		if port.Server == p.o.ID {
			return port, n.Status.Bridge != "" && publishes(port.Published, p.o.Spec.Publish)
		}
	}
	return NetworkPort{}, false
}

// publishes tells whether exactly the wanted ports are published, where they are wanted.
func publishes(is []Published, want []PublishSpec) bool {
	left := slices.Clone(is)
	for _, w := range want {
		i := slices.IndexFunc(left, func(p Published) bool {
			return p.Port == w.Port && (p.Floating || p.Endpoint == w.Listen || strings.HasSuffix(w.Listen, ":0") && strings.HasPrefix(p.Endpoint, strings.TrimSuffix(w.Listen, "0")))
		})
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return len(left) == 0
}

// observe reads the domain; one that is absent has the power state "".
func (p serverPass) observe(ctx context.Context) (provider.ServerState, error) {
	s, err := p.Driver.GetServer(ctx, p.o.Status.Host, p.o.ID)
	if provider.IsNotFound(err) {
		return provider.ServerState{}, nil
	}
	return s, Explain("server", err)
}

// converge makes the domain be as wanted, and tells of it when it had been so before and someone else changed it.
func (p serverPass) converge(ctx context.Context, seen provider.ServerState, want provider.Server) (resource.Result, error) {
	o := p.o
	if o.ObservedGeneration == o.Generation && seen.Power != want.Power {
		held, err := p.held(ctx, seen, want.Power)
		if err != nil {
			return resource.Result{}, err
		}
		if held {
			return p.holding(seen, want), nil
		}
		if shown := p.show(seen, want); shown && !asked(p.r) {
			return resource.Result{Again: soon, Progress: 10, Message: differs(seen, want)}, nil
		}
	}
	if seen.Power == "" || seen.Digest != want.HardwareDigest() {
		if err := p.ensureImages(ctx); err != nil {
			return resource.Result{}, err
		}
	}
	if seen.Power == provider.PowerRunning && want.Power == provider.PowerRunning && o.Spec.RestartedAt != o.Status.RestartedAt {
		if _, err := p.Driver.ActOnServer(ctx, o.Status.Host, o.ID, provider.VerbReboot); err != nil {
			return resource.Result{}, Explain("server", err)
		}
	}
	state, err := p.Driver.EnsureServer(ctx, o.Status.Host, want)
	if err != nil {
		return resource.Result{}, Explain("server", err)
	}
	if o.ObservedGeneration == o.Generation && seen.Power == want.Power {
		p.tellLate(state, want)
	}
	if state.Power == want.Power {
		if err := p.giveBack(ctx, want); err != nil {
			return resource.Result{}, err
		}
	}
	o.Status.Rescued = state.Rescued
	o.Status.Power, o.Status.Accel, o.Status.Node, o.Status.RestartedAt = state.Power, state.Accel, state.Node, o.Spec.RestartedAt
	o.Status.VCPUs, o.Status.MemoryMiB, o.Status.Traits = want.VCPUs, want.MemoryMiB, want.Traits
	since := state.Since.UTC().Truncate(time.Second)
	o.Status.Since = &since
	if err := p.snapshots(ctx, state.Snapshots); err != nil {
		return resource.Result{}, err
	}
	if err := p.tellVolumes(ctx, o.Spec.Volumes); err != nil {
		return resource.Result{}, err
	}
	o.Status.Ports = slices.Clone(o.Spec.Ports)
	if err := p.tellPorts(ctx, o.Spec.Ports); err != nil {
		return resource.Result{}, err
	}
	if err := p.migrated(ctx); err != nil {
		return resource.Result{}, err
	}
	if o.Status.Power != want.Power {
		return resource.Result{Again: 300 * time.Millisecond, Progress: 70, Message: fmt.Sprintf("it is %s and will be %s", o.Status.Power, want.Power)}, nil
	}
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// tellLate tells of what others changed after the look; where the driver has brought it back at once, by what it says it found.
func (p serverPass) tellLate(state provider.ServerState, want provider.Server) {
	switch {
	case state.Power != want.Power:
		p.show(state, want)
	case state.Found == provider.PowerGone:
		p.tellDrift(provider.ServerState{}, want)
	case state.Found != "":
		p.tellDrift(provider.ServerState{Power: state.Found}, want)
	}
}

// show tells of a difference that was not told yet. It ends the pass, as bringing it back may take the place a while.
func (p serverPass) show(seen provider.ServerState, want provider.Server) bool {
	o := p.o
	if o.Status.Power == seen.Power && o.Condition("Drift").Reason != Held {
		return false
	}
	p.tellDrift(seen, want)
	o.Status.Power = seen.Power
	return true
}

// held tells whether the place's policy leaves a difference to someone's decision, and nobody has decided.
func (p serverPass) held(ctx context.Context, seen provider.ServerState, want provider.PowerState) (bool, error) {
	if p.o.ObservedGeneration != p.o.Generation || seen.Power == want || asked(p.r) {
		return false, nil
	}
	policy, err := PolicyOf(ctx, p.r, p.o.Status.Host)
	if seen.Power == "" {
		return policy.Missing == "hold", err
	}
	return policy.Changed == "hold", err
}

func (p serverPass) holding(seen provider.ServerState, want provider.Server) resource.Result {
	p.o.Status.Power = seen.Power
	return hold(&p.o.Meta, differs(seen, want))
}

func differs(seen provider.ServerState, want provider.Server) string {
	if seen.Power == "" {
		return "the domain was gone from the host"
	}
	return fmt.Sprintf("it was %s, not %s", seen.Power, want.Power)
}

func (p serverPass) tellDrift(seen provider.ServerState, want provider.Server) {
	what := differs(seen, want)
	if seen.Reason != "" {
		what += " (" + seen.Reason + ")"
	}
	if p.r.Cause != "" {
		what += "; " + p.r.Cause
	}
	p.r.Note("drift.repaired", what)
	c := resource.Condition{Type: "Drift", Status: resource.True, Reason: "ChangedOutsidePlaza", Message: what + "; brought back", Since: time.Now().UTC().Truncate(time.Millisecond)}
	p.o.SetCondition(c)
}

// wanted is the server as the driver should make it.
func (p serverPass) wanted(ctx context.Context, cards []card) (provider.Server, error) {
	o := p.o
	flavor, err := find[FlavorSpec, FlavorStatus](ctx, p.r, "flavor", "", o.Spec.Flavor, "spec.flavor", "server")
	if err != nil {
		return provider.Server{}, err
	}
	image, err := find[ImageSpec, ImageStatus](ctx, p.r, "image", "", o.Spec.Image, "spec.image", "server")
	if err != nil {
		return provider.Server{}, err
	}
	w := provider.Server{ID: o.ID, Name: o.Name, Project: o.Project, VCPUs: flavor.Spec.VCPUs, MemoryMiB: flavor.Spec.MemoryMiB, Power: provider.PowerState(o.Spec.Power),
		Disks: []provider.Disk{{Image: image.ID, SizeGiB: flavor.Spec.DiskGiB, Backup: o.Spec.Backup}}, Tags: map[string]string{"plaza-id": o.ID},
		Traits: flavor.Spec.Traits}
	if w.Group, err = p.group(ctx); err != nil {
		return w, err
	}
	if err := p.bootsFrom(ctx, &w); err != nil {
		return w, err
	}
	if image.Spec.Kernel != nil {
		w.Boot = provider.Boot{Image: image.ID, Cmdline: image.Spec.Cmdline}
	}
	for _, v := range o.Spec.Volumes {
		if err := p.sole(ctx, v); err != nil {
			return w, err
		}
		x, err := find[VolumeSpec, VolumeStatus](ctx, p.r, "volume", o.Project, v, "spec.volumes", "server")
		if err != nil {
			return w, err
		}
		w.Disks = append(w.Disks, provider.Disk{Volume: v, Key: x.Spec.Key})
	}
	for _, c := range cards {
		nic, err := p.interfaceOf(ctx, c)
		if err != nil {
			return w, err
		}
		w.Interfaces = append(w.Interfaces, nic)
	}
	flavor.Spec.bounds(&w)
	w.Seed, err = p.seed(ctx, cards)
	return w, err
}

// sole refuses a volume that another server was given in the same moment; the one made first keeps it.
func (p serverPass) sole(ctx context.Context, volume string) error {
	others, err := users(ctx, p.r, "server", "spec.volumes", volume)
	if err != nil || len(others) == 0 || others[0].ID == p.o.ID {
		return err
	}
	return resource.Problemf(resource.ReasonConflict, "server", "take it off one of them", "volume %s is attached to server %s", volume, others[0].Name)
}

// tellVolumes makes volumes look again that do not know yet whether the server has them.
func (p serverPass) tellVolumes(ctx context.Context, has []string) error {
	known, err := users(ctx, p.r, "volume", "status.attachedTo", p.o.ID)
	if err != nil {
		return err
	}
	stale := slices.Clone(has)
	for _, v := range known {
		if i := slices.Index(stale, v.ID); i >= 0 {
			stale = slices.Delete(stale, i, i+1)
		} else {
			stale = append(stale, v.ID)
		}
	}
	for _, id := range stale {
		p.r.Touch("volume", id, "server "+p.o.Name+" took it or left it")
	}
	return nil
}

// networkConfig gives the guest its addresses at once, without waiting for DHCP. The way out is by the first card.
func networkConfig(cards []card) (string, error) {
	all := map[string]cloudinit.Ethernet{}
	for i, c := range cards {
		prefix, err := netip.ParsePrefix(c.network.Spec.CIDR)
		if err != nil {
			return "", err
		}
		name := fmt.Sprintf("eth%d", i)
		e := cloudinit.Ethernet{Match: &cloudinit.Match{MACAddress: c.port.MAC}, SetName: name, Addresses: []string{fmt.Sprintf("%s/%d", c.port.Address, prefix.Bits())}}
		if i == 0 {
			// Not "default": cloud-init 22 of Debian 12 takes that for an address, and gives up.
			e.Routes, e.Nameservers = []cloudinit.Route{{To: "0.0.0.0/0", Via: c.network.Spec.Gateway}}, cloudinit.Nameservers{Addresses: c.network.Spec.DNS}
		}
		all[name] = e
	}
	text, err := cloudinit.NetworkConfig{Version: 2, Ethernets: all}.Marshal()
	return string(text), err
}
