package openstack

import (
	"context"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ActOnServer performs a power verb. A verb whose outcome is there already succeeds. Nova has no hard power-off: kill is
// its stop, which pulls the plug when the guest has not heeded the button for the image's os_shutdown_timeout; kill does
// not wait for another call of this driver.
func (d *Driver) ActOnServer(ctx context.Context, place, id string, verb provider.PowerVerb) (provider.ServerState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.ServerState{}, err
	}
	if verb != provider.VerbKill {
		unlock, err := d.locks.Lock(ctx, "server/"+id)
		if err != nil {
			return provider.ServerState{}, err
		}
		defer unlock()
	}
	s, err := d.findServer(ctx, id)
	if err != nil {
		return provider.ServerState{}, err
	}
	if err := d.act(ctx, s, verb); err != nil {
		return provider.ServerState{}, err
	}
	return d.GetServer(ctx, place, id)
}

func (d *Driver) act(ctx context.Context, s *servers.Server, verb provider.PowerVerb) error {
	running := func() error {
		if power, _ := powerOf(*s); power != provider.PowerRunning {
			return provider.Errorf(provider.ReasonConflict, "it must be running", "cannot %s a server that is %s", verb, power)
		}
		return nil
	}
	switch verb {
	case provider.VerbStart:
		return d.ensurePower(ctx, s.ID, provider.PowerRunning)
	case provider.VerbStop, provider.VerbKill:
		return d.ensurePower(ctx, s.ID, provider.PowerStopped)
	case provider.VerbReboot:
		if err := running(); err != nil {
			return err
		}
		return d.reboot(ctx, s.ID, servers.SoftReboot)
	case provider.VerbReset:
		if err := running(); err != nil {
			return err
		}
		return d.reboot(ctx, s.ID, servers.HardReboot)
	case provider.VerbPause:
		if power, _ := powerOf(*s); power == provider.PowerPaused {
			return nil
		}
		if err := running(); err != nil {
			return err
		}
		return d.bring(ctx, s.ID, "pause server", inState(provider.PowerPaused), func(c *gophercloud.ServiceClient, now *servers.Server) error {
			return servers.Pause(ctx, c, now.ID).ExtractErr()
		})
	case provider.VerbSuspend:
		if power, _ := powerOf(*s); power == provider.PowerSuspended {
			return nil
		}
		if err := running(); err != nil {
			return err
		}
		return d.ensurePower(ctx, s.ID, provider.PowerSuspended)
	case provider.VerbResume:
		switch power, _ := powerOf(*s); power {
		case provider.PowerPaused, provider.PowerSuspended, provider.PowerRunning:
			return d.ensurePower(ctx, s.ID, provider.PowerRunning)
		default:
			return provider.Errorf(provider.ReasonConflict, "it must be paused or suspended", "cannot resume a server that is %s", power)
		}
	}
	return provider.Errorf(provider.ReasonInvalid, "start, stop, kill, reboot, reset, pause, suspend or resume", "power verb %q", verb)
}

// ensurePower brings a server to any state that can be wanted, from whatever state it is in.
func (d *Driver) ensurePower(ctx context.Context, backend string, want provider.PowerState) error {
	_, err := d.ensurePowerUnless(ctx, backend, want, never)
	return err
}

// ensurePowerUnless is ensurePower that ends at once when something else is going on there. It returns the server as it
// was seen last.
func (d *Driver) ensurePowerUnless(ctx context.Context, backend string, want provider.PowerState, unless func(*servers.Server) bool) (*servers.Server, error) {
	what, step := "start server", startStep
	switch want {
	case provider.PowerStopped:
		what, step = "stop server", stopStep
	case provider.PowerPaused:
		what, step = "pause server", fromActive(servers.Pause)
	case provider.PowerSuspended:
		what, step = "suspend server", fromActive(servers.Suspend)
	case provider.PowerShelved:
		what, step = "shelve server", shelveStep
	}
	return d.bringUnless(ctx, backend, what, unless, inState(want), func(c *gophercloud.ServiceClient, now *servers.Server) error {
		return step(ctx, c, now)
	})
}

func never(*servers.Server) bool { return false }

// startStep asks for the next step towards running.
func startStep(ctx context.Context, c *gophercloud.ServiceClient, s *servers.Server) error {
	switch s.VmState {
	case "stopped":
		return servers.Start(ctx, c, s.ID).ExtractErr()
	case "paused":
		return servers.Unpause(ctx, c, s.ID).ExtractErr()
	case "suspended":
		return servers.Resume(ctx, c, s.ID).ExtractErr()
	case "shelved", "shelved_offloaded":
		return servers.Unshelve(ctx, c, s.ID, servers.UnshelveOpts{}).ExtractErr()
	}
	// It failed, or its guest went down without Nova having noticed.
	return servers.Reboot(ctx, c, s.ID, servers.RebootOpts{Type: servers.HardReboot}).ExtractErr()
}

