package kinds_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// EnsureBackup needs the volume only as long as there is no backup.
func (s *site) EnsureBackup(_ context.Context, host string, want provider.Backup) (out provider.BackupState, err error) {
	err = s.call("EnsureBackup", host, func() error {
		st, there := s.backups[[2]string{host, want.ID}]
		if !there {
			v, ok := s.volumes[[2]string{host, want.Volume}]
			if !ok {
				return provider.Errorf(provider.ReasonNotFound, "", "no volume %s", want.Volume)
			}
			st = provider.BackupState{ID: want.ID, Host: host, Volume: want.Volume, SizeGiB: v.SizeGiB, CreatedAt: time.Now()}
			s.backups[[2]string{host, want.ID}] = st
			s.keyed[want.ID] = [2]provider.Key{want.Key, want.VolumeKey}
		}
		out = st
		return nil
	})
	return out, err
}

func (s *site) GetBackup(_ context.Context, host, id string) (out provider.BackupState, err error) {
	err = s.call("GetBackup", host, func() error {
		st, ok := s.backups[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no backup %s", id)
		}
		out = st
		return nil
	})
	return out, err
}

func (s *site) DeleteBackup(_ context.Context, host, id string) error {
	return s.call("DeleteBackup", host, func() error { delete(s.backups, [2]string{host, id}); return nil })
}

func (r *rig) backup(name string) resource.Object[kinds.BackupSpec, kinds.BackupStatus] {
	r.t.Helper()
	return look[kinds.BackupSpec, kinds.BackupStatus](r, "backup", "p", name)
}

func TestBackupOutlivesItsVolumeAndVolumesBeginWithIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	v := r.ready(r.make("volume", "p", "books", `{"sizeGiB":10}`))
	x := r.ready(r.make("backup", "p", "nightly", `{"volume":"books"}`))
	s := r.backup("nightly")
	require.Equal(t, kinds.BackupStatus{Host: r.hosts["kvm1"], SizeGiB: 10, VolumeName: "books", CreatedAt: s.Status.CreatedAt}, s.Status)
	require.WithinDuration(t, time.Now(), *s.Status.CreatedAt, time.Minute)
	require.Equal(t, v.ID, s.Spec.Volume, "by its id")
	require.EqualValues(t, 20, r.claimed("kvm1", "disk_gib"), "it takes room as its volume does")
	r.refused(resource.ReasonInvalid, "backup", "p", "lost", `{"volume":"none"}`)

	r.remove("volume", "p", "books") // a backup does not hold its volume
	r.gone("volume", "p", "books")
	r.ready(r.make("backup", "p", "nightly", `{"volume":"books"}`)) // the same again
	require.Equal(t, v.ID, r.backup("nightly").Spec.Volume)
	require.NoError(t, r.Touch(t.Context(), "backup", x.ID, "test"))
	r.ready(r.make("backup", "p", "nightly", `{"volume":"`+v.ID+`"}`))
	r.ready(r.make("volume", "p", "other", `{"sizeGiB":1}`))
	p := r.refused(resource.ReasonInvalid, "backup", "p", "nightly", `{"volume":"other"}`)
	require.Contains(t, p.Error(), "take another backup")

	r.refused(resource.ReasonInvalid, "volume", "p", "small", `{"sizeGiB":9,"backup":"nightly"}`)
	r.refused(resource.ReasonInvalid, "volume", "p", "both", `{"sizeGiB":10,"backup":"nightly","image":"busybox"}`)
	r.refused(resource.ReasonInvalid, "volume", "p", "lost", `{"sizeGiB":10,"backup":"tuesday"}`)
	r.ready(r.make("volume", "p", "restored", `{"sizeGiB":12,"backup":"nightly"}`))
	require.Equal(t, x.ID, r.site.asked[r.get("volume", "p", "restored").ID].Backup)
	p = r.refused(resource.ReasonInvalid, "volume", "p", "restored", `{"sizeGiB":12}`)
	require.Equal(t, "spec.backup", p.Fields[0].Path)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "host", ID: "kvm1", Actor: admin})
	r.problem(resource.ReasonInUse, err)

	r.remove("backup", "p", "nightly")
	r.gone("backup", "p", "nightly")
	r.site.with(func() { require.Empty(t, r.site.backups) })
	r.ready(r.make("volume", "p", "restored", `{"sizeGiB":13,"backup":"`+x.ID+`"}`))
	for _, name := range []string{"restored", "other"} {
		r.remove("volume", "p", name)
		r.gone("volume", "p", name)
	}
	require.Zero(t, r.claimed("kvm1", "disk_gib"))
	r.exact()
}

func TestBackupIsChargedToTheProjectAndMetered(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":7}`))
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "backups", resource.Hard(2)))
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "backup_gib", resource.Hard(8)))
	x := r.ready(r.make("backup", "p", "nightly", `{"volume":"books"}`))
	metered := func() resource.Measures {
		var usage []resource.Usage
		require.NoError(t, r.db.Read.NewSelect().Model(&usage).Where("object_id = ?", x.ID).Order("id").Scan(t.Context()))
		return usage[len(usage)-1].Measures
	}
	require.Equal(t, resource.Measures{"backup_gib": 7}, metered())
	p := r.refused(resource.ReasonQuotaExceeded, "backup", "p", "weekly", `{"volume":"books"}`)
	require.Contains(t, p.Error(), "backup_gib")
	r.remove("backup", "p", "nightly")
	r.gone("backup", "p", "nightly")
	require.Empty(t, metered(), "until it is gone")
	r.ready(r.make("backup", "p", "weekly", `{"volume":"books"}`))
	r.exact()
}

