package kvm

import "context"

// DeleteServerGroup has nothing to do: placement alone keeps the servers of a group apart or together over hosts, and a
// host is one hypervisor.
func (d *Driver) DeleteServerGroup(context.Context, string, string) error { return nil }