// fromActive asks for a step of a server that runs, after those that make it run.
func fromActive[R interface{ ExtractErr() error }](ask func(context.Context, *gophercloud.ServiceClient, string) R) func(context.Context, *gophercloud.ServiceClient, *servers.Server) error {
	return func(ctx context.Context, c *gophercloud.ServiceClient, s *servers.Server) error {
		if s.VmState == "active" && s.PowerState == novaRunning {
			return ask(ctx, c, s.ID).ExtractErr()
		}
		return startStep(ctx, c, s)
	}
}

// shelveStep shelves, and takes off its hypervisor what Nova would leave there for a while.
func shelveStep(ctx context.Context, c *gophercloud.ServiceClient, s *servers.Server) error {
	if s.VmState == "shelved" {
		return servers.ShelveOffload(ctx, c, s.ID).ExtractErr()
	}
	return servers.Shelve(ctx, c, s.ID).ExtractErr()
}

// stopStep asks for the next step towards stopped; Nova stops only what runs.
func stopStep(ctx context.Context, c *gophercloud.ServiceClient, s *servers.Server) error {
	switch s.VmState {
	case "paused":
		return servers.Unpause(ctx, c, s.ID).ExtractErr()
	case "suspended":
		return servers.Resume(ctx, c, s.ID).ExtractErr()
	case "shelved", "shelved_offloaded":
		return servers.Unshelve(ctx, c, s.ID, servers.UnshelveOpts{}).ExtractErr()
	}
	return servers.Stop(ctx, c, s.ID).ExtractErr()
}

// reboot waits until Nova has done it: a soft one falls back to a hard one after a time that Nova's operator sets.
func (d *Driver) reboot(ctx context.Context, backend string, how servers.RebootMethod) error {
	asked := false
	return d.bring(ctx, backend, "reboot server", func(s *servers.Server) bool { return asked && inState(provider.PowerRunning)(s) },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			err := servers.Reboot(ctx, c, now.ID, servers.RebootOpts{Type: how}).ExtractErr()
			asked = err == nil
			return err
		})
}

func inState(want provider.PowerState) func(*servers.Server) bool {
	return func(s *servers.Server) bool {
		power, _ := powerOf(*s)
		// A guest that switched itself off is stopped for us, but Nova refuses to start what it still takes for active.
		return power == want && (want != provider.PowerStopped || s.VmState != "active") && s.VmState != "shelved"
	}
}

const (
	refusals = 5                // of one step, because another one was under way
	patience = 30 * time.Second // until a step that shows no task is taken for not done
)

// bring asks Nova for steps until the server is as it should be and no task is under way. ask is called when Nova is idle;
// a step refused because another one began meanwhile is asked again.
func (d *Driver) bring(ctx context.Context, backend, what string, is func(*servers.Server) bool, ask func(*gophercloud.ServiceClient, *servers.Server) error) error {
	_, err := d.bringUnless(ctx, backend, what, never, is, ask)
	return err
}

// bringUnless is bring that ends at once, without an error, when unless says so; also while a task is under way. It
// returns the server as it was seen last.
func (d *Driver) bringUnless(ctx context.Context, backend, what string, unless, is func(*servers.Server) bool, ask func(*gophercloud.ServiceClient, *servers.Server) error) (*servers.Server, error) {
	var last *servers.Server
	var asked time.Time
	var from string
	refused := 0
	err := d.pollServer(ctx, backend, what, func() (bool, error) {
		s, err := d.look(ctx, backend)
		last = s
		switch {
		case err != nil:
			return false, err
		case unless(s):
			return true, nil
		case s.TaskState != "":
			return false, nil
		case is(s):
			return true, nil
		case !asked.IsZero() && s.Status == "ERROR":
			return false, failure(what, s.Fault.Message)
		case !asked.IsZero() && s.VmState == from && time.Since(asked) < patience:
			return false, nil
		case !asked.IsZero() && s.VmState == from:
			return false, failure(what, d.lastError(ctx, s))
		}
		c, err := d.compute(ctx, s)
		if err != nil {
			return false, err
		}
		if err = mapped(what, ask(c, s)); isConflict(err) && refused < refusals {
			refused++
			return false, nil
		}
		asked, from = time.Now(), s.VmState
		return false, err
	})
	return last, err
}
