package openstack

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/hypervisors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// MigrateServer moves a server to another hypervisor of the region. A move that was begun by a call that was cut off is
// gone on with.
func (d *Driver) MigrateServer(ctx context.Context, place, id string, m provider.Migration) (st provider.ServerState, err error) {
	err = d.locked(ctx, place, id, func(s *servers.Server) error {
		left := func(now *servers.Server) bool {
			if m.To != "" {
				return now.HypervisorHostname == m.To
			}
			return now.HypervisorHostname != m.From
		}
		if !left(s) && !m.Live { // Nova takes no notes while the move waits to be confirmed
			if err := d.note(ctx, s, map[string]string{metaResize: s.Metadata[metaDigest]}); err != nil && !isConflict(err) {
				return err
			}
		}
		to := ""
		if m.To != "" {
			if to, err = d.serviceOn(ctx, m.To); err != nil {
				return err
			}
		}
		err := d.bring(ctx, s.ID, "migrate server", left, func(c *gophercloud.ServiceClient, now *servers.Server) error {
			if now.VmState == "resized" {
				return servers.ConfirmResize(ctx, c, now.ID).ExtractErr()
			}
			admin, err := d.cloud.client(ctx, compute, "") // Nova refuses a move to members of the server's project
			if err != nil {
				return err
			}
			return move(ctx, admin, now.ID, to, m.Live)
		})
		if err != nil {
			return err
		}
		if err := d.confirm(ctx, s.ID); err != nil { // of one that was moved while it was off
			return err
		}
		now, err := d.look(ctx, s.ID)
		if err != nil {
			return err
		}
		st, err = d.tell(ctx, now)
		return err
	})
	return st, err
}

// move asks for the move; "auto" lets Nova see itself whether the disks are shared.
func move(ctx context.Context, c *gophercloud.ServiceClient, backend, to string, live bool) error {
	how := map[string]any{"host": nil}
	if to != "" {
		how["host"] = to
	}
	verb := "migrate"
	if live {
		verb, how["block_migration"] = "os-migrateLive", "auto"
	}
	_, err := c.Post(ctx, c.ServiceURL("servers", backend, "action"), map[string]any{verb: how}, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}}) //nolint:bodyclose // gophercloud closes it
	return err
}

// serviceOn is the compute service of a hypervisor, by whose name Nova wants a target.
func (d *Driver) serviceOn(ctx context.Context, node string) (string, error) {
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return "", err
	}
	pages, err := hypervisors.List(at(c, withinAmounts(c.Microversion)), nil).AllPages(ctx)
	if err != nil {
		return "", mapped("list hypervisors", err)
	}
	all, err := hypervisors.ExtractHypervisors(pages)
	if err != nil {
		return "", mapped("list hypervisors", err)
	}
	for _, h := range all {
		if h.HypervisorHostname == node {
			return h.Service.Host, nil
		}
	}
	return "", provider.Errorf(provider.ReasonConflict, "choose another one", "the region has no hypervisor %s", node)
}
