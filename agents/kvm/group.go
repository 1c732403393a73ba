package kvm

import "context"

// DeleteServerGroup has nothing to do: a host is one hypervisor.
func (d *Driver) DeleteServerGroup(_ context.Context, host, _ string) error { return d.checkHost(host) }
