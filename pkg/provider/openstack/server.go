package openstack

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureServer makes the server with its ports where it is missing, else brings hardware, cards and volumes to what is
// wanted; then it starts or stops it. A running server whose hardware changes is stopped, resized and started. One that
// someone else has begun to stop is told as it is and not waited for: it is started by a later call.
func (d *Driver) EnsureServer(ctx context.Context, place string, want provider.Server) (provider.ServerState, error) {
	var st provider.ServerState
	if err := d.checkPlace(place); err != nil {
		return st, err
	}
	if err := checkServer(want); err != nil {
		return st, err
	}
	unlock, err := d.locks.Lock(ctx, "server/"+want.ID)
	if err != nil {
		return st, err
	}
	defer unlock()
	s, err := d.soleServer(ctx, want.ID)
	fresh := err == nil && s == nil
	switch {
	case err != nil:
		return st, err
	case fresh:
		if s, err = d.createServer(ctx, want); err == nil {
			s, err = d.soleServer(ctx, want.ID) // before anybody uses it
		}
		if err == nil && s == nil {
			err = provider.Errorf(provider.ReasonConflict, "", "server %s was deleted while it was made", want.ID)
		}
	default:
		s, err = d.adjust(ctx, s, want)
	}
	if err != nil {
		return st, err
	}
	if stoppedByOthers(s, want) || fresh && s.TaskState == "" && inState(want.Power)(s) {
		if !fresh {
			return d.tell(ctx, s)
		}
		a := around{macs: map[string][]string{s.ID: cardsOf(want)}}
		if a.volumes, err = d.attached(ctx, s); err != nil {
			return st, err
		}
		st = d.state(*s, a) // its ports were just made, and it has no snapshots
		st.Found = provider.PowerGone
		return st, nil
	}
	ran := s.VmState == "active" && s.Metadata[metaDigest] == want.HardwareDigest() // and was not stopped to be resized
	others := func(now *servers.Server) bool {
		return stoppedByOthers(now, want) || ran && now.VmState == "stopped" && want.Power == provider.PowerRunning
	}
	if s, err = d.ensurePowerUnless(ctx, s.ID, want.Power, others); err != nil {
		return st, err
	}
	st, err = d.tell(ctx, s)
	if fresh {
		st.Found = provider.PowerGone
	}
	return st, err
}

func checkServer(want provider.Server) error {
	if err := checkID(want.ID); err != nil {
		return err
	}
	bad := func(hint, format string, args ...any) error {
		return provider.Errorf(provider.ReasonInvalid, hint, "server %s: "+format, append([]any{want.ID}, args...)...)
	}
	switch {
	case want.VCPUs < 1 || want.VCPUs > 255:
		return bad("", "%d vCPUs", want.VCPUs)
	case want.MemoryMiB < 64:
		return bad("", "%d MiB of memory, at least 64 are needed", want.MemoryMiB)
	case !want.Power.Wanted():
		return bad("", "power %q can not be wanted", want.Power)
	case len(want.Disks) == 0 && want.Boot.Image == "":
		return bad("", "nothing to boot from")
	}
	for i, disk := range want.Disks {
		if disk.Volume == "" && (i > 0 || disk.Image == "") {
			return bad("make volumes of the others", "in a region only the root disk is made from an image")
		}
		if disk.Volume != "" {
			if err := checkID(disk.Volume); err != nil {
				return err
			}
		}
	}
	for _, nic := range want.Interfaces {
		if _, err := net.ParseMAC(nic.MAC); err != nil {
			return provider.Errorf(provider.ReasonInvalid, "", "card: %w", err)
		}
		if err := checkID(nic.Network); err != nil {
			return err
		}
	}
	return nil
}

