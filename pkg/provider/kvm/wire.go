// Package kvm is the control plane's side of KVM sites: a provider.Driver that asks the agent of a host over the bus,
// and both ends of the wire between them. What is done with libvirt is in agents/kvm.
package kvm

import (
	"errors"
	"time"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
)

// Role names the KVM methods on the bus.
const Role = "kvm"

// MaxConsoleBytes is the most ConsoleLog returns; in JSON it stays below the bus' message limit.
const MaxConsoleBytes = 4 << 20

// Limits of one call where the caller sets no shorter deadline.
const (
	readLimit  = 30 * time.Second
	writeLimit = 5 * time.Minute
	imageLimit = 30 * time.Minute // an image may have to be fetched first
)

type idArgs struct {
	ID string `json:"id"`
}

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

type none struct{}

// toFault makes what a driver returned fit to travel.
func toFault(err error) error {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return &bus.Fault{Reason: string(e.Reason), Detail: e.Detail, Hint: e.Hint, Err: err}
	}
	return err
}

// fromFault is the error a driver returned on the host, or the bus' own.
func fromFault(err error) error {
	if err == nil {
		return nil
	}
	if f := (*bus.Fault)(nil); errors.As(err, &f) {
		return &provider.Error{Reason: provider.Reason(f.Reason), Detail: f.Detail, Hint: f.Hint, Err: f.Err}
	}
	return &provider.Error{Reason: provider.ReasonInternal, Detail: err.Error(), Err: err}
}
