package kinds

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// serverBackupPass is one reconciliation of a server's backup. Its parts are backups that it owns: they take room first, are taken
// together, and are looked after as backups of volumes are.
type serverBackupPass struct {
	Backends
	r *resource.Reconciliation
	o *ServerBackup
}

const awaitParts = 300 * time.Millisecond

func (p serverBackupPass) reconcile(ctx context.Context) (resource.Result, error) {
	if p.Driver == nil {
		return resource.Result{}, errDriverless
	}
	switch {
	case p.o.Phase == resource.PhaseFailed && p.o.Status.CreatedAt == nil && strings.HasPrefix(p.r.Cause, "backup "):
		// What is left of its parts goes, and tells so: nobody wishes another attempt.
		was := p.o.Condition("Ready")
		return resource.Result{}, gaveUp{resource.Problemf(resource.Reason(was.Reason), "serverbackup", "take another one when that is out of the way", "%s", was.Message)}
	case p.o.Status.CreatedAt == nil && len(p.o.Status.Parts) == 0:
		return p.begin(ctx)
	case p.o.Status.CreatedAt == nil:
		return p.take(ctx)
	}
	for _, x := range p.o.Status.Parts {
		b, err := find[BackupSpec, BackupStatus](ctx, p.r, "backup", "", x.Backup, "status.parts", "serverbackup")
		if err != nil {
			return resource.Result{}, err
		}
		if b.Status.CreatedAt == nil {
			p.r.Touch("backup", b.ID, "server backup "+p.o.Name+" is taken")
			return resource.Result{Again: awaitParts, Progress: 90, Message: "its parts are looked at"}, nil
		}
	}
	if err := p.rotate(ctx); err != nil {
		return resource.Result{}, err
	}
	if restoring(p.o) {
		return p.restore(ctx)
	}
	return resource.Result{Done: true}, nil
}

// begin writes down what is to be taken, as backups that wait for it.
func (p serverBackupPass) begin(ctx context.Context) (resource.Result, error) {
	s, err := find[ServerSpec, ServerStatus](ctx, p.r, "server", p.o.Project, p.o.Spec.Server, "spec.server", "serverbackup")
	if err != nil {
		return resource.Result{}, err
	}
	if s.Status.Host == "" || s.Status.Power == "" {
		return resource.Result{Again: awaitParts, Progress: 5, Message: "waiting for server " + s.Name + " to be made"}, nil
	}
	parts := []ServerBackupPart{{SizeGiB: s.Status.DiskGiB}}
	for _, id := range s.Spec.Volumes {
		v, err := find[VolumeSpec, VolumeStatus](ctx, p.r, "volume", p.o.Project, id, "spec.volumes", "serverbackup")
		if err != nil {
			return resource.Result{}, err
		}
		parts = append(parts, ServerBackupPart{Volume: v.ID, VolumeName: v.Name, SizeGiB: v.Spec.SizeGiB, Tier: v.Spec.Tier})
	}
	for i := range parts {
		spec, err := json.Marshal(BackupSpec{Volume: parts[i].Volume})
		if i == 0 {
			spec, err = json.Marshal(BackupSpec{Server: s.ID})
		}
		if err != nil {
			return resource.Result{}, err
		}
		a, err := p.r.Apply(ctx, resource.Request{Kind: "backup", Project: p.o.Project, Name: partName(p.o.Name, i), Spec: spec})
		if err != nil {
			return p.giveUp(ctx, err)
		}
		parts[i].Backup = a.Object.ID
	}
	st := &p.o.Status
	st.Host, st.ServerName, st.Parts, st.SizeGiB = s.Status.Host, s.Name, parts, 0
	for _, x := range parts {
		st.SizeGiB += x.SizeGiB
	}
	st.Of = &ServerRecord{Flavor: s.Spec.Flavor, Image: s.Spec.Image, Network: s.Spec.Network, SecurityGroups: s.Spec.SecurityGroups, Keypair: s.Spec.Keypair, Metadata: s.Spec.Metadata}
	return resource.Result{Again: awaitParts, Progress: 10, Message: "its parts take room"}, nil
}

// partName is the name of the backup of one disk.
func partName(whole string, i int) string {
	if i == 0 {
		return shortened(whole, 58) + "-root"
	}
	return fmt.Sprintf("%s-%d", shortened(whole, 60), i)
}

