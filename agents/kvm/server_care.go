package kvm

import (
	"context"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
)

// MigrateServer refuses: disks are files of this host, and its networks are made on it.
func (d *Driver) MigrateServer(_ context.Context, host, id string, _ provider.Migration) (provider.ServerState, error) {
	return withServer(d, host, id, func(dom *libvirt.Domain) (provider.ServerState, error) {
		return provider.ServerState{}, provider.Errorf(provider.ReasonUnsupported, "back its volumes up, make a new server where it shall be, and restore them there",
			"server %s can not leave host %s: its disks are files there, and its network is made there", id, d.cfg.Host)
	})
}

// addAgent gives the guest's QEMU agent a line to the host, which it finds by this name.
func addAgent(list *libvirtxml.DomainDeviceList) {
	list.Channels = []libvirtxml.DomainChannel{{
		Source: &libvirtxml.DomainChardevSource{UNIX: &libvirtxml.DomainChardevSourceUNIX{Mode: "bind"}},
		Target: &libvirtxml.DomainChannelTarget{VirtIO: &libvirtxml.DomainChannelTargetVirtIO{Name: "org.qemu.guest_agent.0"}},
	}}
}

const withoutAgent = "install qemu-guest-agent in the guest, or bring the server to rescue and change the password on its disk"

// SetServerPassword asks the QEMU guest agent; Unsupported when none answers in the guest.
func (d *Driver) SetServerPassword(ctx context.Context, host, id, user, password string) error {
	return d.withLocked(ctx, host, id, func(dom *libvirt.Domain) error {
		if _, _, err := d.describe(dom); err != nil {
			return err
		}
		if power, _, err := powerOf(dom); err != nil {
			return err
		} else if power != provider.PowerRunning {
			return provider.Errorf(provider.ReasonConflict, "start it first", "the password of a server that is %s can not be set", power)
		}
		err := dom.SetUserPassword(user, password, 0)
		for _, code := range []libvirt.ErrorNumber{libvirt.ERR_AGENT_UNRESPONSIVE, libvirt.ERR_AGENT_UNSYNCED, libvirt.ERR_ARGUMENT_UNSUPPORTED, libvirt.ERR_CONFIG_UNSUPPORTED, libvirt.ERR_OPERATION_UNSUPPORTED} {
			if isCode(err, code) {
				return provider.Errorf(provider.ReasonUnsupported, withoutAgent, "nothing in server %s sets passwords: %w", id, err)
			}
		}
		return mapped("set the password of "+user, err)
	})
}