// serversOf are the servers with the Plaza id. There are several only after a maker that was cut off: the one that ran
// first comes first, as its disk may be in use, then the oldest.
func (d *Driver) serversOf(ctx context.Context, id string) ([]servers.Server, error) {
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(c, servers.ListOpts{AllTenants: true, Tags: idTag(id)}).AllPages(ctx)
	if err != nil {
		return nil, mapped("find server "+id, err)
	}
	all, err := servers.ExtractServers(pages)
	if err != nil {
		return nil, mapped("find server "+id, err)
	}
	slices.SortFunc(all, func(a, b servers.Server) int {
		return cmp.Or(later(a.LaunchedAt.IsZero(), b.LaunchedAt.IsZero()), a.LaunchedAt.Compare(b.LaunchedAt), a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// findServer finds the server that has the Plaza id; NotFound.
func (d *Driver) findServer(ctx context.Context, id string) (*servers.Server, error) {
	if !isID(id) {
		return nil, provider.Errorf(provider.ReasonNotFound, "", "server %q is not in the region", id)
	}
	if known := d.ids.backendOf("server", id); known != "" {
		s, err := d.look(ctx, known)
		if err == nil || !provider.IsNotFound(err) {
			return s, err
		}
		d.ids.forget("server", id)
	}
	all, err := d.serversOf(ctx, id)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, gone)
	if len(all) == 0 {
		return nil, provider.Errorf(provider.ReasonNotFound, "", "server %s is not in the region", id)
	}
	if i := slices.IndexFunc(all, func(s servers.Server) bool { return !leaving(s) }); i > 0 {
		all = all[i:]
	}
	d.ids.put("server", all[0].ID, id)
	return &all[0], nil
}

// look reads a server by Nova's id, with the rights of an operator; NotFound.
func (d *Driver) look(ctx context.Context, backend string) (*servers.Server, error) {
	s, err := d.read(ctx, backend)
	if err == nil && gone(*s) {
		return nil, provider.Errorf(provider.ReasonNotFound, "", "server %s is deleted", backend)
	}
	return s, err
}

// read is look that also tells of what Nova is about to forget.
func (d *Driver) read(ctx context.Context, backend string) (*servers.Server, error) {
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return nil, err
	}
	s, err := servers.Get(ctx, c, backend).Extract()
	if err != nil {
		return nil, mapped("look at server "+backend, err)
	}
	return s, nil
}

// gone tells whether Nova has deleted the server, or keeps it only for an undelete.
func gone(s servers.Server) bool { return s.Status == "DELETED" || s.Status == "SOFT_DELETED" }

// leaving tells whether Nova is deleting the server.
func leaving(s servers.Server) bool {
	return s.TaskState == "deleting" || s.TaskState == "soft-deleting" || gone(s)
}

// stoppedByOthers tells whether Nova is stopping what is to run; a stop of the driver's own is over when its call is.
func stoppedByOthers(s *servers.Server, want provider.Server) bool {
	return s.TaskState == poweringOff && want.Power == provider.PowerRunning
}

// neverRan tells whether Nova failed to build the server; such a one is of no use.
func neverRan(s servers.Server) bool { return s.Status == "ERROR" && s.LaunchedAt.IsZero() }

// soleServer finds the server, and removes failed builds and all but the first; nil when there is none.
func (d *Driver) soleServer(ctx context.Context, id string) (*servers.Server, error) {
	all, err := d.serversOf(ctx, id)
	if err != nil {
		return nil, err
	}
	var sole *servers.Server
	for i := range all {
		s := &all[i]
		if sole == nil && !leaving(*s) && !neverRan(*s) {
			sole = s
			continue
		}
		d.log.Warn("a server too many is removed", "server", id, "backend", s.ID, "status", s.Status)
		if err := d.discard(ctx, s); err != nil {
			return nil, err
		}
	}
	if sole != nil {
		d.ids.put("server", sole.ID, id)
	}
	return sole, nil
}

// DeleteServer removes the server, its ports, rules and snapshots. Volumes stay.
func (d *Driver) DeleteServer(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "server/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := d.serversOf(ctx, id)
	if err != nil {
		return err
	}
	for i := range all {
		if err := d.discard(ctx, &all[i]); err != nil {
			return err
		}
	}
	d.ids.forget("server", id)
	if err := d.deletePorts(ctx, id, ""); err != nil {
		return err
	}
	return d.deleteSnapshots(ctx, id)
}

// discard deletes a server and waits until it is gone. One that is DELETED is not yet: when Nova's last step fails, it is back
// in ERROR, and has to be asked again.
func (d *Driver) discard(ctx context.Context, s *servers.Server) error {
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	var asked string // its task when it was asked; a build that is cut off may need to be asked again
	return d.pollServer(ctx, s.ID, "delete server", func() (bool, error) {
		now, err := d.read(ctx, s.ID)
		if provider.IsNotFound(err) {
			return true, nil
		}
		if err == nil && now.Status == "SOFT_DELETED" {
			if s.Status == now.Status { // its volumes and ports would be held until Nova reclaims it
				err := servers.ForceDelete(ctx, c, s.ID).ExtractErr()
				if isCode(err, http.StatusNotFound) || isCode(err, http.StatusConflict) {
					err = nil
				}
				return true, mapped("delete server", err)
			}
			return true, nil
		}
		if err != nil || leaving(*now) || asked == now.Status+now.TaskState {
			return false, err
		}
		asked = now.Status + now.TaskState
		err = servers.Delete(ctx, c, s.ID).ExtractErr()
		if isCode(err, http.StatusNotFound) || isCode(err, http.StatusConflict) {
			return false, nil
		}
		return false, mapped("delete server", err)
	})
}

// compute is Nova's client in the project of the server.
func (d *Driver) compute(ctx context.Context, s *servers.Server) (*gophercloud.ServiceClient, error) {
	return d.cloud.client(ctx, compute, s.TenantID)
}

// ConsoleLog returns up to max bytes from the end of the serial console; nothing before the server has begun to boot.
func (d *Driver) ConsoleLog(ctx context.Context, place, id string, max int) ([]byte, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	s, err := d.findServer(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return nil, err
	}
	log, err := servers.ShowConsoleOutput(ctx, c, s.ID, servers.ShowConsoleOutputOpts{}).Extract()
	if isCode(err, http.StatusConflict) || isCode(err, http.StatusNotFound) {
		if _, gone := d.look(ctx, s.ID); gone != nil {
			return nil, gone
		}
		return nil, nil
	}
	if err != nil {
		return nil, mapped("console log", err)
	}
	return []byte(log[len(log)-min(len(log), max):]), nil
}

// locked runs fn on the server while nothing else of this driver works on it.
func (d *Driver) locked(ctx context.Context, place, id string, fn func(*servers.Server) error) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	unlock, err := d.locks.Lock(ctx, "server/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	s, err := d.findServer(ctx, id)
	if err != nil {
		return err
	}
	return fn(s)
}

// absentIsFine turns NotFound into success, for what deletes.
func absentIsFine(err error) error {
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}
