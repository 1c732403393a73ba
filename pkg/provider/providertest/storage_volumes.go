package providertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (u *storageSuite) newVolume(t *testing.T) provider.Volume {
	t.Helper()
	want := provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1}
	t.Cleanup(func() { require.NoError(t, u.DeleteVolume(context.Background(), u.Place, want.ID)) })
	return want
}

func (u *storageSuite) ensureVolume(t *testing.T, want provider.Volume, size int) {
	t.Helper()
	st, err := u.EnsureVolume(t.Context(), u.Place, want)
	require.NoError(t, err)
	require.Equal(t, want.ID, st.ID)
	require.Equal(t, u.Place, st.Host)
	require.Equal(t, size, st.SizeGiB)
	require.GreaterOrEqual(t, st.AllocatedBytes, int64(0))
	got, err := u.GetVolume(t.Context(), u.Place, want.ID)
	require.NoError(t, err)
	require.Equal(t, st, got)
	if u.Witness.Volume != nil {
		bytes, there := u.Witness.Volume(t, want.ID)
		require.True(t, there)
		require.EqualValues(t, size<<30, bytes)
	}
}

func (u *storageSuite) volumes(t *testing.T) {
	want := u.newVolume(t)
	_, err := u.GetVolume(t.Context(), u.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	u.ensureVolume(t, want, 1)
	u.ensureVolume(t, want, 1)
	want.SizeGiB = 3
	u.ensureVolume(t, want, 3)
	want.SizeGiB = 2
	u.ensureVolume(t, want, 3) // it never shrinks
	all, err := u.ListVolumes(t.Context(), u.Place)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(v provider.VolumeState) bool { return v.ID == want.ID && v.Host == u.Place && v.SizeGiB == 3 }))
	if u.Witness.Hold != nil {
		release := u.Witness.Hold(t, want.ID)
		requireReason(t, provider.ReasonConflict, u.DeleteVolume(t.Context(), u.Place, want.ID))
		release()
		require.Eventually(t, func() bool { return u.DeleteVolume(t.Context(), u.Place, want.ID) == nil }, time.Minute, time.Second)
	}
	for range 2 {
		require.NoError(t, u.DeleteVolume(t.Context(), u.Place, want.ID))
	}
	_, err = u.GetVolume(t.Context(), u.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	if u.Witness.Volume != nil {
		_, there := u.Witness.Volume(t, want.ID)
		require.False(t, there)
	}
	u.ensureVolume(t, want, 2) // the id may come back
}

// volumeTiers keeps volumes in pools of choice, one of them erasure coded, and bounds them.
func (u *storageSuite) volumeTiers(t *testing.T) {
	fast := u.newPool(t, provider.DataPool{Application: "rbd", PGs: 8, Replicas: 3})
	u.ensurePool(t, fast)
	code := u.newPool(t, provider.DataPool{Application: "rbd", PGs: 8, DataChunks: 2, CodingChunks: 1})
	u.ensurePool(t, code)
	for _, pool := range []string{fast.Name, code.Name} {
		want := u.newVolume(t)
		want.Pool, want.QoS = pool, &provider.QoS{IOPS: 500, BytesPerSecond: 50 << 20}
		u.ensureVolume(t, want, 1)
		if u.Witness.Limit != nil {
			require.EqualValues(t, 500, u.Witness.Limit(t, want.ID))
		}
		want.QoS = nil
		u.ensureVolume(t, want, 1)
		if u.Witness.Limit != nil {
			require.Zero(t, u.Witness.Limit(t, want.ID))
		}
		require.NoError(t, u.DeleteVolume(t.Context(), u.Place, want.ID))
	}
	lost := u.newVolume(t)
	lost.Pool = "no-such-pool"
	_, err := u.EnsureVolume(t.Context(), u.Place, lost)
	requireReason(t, provider.ReasonConflict, err)
}

