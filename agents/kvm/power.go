package kvm

import (
	"context"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	powerPoll   = 50 * time.Millisecond
	buttonEvery = 5 * time.Second // a guest that was still booting has not heard the first press
)

// ActOnServer performs a power verb. A verb whose outcome is there already succeeds; kill interrupts a waiting stop.
func (d *Driver) ActOnServer(ctx context.Context, host, id string, verb provider.PowerVerb) (provider.ServerState, error) {
	if verb != provider.VerbKill {
		unlock, err := d.locks.Lock(ctx, id)
		if err != nil {
			return provider.ServerState{}, err
		}
		defer unlock()
	}
	return withServer(d, host, id, func(dom *libvirt.Domain) (provider.ServerState, error) {
		if _, _, err := d.describe(dom); err != nil {
			return provider.ServerState{}, err
		}
		if err := d.act(ctx, dom, verb); err != nil {
			return provider.ServerState{}, err
		}
		return d.observe(dom)
	})
}

func (d *Driver) act(ctx context.Context, dom *libvirt.Domain, verb provider.PowerVerb) error {
	power, _, err := powerOf(dom)
	if err != nil {
		return err
	}
	needs := func(state provider.PowerState, do func() error) error {
		if power != state {
			return provider.Errorf(provider.ReasonConflict, "it must be "+string(state), "cannot %s a server that is %s", verb, power)
		}
		return mapped(string(verb), do())
	}
	switch verb {
	case provider.VerbStart:
		return d.ensurePower(ctx, dom, provider.PowerRunning)
	case provider.VerbStop:
		return d.stop(ctx, dom)
	case provider.VerbKill:
		return destroy(dom)
	case provider.VerbReboot:
		return needs(provider.PowerRunning, func() error { return dom.Reboot(libvirt.DOMAIN_REBOOT_ACPI_POWER_BTN) })
	case provider.VerbReset:
		return needs(provider.PowerRunning, func() error { return dom.Reset(0) })
	case provider.VerbPause:
		if power == provider.PowerPaused {
			return nil
		}
		return needs(provider.PowerRunning, dom.Suspend)
	case provider.VerbSuspend:
		if power == provider.PowerSuspended {
			return nil
		}
		return needs(provider.PowerRunning, func() error { return save(dom) })
	case provider.VerbResume:
		switch power {
		case provider.PowerRunning:
			return nil
		case provider.PowerSuspended:
			return d.ensurePower(ctx, dom, provider.PowerRunning)
		}
		return needs(provider.PowerPaused, func() error { return resume(dom) })
	}
	return provider.Errorf(provider.ReasonInvalid, "start, stop, kill, reboot, reset, pause, suspend or resume", "power verb %q", verb)
}

// ensurePower brings a server to any state that can be wanted, from whatever state it is in.
func (d *Driver) ensurePower(ctx context.Context, dom *libvirt.Domain, want provider.PowerState) error {
	power, _, err := powerOf(dom)
	if err != nil {
		return err
	}
	switch want {
	case provider.PowerStopped, provider.PowerShelved:
		return d.stop(ctx, dom)
	case provider.PowerPaused:
		if power == provider.PowerPaused {
			return nil
		}
		if err := d.start(dom, power); err != nil {
			return err
		}
		return mapped("pause server", dom.Suspend())
	case provider.PowerSuspended:
		if power == provider.PowerSuspended {
			return nil
		}
		if err := d.start(dom, power); err != nil {
			return err
		}
		return save(dom)
	}
	return d.start(dom, power)
}

// save writes the guest's memory to disk and ends its QEMU; the next start goes on from there, running.
func save(dom *libvirt.Domain) error {
	return mapped("suspend server", dom.ManagedSave(libvirt.DOMAIN_SAVE_RUNNING))
}

// start makes a server run that is in the given state.
func (d *Driver) start(dom *libvirt.Domain, power provider.PowerState) error {
	switch power {
	case provider.PowerRunning:
		return nil
	case provider.PowerPaused:
		return resume(dom)
	}
	if active, err := dom.IsActive(); err == nil && active { // crashed, its QEMU still there
		if err := destroy(dom); err != nil {
			return err
		}
	}
	err := dom.Create()
	if isCode(err, libvirt.ERR_OPERATION_INVALID) { // somebody started it meanwhile
		if active, aerr := dom.IsActive(); aerr == nil && active {
			return nil
		}
	}
	return mapped("start server", err)
}

// resume also succeeds for a server that was only paused because it was just being started.
func resume(dom *libvirt.Domain) error {
	err := dom.Resume()
	if isCode(err, libvirt.ERR_OPERATION_INVALID) {
		if power, _, perr := powerOf(dom); perr == nil && power == provider.PowerRunning {
			return nil
		}
	}
	return mapped("resume server", err)
}

// stop presses the power button, and pulls the plug after the grace period.
func (d *Driver) stop(ctx context.Context, dom *libvirt.Domain) error {
	power, _, err := powerOf(dom)
	if err != nil {
		return err
	}
	switch power {
	case provider.PowerPaused: // a frozen guest hears no button
		return destroy(dom)
	case provider.PowerSuspended: // it goes on, to shut itself down
		if err := d.start(dom, power); err != nil {
			return err
		}
	}
	deadline := time.Now().Add(d.cfg.StopGrace)
	var pressed time.Time
	for time.Now().Before(deadline) {
		active, err := dom.IsActive()
		if err != nil {
			return mapped("stop server", err)
		}
		if !active {
			return nil
		}
		if time.Since(pressed) >= buttonEvery {
			_ = dom.ShutdownFlags(libvirt.DOMAIN_SHUTDOWN_ACPI_POWER_BTN) // fails when it is going down already
			pressed = time.Now()
		}
		if !sleep(ctx, powerPoll) {
			return provider.Errorf(provider.ReasonTimeout, "stop it again, or kill it", "server did not stop in time: %w", ctx.Err())
		}
	}
	return destroy(dom)
}

// destroy pulls the plug; memory that was saved is lost, too.
func destroy(dom *libvirt.Domain) error {
	if saved, err := dom.HasManagedSaveImage(0); err == nil && saved {
		if err := dom.ManagedSaveRemove(0); err != nil {
			return mapped("drop saved memory", err)
		}
	}
	active, err := dom.IsActive()
	if err != nil || !active {
		return mapped("look at server", err)
	}
	err = dom.DestroyFlags(libvirt.DOMAIN_DESTROY_DEFAULT)
	if isCode(err, libvirt.ERR_OPERATION_INVALID) { // it ended by itself
		return nil
	}
	return mapped("kill server", err)
}
