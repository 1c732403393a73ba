// Package kvm drives one KVM host: servers by libvirt, disks as qcow2 files in a pool folder, tenant networks by
// bridges and namespaces. Driver implements provider.Driver. A server is the libvirt domain whose UUID is its Plaza id;
// what else belongs to it lies in servers/<id> of the pool, so a delete leaves nothing behind.
package kvm
