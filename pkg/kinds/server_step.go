package kinds

import (
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Steps of a server: it runs or is stopped, and can be changed; or it rests (paused, suspended, shelved), is in rescue, or
// waits for a resize to be confirmed, and has to leave that first. Backends differ in what they allow in between; this is
// what all of them do.

// resting tells whether a server in that power state can not be changed.
func resting(power string) bool {
	switch provider.PowerState(power) {
	case provider.PowerPaused, provider.PowerSuspended, provider.PowerShelved:
		return true
	}
	return false
}

func refuseRest(o *Server) error {
	if resting(o.Spec.Power) {
		return resource.Invalid("server", "spec.power", o.Spec.Power, "a new server runs or is stopped")
	}
	return nil
}

// refuseStep refuses what a server does not do in the state that it is meant to be in.
func refuseStep(old, o *Server) error {
	was, is := &old.Spec, &o.Spec
	conflict := func(hint, format string, args ...any) error {
		return resource.Problemf(resource.ReasonConflict, "server", hint, "server %s "+format, append([]any{o.Name}, args...)...)
	}
	changed := hardwareOf(was) != hardwareOf(is) || !slices.Equal(was.Volumes, is.Volumes) || !slices.Equal(was.Ports, is.Ports) || !slices.Equal(was.Snapshots, is.Snapshots)
	switch {
	case was.Rescue != nil && is.Rescue != nil && (changed || was.Power != is.Power || was.RestartedAt != is.RestartedAt):
		return conflict("end that first with: plaza server unrescue "+o.Name, "is in rescue")
	case was.Resize != nil && is.Resize != nil && (changed || was.Power != is.Power || was.RestartedAt != is.RestartedAt || is.Rescue != nil):
		return conflict("confirm-resize keeps the new flavor, revert-resize brings the old one back", "waits for its resize to flavor %s to be confirmed or reverted", was.Flavor)
	case resting(was.Power) && (changed || is.Rescue != nil):
		return conflict("start it first", "is %s, and can only be changed when it runs or is stopped", was.Power)
	case is.Power != was.Power && resting(is.Power) && was.Power != string(provider.PowerRunning) && (is.Power != string(provider.PowerShelved) || resting(was.Power)):
		return conflict("start it first", "is meant to be %s and can not be %s from there", was.Power, is.Power)
	case is.Rescue != nil && was.Rescue == nil && is.Power != string(provider.PowerRunning):
		return conflict("start it first", "is meant to be %s; only what runs is brought to rescue", is.Power)
	case is.Adopted != nil && is.Power == string(provider.PowerShelved) && was.Power != is.Power:
		return conflict("stop it, or shelve it at its cloud", "was adopted, and keeps what it has there")
	}
	return nil
}

// hardwareOf is what of a spec a driver stops a server for, of single values.
func hardwareOf(s *ServerSpec) (out struct{ flavor, image, rebuilt, reverted string }) {
	out.flavor, out.image = s.Flavor, s.Image
	if s.Rebuild != nil {
		out.rebuilt = s.Rebuild.AskedAt
	}
	if s.Revert != nil {
		out.reverted = s.Revert.AskedAt
	}
	return out
}