func TestBackupGoesWhereItsVolumeIsAndRestoresThere(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":1,"host":"kvm2"}`))
	r.make("backup", "p", "nightly", `{"volume":"books"}`)
	a := r.make("volume", "p", "restored", `{"sizeGiB":1,"backup":"nightly"}`) // it may be asked for before it can begin
	require.Equal(t, []string{r.hosts["kvm2"]}, resource.Lookup(r.ready(a), "status.host"))
	p := r.refused(resource.ReasonInvalid, "volume", "p", "elsewhere", `{"sizeGiB":1,"backup":"nightly","host":"kvm1"}`)
	require.Contains(t, p.Error(), "backup nightly is kept in kvm2")
}

func TestVolumeAndBackupWaitForEachOtherUntilTheyAreMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":1}`))
	r.site.setFault(func(_ int, method, phase string) error {
		if method == "EnsureBackup" && phase == "before" {
			return provider.Errorf(provider.ReasonUnavailable, "", "it takes longer")
		}
		return nil
	})
	a := r.make("backup", "p", "nightly", `{"volume":"books"}`)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "volume", Project: "p", ID: "books", Actor: admin})
	p := r.problem(resource.ReasonInUse, err)
	require.Equal(t, "nightly", p.Candidates[0].Name)
	require.Contains(t, p.Error(), "is being made")
	r.site.setFault(func(_ int, method, phase string) error {
		if method == "EnsureVolume" && phase == "before" {
			return provider.Errorf(provider.ReasonUnavailable, "", "it takes longer")
		}
		return nil
	})
	require.NoError(t, r.Touch(t.Context(), "backup", a.Object.ID, "test"))
	r.ready(a)
	r.make("volume", "p", "restored", `{"sizeGiB":1,"backup":"nightly"}`)
	_, err = r.Delete(t.Context(), resource.Request{Kind: "backup", Project: "p", ID: "nightly", Actor: admin})
	require.Equal(t, "restored", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	r.site.setFault(nil)
	require.NoError(t, r.Touch(t.Context(), "volume", r.get("volume", "p", "restored").ID, "test"))
	r.becomes("volume", "p", "restored", resource.PhaseReady)
	for kind, names := range map[string][]string{"backup": {"nightly"}, "volume": {"books", "restored"}} {
		for _, name := range names {
			r.remove(kind, "p", name)
			r.gone(kind, "p", name)
		}
	}
	r.exact()
}

func TestBackupThatIsGoneIsHeld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":1}`))
	x := r.ready(r.make("backup", "p", "nightly", `{"volume":"books"}`))
	r.site.with(func() { clear(r.site.backups) })
	require.NoError(t, r.Touch(t.Context(), "backup", x.ID, "it is missing"))
	o := r.becomes("backup", "p", "nightly", resource.PhaseDegraded)
	require.Equal(t, kinds.Held, o.Condition("Drift").Reason)
	require.NoError(t, r.Touch(t.Context(), "backup", x.ID, kinds.RepairCause+" by someone"))
	time.Sleep(300 * time.Millisecond)
	r.site.with(func() { require.Empty(t, r.site.backups, "another moment is not taken for the one that is lost") })
	r.remove("backup", "p", "nightly")
	r.gone("backup", "p", "nightly")
	r.exact()
}

func TestBackupInARegionTakesNoneOfItsVolumesRoom(t *testing.T) {
	t.Parallel()
	r, _, east := newRegionRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":2,"host":"east"}`))
	r.ready(r.make("backup", "p", "nightly", `{"volume":"books"}`))
	used, err := r.PoolUsage(t.Context(), "host:"+east.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2, used["volume_gib"].Committed)
	r.remove("volume", "p", "books")
	r.gone("volume", "p", "books")
	_, err = r.Delete(t.Context(), resource.Request{Kind: "region", ID: "east", Actor: admin})
	require.Equal(t, "nightly", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	r.ready(r.make("volume", "p", "restored", `{"sizeGiB":2,"backup":"nightly"}`))
	r.remove("backup", "p", "nightly") // a region's volumes do not lean on their backups
	r.gone("backup", "p", "nightly")
	r.exact()
}

func TestBackupWhereNoneIsKeptFailsWithTheReason(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":1}`))
	r.site.setFault(func(_ int, method, _ string) error {
		if method == "EnsureBackup" {
			return provider.Errorf(provider.ReasonInvalid, "ask the region's operator for cinder-backup", "the region keeps no backups")
		}
		return nil
	})
	r.make("backup", "p", "nightly", `{"volume":"books"}`)
	o := r.becomes("backup", "p", "nightly", resource.PhaseFailed)
	ready := o.Condition("Ready")
	require.Contains(t, ready.Message, "keeps no backups")
	r.remove("volume", "p", "books") // what failed holds nothing
	r.gone("volume", "p", "books")
	r.remove("backup", "p", "nightly")
	r.gone("backup", "p", "nightly")
	r.exact()
}