// concurrency repeats what several reconcilers may do at once.
func (u *storageSuite) concurrency(t *testing.T) {
	same := u.newVolume(t)
	shares := []provider.Share{u.newShare(t), u.newShare(t), u.newShare(t)}
	var work []func() error
	for range 6 {
		work = append(work, func() error { _, err := u.EnsureVolume(t.Context(), u.Place, same); return err })
	}
	for range 4 {
		own := u.newVolume(t)
		work = append(work, func() error {
			_, err := u.EnsureVolume(t.Context(), u.Place, own)
			return errors.Join(err, u.DeleteVolume(t.Context(), u.Place, own.ID))
		})
	}
	for _, s := range shares { // of one project: the last one to go takes the project's folder with it
		work = append(work, func() error {
			_, err := u.EnsureShare(t.Context(), u.Place, s)
			return errors.Join(err, u.DeleteShare(t.Context(), u.Place, s.ID))
		})
	}
	var all sync.WaitGroup
	failed := make([]error, len(work))
	for i, f := range work {
		all.Go(func() { failed[i] = f() })
	}
	all.Wait()
	require.NoError(t, errors.Join(failed...))
	list, err := u.ListVolumes(t.Context(), u.Place)
	require.NoError(t, err)
	require.Equal(t, 1, count(list, func(v provider.VolumeState) bool { return v.ID == same.ID }))
}

func (u *storageSuite) refusals(t *testing.T) {
	ctx := t.Context()
	for what, f := range map[string]func() error{
		"a volume without size": func() error { _, err := u.EnsureVolume(ctx, u.Place, provider.Volume{ID: newID(t)}); return err },
		"a volume of an image": func() error {
			_, err := u.EnsureVolume(ctx, u.Place, provider.Volume{ID: newID(t), SizeGiB: 1, Image: newID(t)})
			return err
		},
		"a volume without an id": func() error {
			_, err := u.EnsureVolume(ctx, u.Place, provider.Volume{ID: "../x", SizeGiB: 1})
			return err
		},
		"a share without size": func() error {
			_, err := u.EnsureShare(ctx, u.Place, provider.Share{ID: newID(t), Project: "p"})
			return err
		},
		"a share of a strange way": func() error { _, err := u.EnsureShare(ctx, u.Place, shareWith(newID(t), "x", "rx")); return err },
		"a share of a strange one": func() error { _, err := u.EnsureShare(ctx, u.Place, shareWith(newID(t), "x y", "ro")); return err },
		"a pool of one copy": func() error {
			_, err := u.EnsurePool(ctx, u.Place, provider.DataPool{Name: "x", Application: "rbd", Replicas: 1})
			return err
		},
		"a pool for nothing": func() error {
			_, err := u.EnsurePool(ctx, u.Place, provider.DataPool{Name: "x", Replicas: 3})
			return err
		},
		"a hidden pool": func() error {
			_, err := u.EnsurePool(ctx, u.Place, provider.DataPool{Name: ".x", Application: "rbd", Replicas: 3})
			return err
		},
		"a pool of both sorts": func() error {
			_, err := u.EnsurePool(ctx, u.Place, provider.DataPool{Name: "x", Application: "rbd", Replicas: 3, DataChunks: 2, CodingChunks: 1})
			return err
		},
	} {
		err := f()
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "%s: %v", what, err)
	}
	_, err := u.EnsurePool(ctx, u.Place, provider.DataPool{Name: "conformance-wide", Application: "rbd", DataChunks: 20, CodingChunks: 4})
	requireReason(t, provider.ReasonNoSpace, err)
	lost := shareWith(newID(t), "x", "ro")
	lost.Pool = "no-such-pool"
	_, err = u.EnsureShare(ctx, u.Place, lost)
	requireReason(t, provider.ReasonConflict, err)
	for _, id := range []string{newID(t), "no-such-id"} {
		_, err = u.GetVolume(ctx, u.Place, id)
		requireReason(t, provider.ReasonNotFound, err)
		_, err = u.GetShare(ctx, u.Place, id)
		requireReason(t, provider.ReasonNotFound, err)
		require.NoError(t, u.DeleteVolume(ctx, u.Place, id))
		require.NoError(t, u.DeleteShare(ctx, u.Place, id))
	}
	require.NoError(t, u.DeletePool(ctx, u.Place, "no-such-pool", false))
	ended, end := context.WithCancel(ctx)
	end()
	_, err = u.GetCluster(ended, u.Place)
	requireReason(t, provider.ReasonTimeout, err)
}

func shareWith(id, name, mode string) provider.Share {
	return provider.Share{ID: id, Name: "conformance", Project: "providertest", SizeGiB: 1, Access: []provider.Access{{Name: name, Mode: mode}}}
}
