package kinds_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// BackupServer makes all parts or none.
func (s *site) BackupServer(_ context.Context, host string, want provider.ServerBackup) (out provider.BackupState, err error) {
	err = s.call("BackupServer", host, func() error {
		if err := want.Check(); err != nil {
			return err
		}
		if st, there := s.backups[[2]string{host, want.Parts[0].ID}]; there {
			out = st
			return nil
		}
		if _, there := s.servers[[2]string{host, want.Server}]; !there {
			return provider.Errorf(provider.ReasonNotFound, "", "no server %s", want.Server)
		}
		for i, p := range want.Parts {
			st := provider.BackupState{ID: p.ID, Host: host, Volume: p.Volume, Server: p.Server, SizeGiB: 4, CreatedAt: time.Now(), Encrypted: p.Key != ""}
			if i == 0 {
				st.Consistency = provider.AtOnce
				out = st
			} else {
				st.SizeGiB = s.volumes[[2]string{host, p.Volume}].SizeGiB
			}
			s.backups[[2]string{host, p.ID}] = st
			s.keyed[p.ID] = [2]provider.Key{p.Key, p.VolumeKey}
		}
		return nil
	})
	return out, err
}

// onBoth runs a test with a server that has two volumes, on both databases.
func onBoth(t *testing.T, f func(r *rig)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRigOn(t, db, kinds.Backends{})
		r.ready(r.make("storagetier", "", "safe", `{"encrypted":true}`))
		r.ready(r.make("volume", "p", "books", `{"sizeGiB":3,"tier":"safe"}`))
		r.ready(r.make("volume", "p", "logs", `{"sizeGiB":2}`))
		r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["books","logs"],"metadata":{"role":"shop"}}`))
		f(r)
		r.exact()
	})
}

func (r *rig) whole(name string) kinds.ServerBackup {
	r.t.Helper()
	return look[kinds.ServerBackupSpec, kinds.ServerBackupStatus](r, "serverbackup", "p", name)
}

// backUp is the verb of a server.
func (r *rig) backUp(name string, keep int) (resource.Applied, error) {
	return r.Apply(r.t.Context(), resource.Request{Kind: "serverbackup", Project: "p", Name: name, Verb: "backup", Mode: resource.CreateOnly, Actor: admin,
		Spec: json.RawMessage(fmt.Sprintf(`{"server":"web","keep":%d}`, keep))})
}

func (r *rig) actAs(kind, name, action, input string) (resource.Applied, error) {
	return r.Act(r.t.Context(), resource.Request{Kind: kind, Project: "p", ID: name, Actor: resource.Actor{ID: "ann", Name: "ann", Scope: resource.Within("p")}}, action, json.RawMessage(input))
}

func (r *rig) names(kind string) (out []string) {
	r.t.Helper()
	require.NoError(r.t, resource.All(r.t.Context(), r.View(resource.Everything), resource.Query{Kind: kind, Project: "p"}, func(o resource.Raw) error {
		out = append(out, o.Name)
		return nil
	}))
	slices.Sort(out)
	return out
}

func (r *rig) quota(project, metric string) int64 {
	r.t.Helper()
	all, err := r.View(resource.Everything).Quota(r.t.Context(), project)
	require.NoError(r.t, err)
	for _, u := range all {
		if u.Metric == metric && u.Region == "" {
			return u.Reserved + u.Committed
		}
	}
	return 0
}

func TestServerBackupKeepsAllDisksAndOutlivesTheServer(t *testing.T) {
	onBoth(t, func(r *rig) {
		t := r.t
		r.ready(r.make("serverbackup", "p", "night", `{"server":"web","keep":1}`))
		w := r.whole("night")
		require.Zero(t, w.Spec.Keep, "the verb of the server alone says that")
		require.Equal(t, provider.AtOnce, w.Status.Consistency)
		require.Equal(t, 9, w.Status.SizeGiB)
		require.Len(t, w.Status.Parts, 3)
		require.Equal(t, []string{"night-1", "night-2", "night-root"}, r.names("backup"))
		for _, x := range w.Status.Parts {
			b := look[kinds.BackupSpec, kinds.BackupStatus](r, "backup", "p", x.Backup)
			require.Equal(t, w.Status.CreatedAt, b.Status.CreatedAt, "one moment")
			r.site.with(func() {
				keys, volume := r.site.keyed[b.ID], r.site.asked[x.Volume]
				require.Equal(t, x.VolumeName == "books", keys[0] != "", "what is encrypted stays so, by a key of its own")
				require.Equal(t, volume.Key, keys[1])
				require.NotContains(t, string(r.get("backup", "p", b.Name).Spec), "key", "and is not told")
			})
		}
		require.EqualValues(t, 1, r.quota("p", "server_backups"))
		require.EqualValues(t, 3, r.quota("p", "backups"))
		require.EqualValues(t, 9, r.quota("p", "backup_gib"))
		_, err := r.Delete(t.Context(), resource.Request{Kind: "backup", Project: "p", ID: "night-1", Actor: resource.Actor{ID: "ann", Scope: resource.Within("p")}})
		require.Contains(t, r.problem(resource.ReasonInUse, err).Error(), "is a part of")

		for _, gone := range [][2]string{{"server", "web"}, {"volume", "books"}, {"volume", "logs"}} {
			r.remove(gone[0], "p", gone[1])
			r.gone(gone[0], "p", gone[1])
		}
		r.ready(r.make("serverbackup", "p", "night", `{"server":"web"}`))
		require.Equal(t, w.Spec.Server, r.whole("night").Spec.Server, "the same again")
		_, err = r.actAs("serverbackup", "night", "restore", `{"inPlace":true}`)
		require.Contains(t, r.problem(resource.ReasonConflict, err).Error(), "is gone")
		a, err := r.actAs("serverbackup", "night", "restore", `{"as":"web2"}`)
		require.NoError(t, err)
		r.ready(a)
		s := r.server("web2")
		require.True(t, s.Settled())
		require.Equal(t, map[string]string{"role": "shop"}, s.Spec.Metadata)
		require.Equal(t, []string{"web2-1", "web2-2"}, r.names("volume"))
		r.site.with(func() {
			require.Equal(t, w.Status.Parts[0].Backup, r.site.wanted[s.ID].Disks[0].Backup)
			require.Equal(t, w.Status.Parts[1].Backup, r.site.asked[s.Spec.Volumes[0]].Backup)
			require.NotEmpty(t, r.site.asked[s.Spec.Volumes[0]].Key)
		})
		r.remove("serverbackup", "p", "night")
		r.gone("serverbackup", "p", "night")
		require.Empty(t, r.names("backup"))
		require.Zero(t, r.quota("p", "backup_gib"))
		r.site.with(func() { require.Empty(t, r.site.backups) })
		r.ready(r.make("server", "p", "web2", `{"flavor":"small","image":"busybox","network":"net","volumes":["web2-1","web2-2"]}`))
		require.Equal(t, w.Status.Parts[0].Backup, r.server("web2").Spec.Backup, "a server that is made needs it no more")
	})
}

func TestServerIsBroughtBackInPlace(t *testing.T) {
	onBoth(t, func(r *rig) {
		t := r.t
		r.ready(r.make("serverbackup", "p", "night", `{"server":"web"}`))
		before := r.server("web")
		r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["books"]}`)) // changed since
		for input, reason := range map[string]resource.Reason{`{}`: resource.ReasonInvalid, `{"as":"x","inPlace":true}`: resource.ReasonInvalid, `{"as":"web"}`: resource.ReasonAlreadyExists,
			`{"as":"No"}`: resource.ReasonInvalid, `{"inPlace":true,"flavor":"small"}`: resource.ReasonInvalid} {
			_, err := r.actAs("serverbackup", "night", "restore", input)
			r.problem(reason, err)
		}
		_, err := r.actAs("server", "web", "lock", `{}`)
		require.NoError(t, err)
		_, err = r.actAs("serverbackup", "night", "restore", `{"inPlace":true}`)
		r.problem(resource.ReasonLocked, err)
		_, err = r.actAs("server", "web", "unlock", ``)
		require.NoError(t, err)
		r.becomes("server", "p", "web", resource.PhaseReady)
		a, err := r.actAs("serverbackup", "night", "restore", `{"inPlace":true}`)
		require.NoError(t, err)
		r.ready(a)
		s, w := r.server("web"), r.whole("night")
		require.Equal(t, "done", w.Status.Restore.State)
		require.Equal(t, before.ID, s.ID)
		require.Equal(t, before.Status.Address, s.Status.Address)
		require.Equal(t, w.Status.Restore.Volumes, s.Spec.Volumes)
		require.Len(t, r.names("volume"), 4, "those that it had stay")
		r.site.with(func() {
			want := r.site.wanted[s.ID]
			require.Equal(t, want.Build, w.Spec.Restore.AskedAt, "its own disk is made anew")
			require.Equal(t, w.Status.Parts[0].Backup, want.Disks[0].Backup)
		})
		_, err = r.actAs("server", "web", "rebuild", `{}`)
		require.NoError(t, err)
		r.becomes("server", "p", "web", resource.PhaseReady)
		require.Empty(t, r.server("web").Spec.Backup, "a rebuild is of the image again")
	})
}

