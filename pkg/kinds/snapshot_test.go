package kinds_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// EnsureSnapshot keeps the size of the volume at the moment.
func (s *site) EnsureSnapshot(_ context.Context, host string, want provider.Snapshot) (out provider.SnapshotState, err error) {
	err = s.call("EnsureSnapshot", host, func() error {
		v, ok := s.volumes[[2]string{host, want.Volume}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no volume %s", want.Volume)
		}
		st, there := s.kept[[2]string{host, want.ID}]
		if !there {
			st = provider.SnapshotState{ID: want.ID, Host: host, Volume: want.Volume, SizeGiB: v.SizeGiB, CreatedAt: time.Now()}
			s.kept[[2]string{host, want.ID}] = st
			s.keyed[want.ID] = [2]provider.Key{want.Key, want.VolumeKey}
		}
		out = st
		return nil
	})
	return out, err
}

func (s *site) GetSnapshot(_ context.Context, host, id string) (out provider.SnapshotState, err error) {
	err = s.call("GetSnapshot", host, func() error {
		st, ok := s.kept[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no snapshot %s", id)
		}
		out = st
		return nil
	})
	return out, err
}

func (s *site) DeleteSnapshot(_ context.Context, host, id string) error {
	return s.call("DeleteSnapshot", host, func() error { delete(s.kept, [2]string{host, id}); return nil })
}

func TestSnapshotKeepsAVolumeAndVolumesBeginWithIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":10}`))
	x := r.ready(r.make("snapshot", "p", "monday", `{"volume":"books"}`))
	s := look[kinds.SnapshotSpec, kinds.SnapshotStatus](r, "snapshot", "p", "monday")
	require.Equal(t, [2]any{10, r.hosts["kvm1"]}, [2]any{s.Status.SizeGiB, s.Status.Host})
	require.WithinDuration(t, time.Now(), *s.Status.CreatedAt, time.Minute)
	require.Equal(t, r.get("volume", "p", "books").ID, s.Spec.Volume, "by its id")
	require.EqualValues(t, 20, r.claimed("kvm1", "disk_gib"), "it takes room as its volume does")
	r.ready(r.make("snapshot", "p", "monday", `{"volume":"books"}`)) // the same again

	r.refused(resource.ReasonInvalid, "volume", "p", "small", `{"sizeGiB":9,"snapshot":"monday"}`)
	r.refused(resource.ReasonInvalid, "volume", "p", "both", `{"sizeGiB":10,"snapshot":"monday","image":"busybox"}`)
	r.refused(resource.ReasonInvalid, "volume", "p", "lost", `{"sizeGiB":10,"snapshot":"tuesday"}`)
	r.refused(resource.ReasonInvalid, "snapshot", "p", "lost", `{"volume":"none"}`)
	r.ready(r.make("volume", "p", "restored", `{"sizeGiB":12,"snapshot":"monday"}`))
	require.Equal(t, x.ID, r.site.asked[r.get("volume", "p", "restored").ID].Snapshot)
	r.refused(resource.ReasonInvalid, "volume", "p", "restored", `{"sizeGiB":12}`)

	r.ready(r.make("volume", "p", "other", `{"sizeGiB":1}`))
	p := r.refused(resource.ReasonInvalid, "snapshot", "p", "monday", `{"volume":"other"}`)
	require.Contains(t, p.Error(), "take another snapshot")
	_, err := r.Delete(t.Context(), resource.Request{Kind: "volume", Project: "p", ID: "books", Actor: admin})
	require.Equal(t, "monday", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	_, err = r.Delete(t.Context(), resource.Request{Kind: "host", ID: "kvm1", Actor: admin})
	r.problem(resource.ReasonInUse, err)

	r.remove("snapshot", "p", "monday") // on a host, the volume is a copy
	r.gone("snapshot", "p", "monday")
	grown := json.RawMessage(`{"sizeGiB":13,"snapshot":"` + x.ID + `"}`)
	r.ready(r.make("volume", "p", "restored", string(grown)))
	for _, v := range []string{"restored", "books", "other"} {
		r.remove("volume", "p", v)
		r.gone("volume", "p", v)
	}
	require.Zero(t, r.claimed("kvm1", "disk_gib"))
	r.exact()
}

func TestSnapshotGoesWhereItsVolumeIs(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":1,"host":"kvm2"}`))
	r.make("snapshot", "p", "monday", `{"volume":"books"}`)
	a := r.make("volume", "p", "restored", `{"sizeGiB":1,"snapshot":"monday"}`) // it may be asked for before it can begin
	require.Equal(t, []string{r.hosts["kvm2"]}, resource.Lookup(r.ready(a), "status.host"))
	p := r.refused(resource.ReasonInvalid, "volume", "p", "elsewhere", `{"sizeGiB":1,"snapshot":"monday","host":"kvm1"}`)
	require.Contains(t, p.Error(), "kvm2")
	r.ready(r.make("volume", "p", "there", `{"sizeGiB":1,"snapshot":"monday","host":"kvm2"}`))
}

func TestSnapshotThatIsGoneIsHeld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":1}`))
	x := r.ready(r.make("snapshot", "p", "monday", `{"volume":"books"}`))
	r.site.with(func() { clear(r.site.kept) })
	require.NoError(t, r.Touch(t.Context(), "snapshot", x.ID, "it is missing"))
	o := r.becomes("snapshot", "p", "monday", resource.PhaseDegraded)
	require.Equal(t, kinds.Held, o.Condition("Drift").Reason)
	require.NoError(t, r.Touch(t.Context(), "snapshot", x.ID, kinds.RepairCause+" by someone"))
	time.Sleep(300 * time.Millisecond)
	r.site.with(func() { require.Empty(t, r.site.kept, "another moment is not taken for the one that is lost") })
	r.remove("snapshot", "p", "monday")
	r.gone("snapshot", "p", "monday")
	r.exact()
}

func TestSnapshotOfARegionStaysUnderItsVolumes(t *testing.T) {
	t.Parallel()
	r, _, _ := newRegionRig(t)
	r.ready(r.make("volume", "p", "books", `{"sizeGiB":2,"host":"east"}`))
	r.ready(r.make("snapshot", "p", "monday", `{"volume":"books"}`))
	r.ready(r.make("volume", "p", "restored", `{"sizeGiB":2,"snapshot":"monday"}`))
	_, err := r.Delete(t.Context(), resource.Request{Kind: "snapshot", Project: "p", ID: "monday", Actor: admin})
	require.Equal(t, "restored", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	r.remove("volume", "p", "restored")
	r.gone("volume", "p", "restored")
	r.remove("snapshot", "p", "monday")
	r.gone("snapshot", "p", "monday")
	r.exact()
}
