package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// restore makes volumes of the parts, and then a server of all, or brings the old one back. What it makes belongs to nobody: it
// stays when the backup goes. Each step is written down before the next.
func (p serverBackupPass) restore(ctx context.Context) (resource.Result, error) {
	w := p.o.Spec.Restore
	st := p.o.Status.Restore
	if st == nil || st.AskedAt != w.AskedAt {
		st = &RestoreStatus{AskedAt: w.AskedAt, State: restoreWorking}
		p.o.Status.Restore = st
	}
	res, err := p.restoreStep(ctx, w, st)
	if err == nil || passes(err) {
		return res, err
	}
	if st.Server == "" { // nothing has the volumes
		for _, id := range st.Volumes {
			if _, derr := p.r.Remove(ctx, "volume", id); derr != nil && resource.ReasonOf(derr) != resource.ReasonNotFound {
				return resource.Result{}, derr
			}
		}
		st.Volumes = nil
	}
	st.State, st.Message = restoreFailed, err.Error()
	p.r.Note("restore", "the restore failed: "+err.Error())
	p.r.Touch("serverbackup", p.o.ID, "a restore from it has failed; the backup is as it was")
	return resource.Result{}, gaveUp{err}
}

func (p serverBackupPass) restoreStep(ctx context.Context, w *RestoreSpec, st *RestoreStatus) (resource.Result, error) {
	if parts := p.o.Status.Parts[1:]; len(st.Volumes) < len(parts) {
		id, err := p.restoreVolume(ctx, w, parts[len(st.Volumes)], len(st.Volumes)+1)
		if err == nil {
			st.Volumes = append(st.Volumes, id)
		}
		return resource.Result{Again: soon, Progress: 20, Message: "volumes are made of its parts"}, err
	}
	for _, id := range st.Volumes {
		if wait, err := p.restored(ctx, "volume", id); wait || err != nil {
			return resource.Result{Again: awaitParts, Progress: 40, Message: "volumes are made of its parts"}, err
		}
	}
	if st.Server == "" {
		id, err := p.restoreServer(ctx, w, st)
		st.Server = id
		return resource.Result{Again: soon, Progress: 70, Message: "the server is made"}, err
	}
	if wait, err := p.restored(ctx, "server", st.Server); wait || err != nil {
		return resource.Result{Again: awaitParts, Progress: 70, Message: "the server is made"}, err
	}
	st.State = restoreDone
	p.r.Note("restore", "server "+st.Server+" is restored")
	return resource.Result{Done: true}, nil
}

// restored tells whether something that was made for the restore is still being made.
func (p serverBackupPass) restored(ctx context.Context, kind, id string) (bool, error) {
	raw, err := p.r.Get(ctx, kind, "", id)
	switch {
	case resource.ReasonOf(err) == resource.ReasonNotFound:
		return false, resource.Problemf(resource.ReasonConflict, "serverbackup", "restore it again", "a %s of the restore was deleted meanwhile", kind)
	case err != nil:
		return false, err
	case raw.Phase == resource.PhaseFailed, kind == "volume" && refused(raw.Condition("Ready").Reason): // a server may find room later
		return false, resource.Problemf(resource.ReasonConflict, "serverbackup", "restore it again when that is put right", "%s %s can not be made: %s", kind, raw.Name, raw.Condition("Ready").Message)
	}
	return !raw.Settled(), nil
}

// restoreVolume makes the volume of the n-th part, named after the new server or, in place, after the moment.
func (p serverBackupPass) restoreVolume(ctx context.Context, w *RestoreSpec, x ServerBackupPart, n int) (string, error) {
	spec, err := json.Marshal(VolumeSpec{SizeGiB: x.SizeGiB, Backup: x.Backup, Tier: x.Tier})
	if err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-%d", shortened(w.As, 60), n)
	if at, err := time.Parse(time.RFC3339Nano, w.AskedAt); err == nil && w.InPlace {
		name = shortened(x.VolumeName, 47) + "-" + at.Format("20060102-150405")
	}
	a, err := p.r.Leave(ctx, fmt.Sprintf("restore/%s/%d", w.AskedAt, n), resource.Request{Kind: "volume", Project: p.o.Project, Name: name, Mode: resource.CreateOnly, Spec: spec})
	return a.Object.ID, err
}

func (p serverBackupPass) restoreServer(ctx context.Context, w *RestoreSpec, st *RestoreStatus) (string, error) {
	spec := map[string]any{"backup": p.o.Status.Parts[0].Backup, "volumes": st.Volumes}
	req := resource.Request{Kind: "server", Project: p.o.Project, Verb: verbRestore}
	if w.InPlace {
		if err := refuseInPlace(ctx, p.r, p.o); err != nil {
			return "", err
		}
		spec["rebuild"] = RebuildSpec{AskedAt: w.AskedAt}
		req.ID, req.Mode, req.Partial = p.o.Spec.Server, resource.UpdateOnly, true
	} else {
		of := p.o.Status.Of
		spec["flavor"], spec["image"], spec["network"], spec["power"] = of.Flavor, of.Image, of.Network, provider.PowerRunning
		if w.Flavor != "" {
			spec["flavor"] = w.Flavor
		}
		if w.Network != "" {
			spec["network"] = w.Network
		}
		if len(of.SecurityGroups) > 0 {
			spec["securityGroups"] = of.SecurityGroups
		}
		if len(of.Metadata) > 0 {
			spec["metadata"] = of.Metadata
		}
		if of.Keypair != "" {
			spec["keypair"] = of.Keypair
		}
		req.Name, req.Mode = w.As, resource.CreateOnly
	}
	var err error
	if req.Spec, err = json.Marshal(spec); err != nil {
		return "", err
	}
	a, err := p.r.Leave(ctx, "restore/"+w.AskedAt+"/server", req)
	return a.Object.ID, err
}
