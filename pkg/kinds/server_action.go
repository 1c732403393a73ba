package kinds

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// SnapshotInput is what snapshot and revert take.
type SnapshotInput struct {
	Name string `json:"name" minLength:"1" maxLength:"40" doc:"Of the snapshot: lower-case letters, digits and dashes"`
}

var snapshotName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

type serverAction = resource.Action[ServerSpec, ServerStatus]

func serverActions() map[string]serverAction {
	return map[string]serverAction{
		"start":          power("Start the server, from whatever rest it is in.", provider.PowerRunning),
		"stop":           power("Shut the server down by ACPI, hard when it does not obey.", provider.PowerStopped),
		"pause":          power("Let the server stand still; its memory stays where it is.", provider.PowerPaused),
		"unpause":        back("Let a paused server go on.", provider.PowerPaused),
		"suspend":        power("Write the server's memory to disk and switch it off; resume goes on from there.", provider.PowerSuspended),
		"resume":         back("Let a suspended server go on.", provider.PowerSuspended),
		"shelve":         power("Switch the server off and give its vCPUs and memory back; disk, addresses and volumes stay.", provider.PowerShelved),
		"unshelve":       back("Take vCPUs and memory for a shelved server again, and start it.", provider.PowerShelved),
		"reboot":         {Doc: "Shut the server down and start it again.", Apply: reboot},
		"rebuild":        {Doc: "Make the root disk anew from an image; what was on it is lost. Name, addresses and volumes stay.", Input: &RebuildInput{}, Apply: rebuild},
		"rescue":         {Doc: "Boot the server from a disk of an image, its own disks behind that.", Input: &RescueInput{}, Apply: rescue},
		"unrescue":       {Doc: "Boot the server from its own disk again.", Apply: unrescue},
		"resize":         {Doc: "Take another flavor; a running server is shut down and started with it.", Input: &ResizeInput{}, Apply: resize},
		"confirm-resize": {Doc: "Keep the flavor of a resize, and give up what was kept for going back.", Apply: confirmResize},
		"revert-resize":  {Doc: "Go back to the flavor before a resize.", Apply: revertResize},
		"migrate":        {Doc: "Move the server to another hypervisor of its region.", Input: &MigrateInput{}, Apply: migrate},
		"snapshot":       {Doc: "Keep the present state of disk and memory under a name.", Input: &SnapshotInput{}, Apply: snapshot},
		"revert":         {Doc: "Return to a snapshot; what came after it is lost.", Input: &SnapshotInput{}, Apply: revert},
		"metadata":       {Doc: "Set and remove metadata; the rest stays.", Input: &MetadataInput{}, Apply: changeMetadata},
		"lock":           {Doc: "Refuse every change and the deletion of the server until it is unlocked; it is still kept as it is declared.", Input: &LockInput{}, Apply: lock},
		"unlock":         {Doc: "Allow changes of the server again.", Apply: unlock},
	}
}

// power makes an action that asks for a power state.
func power(doc string, state provider.PowerState) serverAction {
	return serverAction{Doc: doc, Apply: func(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
		o.Spec.Power = string(state)
		return nil
	}}
}

// back makes an action that lets a server run again that is meant to be in some rest.
func back(doc string, from provider.PowerState) serverAction {
	return serverAction{Doc: doc, Apply: func(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
		if o.Spec.Power != string(from) {
			return resource.Problemf(resource.ReasonConflict, "server", "start makes a server run from whatever rest it is in", "server %s is meant to be %s, not %s", o.Name, o.Spec.Power, from)
		}
		o.Spec.Power = string(provider.PowerRunning)
		return nil
	}}
}

// now tells one asking from the next.
func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }

func reboot(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
	if o.Spec.Power != string(provider.PowerRunning) {
		return resource.Problemf(resource.ReasonConflict, "server", "start it instead", "server %s is meant to be %s", o.Name, o.Spec.Power)
	}
	o.Spec.RestartedAt = now()
	return nil
}

func snapshot(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	name := input.(*SnapshotInput).Name
	if !snapshotName.MatchString(name) {
		return resource.Invalid("server", "input.name", name, "1 to 40 lower-case letters, digits and dashes")
	}
	if slices.Contains(o.Spec.Snapshots, name) {
		return resource.Problemf(resource.ReasonAlreadyExists, "server", "choose another name", "server %s has a snapshot %s already", o.Name, name)
	}
	o.Spec.Snapshots = append(slices.Clone(o.Spec.Snapshots), name)
	return nil
}

func revert(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	name := input.(*SnapshotInput).Name
	if !slices.Contains(o.Status.Snapshots, name) {
		return resource.Invalid("server", "input.name", name, "there is no such snapshot; there are %v", o.Status.Snapshots)
	}
	o.Spec.Revert = &RevertSpec{Snapshot: name, AskedAt: now()}
	return nil
}

// snapshots makes the server keep the wanted snapshots and no others of ours, and returns to one if that was asked for.
func (p serverPass) snapshots(ctx context.Context, have []string) error {
	o := p.o
	for _, name := range o.Spec.Snapshots {
		if slices.Contains(have, name) {
			continue
		}
		if err := p.Driver.SnapshotServer(ctx, o.Status.Host, o.ID, name); err != nil {
			return Explain("server", err)
		}
	}
	for _, name := range o.Status.Snapshots {
		if slices.Contains(o.Spec.Snapshots, name) || !slices.Contains(have, name) {
			continue
		}
		if err := p.Driver.DeleteServerSnapshot(ctx, o.Status.Host, o.ID, name); err != nil && !provider.IsNotFound(err) {
			return Explain("server", err)
		}
	}
	o.Status.Snapshots = slices.Clone(o.Spec.Snapshots)
	if o.Spec.Revert == nil || o.Spec.Revert.AskedAt == o.Status.RevertedAt {
		return nil
	}
	if err := p.Driver.RevertServer(ctx, o.Status.Host, o.ID, o.Spec.Revert.Snapshot); err != nil {
		return Explain("server", err)
	}
	o.Status.RevertedAt = o.Spec.Revert.AskedAt
	return nil
}