// shortened keeps the beginning of a name, with a letter or digit at its end.
func shortened(name string, n int) string {
	return strings.TrimRight(name[:min(len(name), n)], "-.")
}

// take waits until all parts have room, and takes them together.
func (p serverBackupPass) take(ctx context.Context) (resource.Result, error) {
	want := provider.ServerBackup{Server: p.o.Spec.Server}
	for _, x := range p.o.Status.Parts {
		b, err := find[BackupSpec, BackupStatus](ctx, p.r, "backup", "", x.Backup, "status.parts", "serverbackup")
		if err != nil {
			return p.giveUp(ctx, err)
		}
		if b.Status.Host == "" {
			if c := b.Condition("Ready"); refused(c.Reason) {
				return p.giveUp(ctx, resource.Problemf(resource.Reason(c.Reason), "serverbackup", "make room, or delete older ones, and try again", "%s", c.Message))
			}
			return resource.Result{Again: awaitParts, Progress: 20, Message: "its parts take room"}, nil
		}
		part := provider.Backup{ID: b.ID, Name: b.Name, Project: b.Project, Volume: b.Spec.Volume, Server: b.Spec.Server, Key: b.Spec.Key}
		if x.Volume != "" {
			v, err := find[VolumeSpec, VolumeStatus](ctx, p.r, "volume", p.o.Project, x.Volume, "spec.volumes", "serverbackup")
			if err != nil {
				return p.giveUp(ctx, err)
			}
			part.VolumeKey = v.Spec.Key
		}
		want.Parts = append(want.Parts, part)
	}
	state, err := p.Driver.BackupServer(ctx, p.o.Status.Host, want)
	if err != nil {
		return p.giveUp(ctx, Explain("serverbackup", err))
	}
	at := state.CreatedAt.UTC()
	p.o.Status.CreatedAt, p.o.Status.Consistency = &at, state.Consistency
	return resource.Result{Again: soon, Progress: 80, Message: "it is taken"}, nil
}

// refused tells whether a part can not have what it needs.
func refused(reason string) bool {
	switch resource.Reason(reason) {
	case resource.ReasonQuotaExceeded, resource.ReasonStorageFull, resource.ReasonNoCandidate, resource.ReasonInvalid:
		return true
	}
	return false
}

// gaveUp is the end of an attempt: a backup of another moment is another backup, so this one is not tried again by itself.
type gaveUp struct{ error }

// Retryable tells the engine so.
func (gaveUp) Retryable() bool { return false }

// Unwrap tells why.
func (e gaveUp) Unwrap() error { return e.error }

// giveUp removes the parts and fails, unless what is in the way passes by itself.
func (p serverBackupPass) giveUp(ctx context.Context, cause error) (resource.Result, error) {
	if passes(cause) {
		return resource.Result{}, cause
	}
	if err := p.dropParts(ctx); err != nil {
		return resource.Result{}, err
	}
	p.o.Status.Parts, p.o.Status.SizeGiB = nil, 0
	return resource.Result{}, gaveUp{cause}
}

// passes tells whether an error may be gone with the next try, without anybody's doing.
func passes(err error) bool {
	switch resource.ReasonOf(err) {
	case resource.ReasonUnavailable, resource.ReasonStale:
		return true
	}
	return false
}

func (p serverBackupPass) dropParts(ctx context.Context) error {
	return resource.All(ctx, p.r, resource.Query{Kind: "backup", Project: p.o.Project, Fields: map[string]string{"owner": p.o.ID}}, func(b resource.Raw) error {
		_, err := p.r.Remove(ctx, "backup", b.ID)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			err = nil
		}
		return err
	})
}

// rotate removes, once, the oldest of the server's backups that were made with a number to keep.
func (p serverBackupPass) rotate(ctx context.Context) error {
	if p.o.Spec.Keep == 0 || p.o.Status.Rotated {
		return nil
	}
	all, err := users(ctx, p.r, "serverbackup", "spec.server", p.o.Spec.Server)
	if err != nil {
		return err
	}
	var have []ServerBackup
	for _, raw := range all {
		x, err := resource.As[ServerBackupSpec, ServerBackupStatus](raw)
		if err != nil {
			return err
		}
		if x.Spec.Keep > 0 && x.Status.CreatedAt != nil && x.DeletingAt == nil && x.Project == p.o.Project {
			have = append(have, x)
		}
	}
	slices.SortFunc(have, func(a, b ServerBackup) int {
		return cmp.Or(b.Status.CreatedAt.Compare(*a.Status.CreatedAt), strings.Compare(b.ID, a.ID))
	})
	for _, x := range have[min(p.o.Spec.Keep, len(have)):] {
		_, err := p.r.Remove(ctx, "serverbackup", x.ID)
		if resource.ReasonOf(err) == resource.ReasonInUse {
			continue // it is being restored; the next backup sees to it
		}
		if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
			return err
		}
		p.r.Note("rotate", "server backup "+x.Name+" is removed: "+fmt.Sprint(p.o.Spec.Keep)+" are kept")
	}
	p.o.Status.Rotated = true
	return nil
}

