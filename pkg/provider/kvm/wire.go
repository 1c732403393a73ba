// Package kvm is the control plane's side of KVM sites: a provider.Driver that asks the agent of a host over the bus,
// and both ends of the wire between them. What is done with libvirt is in agents/kvm.
package kvm

import (
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Role names the KVM methods on the bus.
const Role = "kvm"

// MaxConsoleBytes is the most ConsoleLog returns; in JSON it stays below the bus' message limit.
const MaxConsoleBytes = 4 << 20

// imageLimit bounds making an image available: it may have to be fetched first.
const imageLimit = 30 * time.Minute

// copyLimit bounds what may have to copy a volume first; a copy that takes longer goes on, and the next call waits for it.
const copyLimit = 30 * time.Minute

type verbArgs struct {
	ID   string             `json:"id"`
	Verb provider.PowerVerb `json:"verb"`
}

type consoleArgs struct {
	ID  string `json:"id"`
	Max int    `json:"max"` // bytes
}

type snapshotArgs struct {
	ID       string `json:"id"`
	Snapshot string `json:"snapshot"`
}

type migrateArgs struct {
	ID        string             `json:"id"`
	Migration provider.Migration `json:"migration"`
}

type passwordArgs struct {
	ID       string `json:"id"`
	User     string `json:"user"`
	Password string `json:"password"`
}

type attachVolumeArgs struct {
	ID   string        `json:"id"`
	Disk provider.Disk `json:"disk"`
}

type detachVolumeArgs struct {
	ID     string `json:"id"`
	Volume string `json:"volume"`
}

type attachInterfaceArgs struct {
	ID        string             `json:"id"`
	Interface provider.Interface `json:"interface"`
}

type detachInterfaceArgs struct {
	ID  string `json:"id"`
	MAC string `json:"mac"`
}

type transferArgs struct {
	ID      string `json:"id"`
	Project string `json:"project"`
}
