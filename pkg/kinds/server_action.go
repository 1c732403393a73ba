package kinds

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ResizeInput is what resize takes.
type ResizeInput struct {
	Flavor string `json:"flavor" minLength:"1"`
}

// SnapshotInput is what snapshot and revert take.
type SnapshotInput struct {
	Name string `json:"name" minLength:"1" maxLength:"40"`
}

var snapshotName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// power makes an action that asks for a power state.
func power(doc string, state provider.PowerState) resource.Action[ServerSpec, ServerStatus] {
	return resource.Action[ServerSpec, ServerStatus]{Doc: doc, Apply: func(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
		o.Spec.Power = string(state)
		return nil
	}}
}

func reboot(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
	if o.Spec.Power != string(provider.PowerRunning) {
		return resource.Problemf(resource.ReasonConflict, "server", "start it instead", "server %s is meant to be stopped", o.Name)
	}
	o.Spec.RestartedAt = time.Now().UTC().Format(time.RFC3339Nano)
	return nil
}

func resize(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	o.Spec.Flavor = input.(*ResizeInput).Flavor
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
	o.Spec.Revert = &RevertSpec{Snapshot: name, AskedAt: time.Now().UTC().Format(time.RFC3339Nano)}
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