func TestServerBackupsRotate(t *testing.T) {
	onBoth(t, func(r *rig) {
		t := r.t
		r.ready(r.make("serverbackup", "p", "pinned", `{"server":"web"}`))
		for i := range 4 {
			a, err := r.backUp(fmt.Sprintf("n%d", i), 2)
			require.NoError(t, err)
			r.ready(a)
		}
		r.gone("serverbackup", "p", "n1")
		require.Equal(t, []string{"n2", "n3", "pinned"}, r.names("serverbackup"), "what was made without a number stays")
		require.NotEmpty(t, r.notes(r.whole("n3").ID)["rotate"])
		require.EqualValues(t, 9, r.quota("p", "backups"))

		// One that fails removes nothing.
		require.NoError(t, r.SetQuota(t.Context(), admin, "p", "backup_gib", resource.Hard(30)))
		_, err := r.backUp("n4", 2)
		require.NoError(t, err)
		o := r.becomes("serverbackup", "p", "n4", resource.PhaseFailed)
		require.Equal(t, "QuotaExceeded", o.Condition("Ready").Reason)
		r.eventually("its parts are gone", func() bool { return len(r.names("backup")) == 9 })
		require.Equal(t, []string{"n2", "n3", "n4", "pinned"}, r.names("serverbackup"))
		r.site.with(func() { require.Len(t, r.site.backups, 9) })
		require.NoError(t, r.SetQuota(t.Context(), admin, "p", "backup_gib", resource.Hard(-1)))
		require.NoError(t, r.Touch(t.Context(), "serverbackup", o.ID, "try it again"))
		r.becomes("serverbackup", "p", "n4", resource.PhaseReady)
		r.gone("serverbackup", "p", "n2")
	})
}

