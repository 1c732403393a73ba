package openstack

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Power states of Nova's hypervisors.
const (
	novaRunning  = 1
	novaPaused   = 3
	novaShutdown = 4
	novaCrashed  = 6
)

// around is what other services know about servers.
type around struct {
	volumes   map[string]volumes.Volume // by Cinder's id
	macs      map[string][]string       // by Nova's id
	snapshots map[string][]string       // by Plaza's id
}

// GetServer reports what the region sees.
func (d *Driver) GetServer(ctx context.Context, place, id string) (provider.ServerState, error) {
	var st provider.ServerState
	if err := d.checkPlace(place); err != nil {
		return st, err
	}
	s, err := d.findServer(ctx, id)
	if err != nil {
		return st, err
	}
	return d.tell(ctx, s)
}

// tell asks the other services for what they know of a server.
func (d *Driver) tell(ctx context.Context, s *servers.Server) (st provider.ServerState, err error) {
	var a around
	if a.volumes, err = d.attached(ctx, s); err != nil {
		return st, err
	}
	if a.macs, err = d.macs(ctx, ports.ListOpts{DeviceID: s.ID}); err != nil {
		return st, err
	}
	if a.snapshots, err = d.snapshotsOf(ctx, having{propID, plazaOf(*s)}); err != nil {
		return st, err
	}
	return d.state(*s, a), nil
}

// attached are the volumes of a server, by Cinder's ids.
func (d *Driver) attached(ctx context.Context, s *servers.Server) (map[string]volumes.Volume, error) {
	of := map[string]volumes.Volume{}
	for _, x := range s.AttachedVolumes {
		v, err := d.lookVolume(ctx, x.ID)
		if err == nil {
			of[x.ID] = *v
		} else if !provider.IsNotFound(err) {
			return nil, err
		}
	}
	return of, nil
}

func cardsOf(want provider.Server) []string {
	var macs []string
	for _, nic := range want.Interfaces {
		macs = append(macs, canonical(nic.MAC))
	}
	return macs
}

// ListServers reports every server of Plaza in the region, with one request to each service.
func (d *Driver) ListServers(ctx context.Context, place string) ([]provider.ServerState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(c, servers.ListOpts{AllTenants: true}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list servers", err)
	}
	all, err := servers.ExtractServers(pages)
	if err != nil {
		return nil, mapped("list servers", err)
	}
	var a around
	if a.volumes, err = d.volumesByID(ctx); err != nil {
		return nil, err
	}
	if a.macs, err = d.macs(ctx, ports.ListOpts{}); err != nil {
		return nil, err
	}
	if a.snapshots, err = d.snapshotsOf(ctx, having{propPart, partSnapshot}); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b servers.Server) int { return a.Created.Compare(b.Created) })
	var states []provider.ServerState
	seen := map[string]bool{}
	for _, s := range all {
		id := plazaOf(s)
		if id == "" || seen[id] || gone(s) {
			continue
		}
		seen[id] = true
		d.ids.put("server", s.ID, id)
		states = append(states, d.state(s, a))
	}
	return states, nil
}

// plazaOf is the server's Plaza id by its tag, "" for a server that is not Plaza's.
func plazaOf(s servers.Server) string {
	if s.Tags != nil {
		for _, t := range *s.Tags {
			if id, ok := strings.CutPrefix(t, idTag("")); ok && isID(id) {
				return id
			}
		}
	}
	return ""
}

func (d *Driver) state(s servers.Server, a around) provider.ServerState {
	id := plazaOf(s)
	power, reason := powerOf(s)
	st := provider.ServerState{
		ID: id, Host: d.set.Place, Node: s.HypervisorHostname, Power: power, Reason: reason, VCPUs: number(s.Flavor["vcpus"]), MemoryMiB: number(s.Flavor["ram"]),
		Accel: d.accels.accel(s.HypervisorHostname), MACs: a.macs[s.ID], Snapshots: a.snapshots[id], Digest: digestOf(s), Rescued: s.VmState == "rescued", Since: s.Updated.UTC(), ObservedAt: time.Now().UTC(),
	}
	if image := s.Metadata[metaImage]; image != "" {
		root := ""
		if s.RootDeviceName != nil {
			root = strings.TrimPrefix(*s.RootDeviceName, "/dev/")
		}
		st.Disks = append(st.Disks, provider.Disk{Image: image, SizeGiB: number(s.Flavor["disk"]), Device: root})
	}
	for _, x := range s.AttachedVolumes {
		v, ok := a.volumes[x.ID]
		if !ok || plazaVolume(v) == "" {
			continue
		}
		disk := provider.Disk{Volume: plazaVolume(v), SizeGiB: v.Size}
		for _, at := range v.Attachments {
			if at.ServerID == s.ID {
				disk.Device = strings.TrimPrefix(at.Device, "/dev/")
			}
		}
		st.Disks = append(st.Disks, disk)
	}
	return st
}

// digestOf is of the hardware that the server has: while a resize can be reverted that is what it was resized to.
func digestOf(s servers.Server) string {
	if s.VmState == "resized" {
		return s.Metadata[metaResize]
	}
	return s.Metadata[metaDigest]
}

const poweringOff = "powering-off"

// powerOf tells Nova's three states as one, with a reason in Nova's words. A server that Nova has begun to stop is told as
// stopped: it may take Nova half a minute, and whoever asked for it wants to know now.
func powerOf(s servers.Server) (provider.PowerState, string) {
	reason := s.VmState
	switch {
	case s.Status == "ERROR" && s.Fault.Message != "":
		reason = s.Fault.Message
	case s.TaskState != "":
		reason = s.TaskState
	}
	switch {
	case s.VmState == "building":
		return provider.PowerUnknown, reason
	case s.VmState == "suspended":
		return provider.PowerSuspended, reason
	case s.VmState == "shelved", s.VmState == "shelved_offloaded":
		return provider.PowerShelved, reason
	case s.VmState == "paused", s.PowerState == novaPaused:
		return provider.PowerPaused, reason
	case s.VmState == "stopped":
		return provider.PowerStopped, reason
	case s.TaskState == poweringOff:
		return provider.PowerStopped, reason
	case s.PowerState == novaCrashed:
		return provider.PowerCrashed, reason
	case s.PowerState == novaRunning:
		return provider.PowerRunning, reason
	case s.VmState == "error":
		return provider.PowerCrashed, reason
	case s.PowerState == novaShutdown:
		return provider.PowerStopped, reason
	}
	return provider.PowerUnknown, reason
}
