package openstack

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

const withoutAgent = "use an image with qemu-guest-agent and the property hw_qemu_guest_agent=yes, or bring the server to rescue and change the password on its disk"

// SetServerPassword lets Nova set the password of the guest's administrator; it knows no other user.
func (d *Driver) SetServerPassword(ctx context.Context, place, id, user, password string) error {
	return d.locked(ctx, place, id, func(s *servers.Server) error {
		if user != "root" && user != "" {
			return provider.Errorf(provider.ReasonUnsupported, "set root's, or sign in by key and use passwd", "in a region only the password of root is set, not of %s", user)
		}
		if power, _ := powerOf(*s); power != provider.PowerRunning {
			return provider.Errorf(provider.ReasonConflict, "start it first", "the password of a server that is %s can not be set", power)
		}
		c, err := d.compute(ctx, s)
		if err != nil {
			return err
		}
		err = servers.ChangeAdminPassword(ctx, c, s.ID, password).ExtractErr()
		if isCode(err, http.StatusNotImplemented) || isCode(err, http.StatusConflict) { // its words for an agent that is not there
			return provider.Errorf(provider.ReasonUnsupported, withoutAgent, "nothing in server %s sets passwords: %w", id, mapped("set the password", err))
		}
		return mapped("set the password", err)
	})
}