func TestServerBackupFailsAsAWhole(t *testing.T) {
	onBoth(t, func(r *rig) {
		t := r.t
		var tries atomic.Int32
		r.site.setFault(func(_ int, method, phase string) error {
			if method == "BackupServer" && phase == "before" {
				tries.Add(1)
				return provider.Errorf(provider.ReasonNoSpace, "free space", "the disk is full")
			}
			return nil
		})
		r.make("serverbackup", "p", "night", `{"server":"web"}`)
		o := r.becomes("serverbackup", "p", "night", resource.PhaseFailed)
		require.Contains(t, o.Condition("Ready").Message, "the disk is full")
		r.eventually("nothing dangles", func() bool { return len(r.names("backup")) == 0 })
		require.Zero(t, r.quota("p", "backup_gib"))
		time.Sleep(time.Second)
		require.EqualValues(t, 1, tries.Load(), "it is not tried again by itself")
	})
}

func TestServerBackupWaitsForAPlaceThatIsAway(t *testing.T) {
	onBoth(t, func(r *rig) {
		t := r.t
		lost := 0
		r.site.setFault(func(_ int, method, phase string) error {
			if method == "BackupServer" && phase == "after" && lost < 3 { // it is done, and nobody hears of it
				lost++
				return provider.Errorf(provider.ReasonUnavailable, "", "no answer")
			}
			return nil
		})
		r.ready(r.make("serverbackup", "p", "night", `{"server":"web"}`))
		r.site.with(func() { require.Len(t, r.site.backups, 3, "once") })
		_, err := r.Delete(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "web", Actor: admin})
		require.NoError(t, err)
	})
}

func TestRestoreThatCanNotBeLeavesNothing(t *testing.T) {
	onBoth(t, func(r *rig) {
		t := r.t
		r.ready(r.make("serverbackup", "p", "night", `{"server":"web"}`))
		require.NoError(t, r.SetQuota(t.Context(), admin, "p", "servers", resource.Hard(1)))
		a, err := r.actAs("serverbackup", "night", "restore", `{"as":"web2"}`)
		require.NoError(t, err)
		r.eventually("the restore failed", func() bool {
			return r.whole("night").Status.Restore != nil && r.whole("night").Status.Restore.State == "failed"
		})
		require.Contains(t, r.whole("night").Status.Restore.Message, "servers")
		op, err := r.View(resource.Everything).Operation(t.Context(), a.Operation.ID)
		require.NoError(t, err)
		require.Equal(t, resource.OperationFailed, op.State)
		r.becomes("serverbackup", "p", "night", resource.PhaseReady) // the backup is as it was
		r.eventually("its volumes are gone", func() bool { return len(r.names("volume")) == 2 })
		require.NoError(t, r.SetQuota(t.Context(), admin, "p", "servers", resource.Hard(2)))
		a, err = r.actAs("serverbackup", "night", "restore", `{"as":"web2"}`)
		require.NoError(t, err)
		r.ready(a)
		require.Len(t, r.server("web2").Spec.Volumes, 2)
	})
}