// partOf names the server backup that an object is a part of; "" for one that stands for itself.
func partOf(m resource.Meta) string {
	if m.Owner == nil || m.Owner.Kind != "serverbackup" {
		return ""
	}
	return cmp.Or(m.Owner.Name, m.Owner.ID)
}

// defaultOwnDisk sizes the backup of a server's own disk.
func defaultOwnDisk(ctx context.Context, a *resource.Admission, o *Backup) error {
	o.Spec.Volume = ""
	if o.Status.CreatedAt != nil {
		return nil
	}
	s, err := find[ServerSpec, ServerStatus](ctx, a, "server", o.Project, o.Spec.Server, "spec.server", "backup")
	o.Status.SizeGiB = s.Status.DiskGiB
	return err
}

// awaitWhole takes room for a part, and waits until the whole is taken.
func awaitWhole(ctx context.Context, b Backends, r *resource.Reconciliation, o *Backup) (resource.Result, error) {
	w, err := find[ServerBackupSpec, ServerBackupStatus](ctx, r, "serverbackup", "", o.Owner.ID, "owner", "backup")
	if err != nil {
		return resource.Result{}, err
	}
	i := slices.IndexFunc(w.Status.Parts, func(x ServerBackupPart) bool { return x.Backup == o.ID })
	wait := resource.Result{Again: time.Second, Progress: 10, Message: "waiting for server backup " + w.Name + " to be taken"}
	switch {
	case i < 0:
		wait.Again = awaitParts
		return wait, nil
	case o.Status.Host == "":
		if err := claimBackup(ctx, r, w.Status.Host, int64(max(o.Status.SizeGiB, w.Status.Parts[i].SizeGiB))); err != nil {
			return resource.Result{}, err
		}
		// Kept before anything is made there.
		o.Status.Host, o.Status.VolumeName = w.Status.Host, w.Status.Parts[i].VolumeName
		r.Touch("serverbackup", w.ID, "backup "+o.Name+" has room")
		return wait, nil
	case w.Status.CreatedAt == nil:
		return wait, nil
	}
	state, err := b.Driver.GetBackup(ctx, o.Status.Host, o.ID)
	if err != nil {
		return resource.Result{}, Explain("backup", err)
	}
	at := w.Status.CreatedAt.UTC()
	o.Status.SizeGiB, o.Status.CreatedAt = state.SizeGiB, &at
	r.Touch("serverbackup", w.ID, "backup "+o.Name+" is there")
	return resource.Result{Done: true}, nil
}

// resolveOwnDisk looks at the backup that a server's own disk begins with. A server that is made needs it no more.
func resolveOwnDisk(ctx context.Context, a *resource.Admission, o *Server, flavor Flavor) error {
	if o.Spec.Backup == "" {
		return nil
	}
	x, err := find[BackupSpec, BackupStatus](ctx, a, "backup", o.Project, o.Spec.Backup, "spec.backup", "server")
	if resource.ReasonOf(err) == resource.ReasonInvalid && o.Status.Power != "" {
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case x.Spec.Server == "":
		return resource.Invalid("server", "spec.backup", x.Name, "is of a volume, not of a server's own disk; make a volume of it")
	case x.Status.CreatedAt == nil:
		return resource.Problemf(resource.ReasonConflict, "server", "wait until it is", "backup %s is not taken yet", x.Name)
	case flavor.Spec.DiskGiB > 0 && flavor.Spec.DiskGiB < x.Status.SizeGiB:
		return resource.Invalid("server", "spec.flavor", flavor.Name, "backup %s needs %d GiB of disk", x.Name, x.Status.SizeGiB)
	}
	o.Spec.Backup = x.ID
	return nil
}
