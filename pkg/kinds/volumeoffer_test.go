package kinds_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func (s *site) TransferableVolume(_ context.Context, host, id string) error {
	return s.call("TransferableVolume", host, func() error { return nil })
}

func (s *site) TransferVolume(_ context.Context, host, id, project string) error {
	return s.call("TransferVolume", host, func() error {
		v := s.asked[id]
		v.Project = project
		s.asked[id] = v
		return nil
	})
}

var taker = resource.Actor{ID: "bob", Name: "bob", Scope: resource.Within("q")}

func onBothOffers(t *testing.T, f func(r *rig)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRigOn(t, db, kinds.Backends{})
		r.ready(r.make("storagetier", "", "safe", `{"encrypted":true}`))
		r.ready(r.make("volume", "p", "books", `{"sizeGiB":3,"tier":"safe"}`))
		f(r)
		r.exact()
	})
}

// offer is the verb of a volume.
func (r *rig) offer(to, secret string) resource.Raw {
	r.t.Helper()
	spec := map[string]string{"volume": "books", "to": to}
	if secret != "" {
		spec["digest"] = kinds.SecretDigest(secret)
	}
	text, err := json.Marshal(spec)
	require.NoError(r.t, err)
	a, err := r.Apply(r.t.Context(), resource.Request{Kind: "volumeoffer", Project: "p", Name: "books", Verb: kinds.VerbOffer, Mode: resource.CreateOnly, Spec: text, Actor: admin})
	require.NoError(r.t, err)
	return r.ready(a)
}

func (r *rig) accept(offer, project, secret, name string) (resource.Applied, error) {
	who := taker
	who.Scope = resource.Within(project)
	return kinds.AcceptVolume(r.t.Context(), r.Store, kinds.Acceptance{Offer: offer, Project: project, Secret: secret, Name: name, Actor: who})
}

func TestVolumeIsHandedOver(t *testing.T) {
	onBothOffers(t, func(r *rig) {
		t, v := r.t, r.volume("books")
		key := r.askedKey(v.ID)
		require.Equal(t, "p", v.Status.KeptFor)
		o := r.offer("", "open sesame")
		require.NotContains(t, string(o.Spec), "digest", "nobody reads it")
		for _, wrong := range []struct{ project, secret string }{{"q", ""}, {"q", "open"}, {"p", "open sesame"}} {
			_, err := r.accept(o.ID, wrong.project, wrong.secret, "")
			r.problem(resource.ReasonNotFound, err)
		}
		require.NoError(t, r.SetQuota(t.Context(), admin, "q", "volume_gib", resource.Hard(2)))
		_, err := r.accept(o.ID, "q", "open sesame", "")
		require.Contains(t, r.problem(resource.ReasonQuotaExceeded, err).Error(), "volume_gib")
		require.EqualValues(t, 3, r.quota("p", "volume_gib"), "nothing has moved")
		require.NoError(t, r.SetQuota(t.Context(), admin, "q", "volume_gib", resource.Hard(6)))
		r.ready(r.make("volume", "q", "books", `{"sizeGiB":1}`))
		_, err = r.accept(o.ID, "q", "open sesame", "")
		require.Contains(t, r.problem(resource.ReasonAlreadyExists, err).Hint, "another name")

		a, err := r.accept(o.ID, "q", "open sesame", "theirs")
		require.NoError(t, err)
		moved := r.ready(a)
		require.Equal(t, []string{"q", "theirs", v.ID}, []string{moved.Project, moved.Name, moved.ID})
		require.Equal(t, []string{"q"}, resource.Lookup(moved, "status.keptFor"))
		require.Equal(t, key, r.askedKey(v.ID), "its key goes along")
		r.site.with(func() { require.Equal(t, "q", r.site.asked[v.ID].Project) })
		for metric, n := range map[string][2]int64{"volumes": {0, 2}, "volume_gib": {0, 4}, "volume_gib:safe": {0, 3}, "volume_offers": {0, 0}} {
			require.Equal(t, [2]int64{r.quota("p", metric), r.quota("q", metric)}, n, metric)
		}
		_, err = r.View(resource.Within("p")).Get(t.Context(), "volume", "", v.ID)
		r.problem(resource.ReasonNotFound, err)
		for project, verb := range map[string]string{"p": "handed-over", "q": "accept"} {
			rows, err := r.View(resource.Within(project)).History(t.Context(), v.ID, "", 50)
			require.NoError(t, err)
			require.Equal(t, verb, rows[0].Verb, project)
			require.Equal(t, "bob", rows[0].Actor)
		}
		_, err = r.accept(o.ID, "q", "open sesame", "again")
		r.problem(resource.ReasonNotFound, err)
		r.remove("volume", "q", "theirs")
		r.gone("volume", "q", "theirs")
	})
}

func TestVolumeThatIsNeededIsNotHandedOver(t *testing.T) {
	onBothOffers(t, func(r *rig) {
		t := r.t
		refused := func(reason resource.Reason, words string) {
			t.Helper()
			p := r.refused(reason, "volumeoffer", "p", "x", `{"volume":"books","to":"q"}`)
			require.Contains(t, p.Error(), words)
		}
		r.refused(resource.ReasonInvalid, "volumeoffer", "p", "x", `{"volume":"books"}`)
		r.refused(resource.ReasonInvalid, "volumeoffer", "p", "x", `{"volume":"books","to":"p"}`)
		r.refused(resource.ReasonInvalid, "volumeoffer", "p", "x", `{"volume":"books","to":"q","expiresAt":"2020-01-01T00:00:00Z"}`)
		r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["books"]}`))
		refused(resource.ReasonInUse, "in use")
		r.ready(r.make("server", "p", "web", serverSpec))
		r.ready(r.make("snapshot", "p", "evening", `{"volume":"books"}`))
		refused(resource.ReasonInUse, "in use")
		r.remove("snapshot", "p", "evening")
		r.gone("snapshot", "p", "evening")
		r.ready(r.make("backup", "p", "night", `{"volume":"books"}`)) // that stays
		o := r.offer("q", "")
		p := r.refused(resource.ReasonConflict, "volumeoffer", "p", "second", `{"volume":"books","to":"q"}`)
		require.Contains(t, p.Error(), "is offered already")
		_, err := r.Delete(t.Context(), resource.Request{Kind: "volume", Project: "p", ID: "books", Actor: admin})
		r.problem(resource.ReasonInUse, err)
		list, err := kinds.ReceivedOffers(t.Context(), r.Store, "q")
		require.NoError(t, err)
		require.Equal(t, []kinds.ReceivedOffer{{ID: o.ID, Volume: "books", SizeGiB: 3, Tier: "safe", Encrypted: true, By: admin.Name, ExpiresAt: list[0].ExpiresAt}}, list)
		other, err := kinds.ReceivedOffers(t.Context(), r.Store, "z")
		require.NoError(t, err)
		require.Empty(t, other)
		_, err = r.accept(o.ID, "z", "", "")
		r.problem(resource.ReasonNotFound, err)
		r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["books"]}`))
		_, err = r.accept(o.ID, "q", "", "")
		require.NotContains(t, r.problem(resource.ReasonConflict, err).Error(), "web", "what the giver does with it is theirs to know")
		require.EqualValues(t, 3, r.quota("p", "volume_gib"))
		r.ready(r.make("server", "p", "web", serverSpec))
		r.eventually("it is free again", func() bool { a, err := r.accept(o.ID, "q", "", ""); return err == nil && a.Changed })
		r.ready(r.make("backup", "p", "night", `{"volume":"books"}`))
	})
}

func TestOfferThePlaceCanNotKeepIsNoneAndOneThatIsOverGoes(t *testing.T) {
	onBothOffers(t, func(r *rig) {
		t := r.t
		r.site.setFault(func(_ int, method, _ string) error {
			if method == "TransferableVolume" {
				return provider.Errorf(provider.ReasonUnsupported, "", "Cinder 3.59 does not hand its key to another project")
			}
			return nil
		})
		a := r.make("volumeoffer", "p", "books", `{"volume":"books","to":"q"}`)
		o := r.becomes("volumeoffer", "p", "books", resource.PhaseFailed)
		require.Contains(t, o.Condition("Ready").Message, "Cinder 3.59")
		_, err := r.accept(a.Object.ID, "q", "", "")
		r.problem(resource.ReasonConflict, err)
		r.site.setFault(nil)
		r.remove("volumeoffer", "p", "books")
		r.gone("volumeoffer", "p", "books")
		at := time.Now().UTC().Add(2 * time.Second).Format(time.RFC3339Nano)
		a = r.make("volumeoffer", "p", "books", `{"volume":"books","to":"q","expiresAt":"`+at+`"}`)
		r.gone("volumeoffer", "p", "books")
		_, err = r.accept(a.Object.ID, "q", "", "")
		r.problem(resource.ReasonNotFound, err)
	})
}

// TestOnlyOneTakesAnOffer lets two projects accept, and the giver take back, attach or snapshot, in the same moment.
func TestOnlyOneTakesAnOffer(t *testing.T) {
	onBothOffers(t, func(r *rig) {
		t, id := r.t, r.volume("books").ID

		for round := range 6 {
			o := r.offer("", "s")
			rivals := []func() bool{
				func() bool { _, err := r.accept(o.ID, "q", "s", ""); return err == nil },
				func() bool { _, err := r.accept(o.ID, "z", "s", ""); return err == nil },
				func() bool {
					_, err := r.Delete(t.Context(), resource.Request{Kind: "volumeoffer", Project: "p", ID: o.ID, Actor: admin})
					return err == nil
				},
			}
			if round%2 == 1 {
				rivals[2] = func() bool {
					_, err := r.apply("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["`+id+`"]}`)
					return err == nil
				}
			}
			won := make([]bool, len(rivals))
			var all sync.WaitGroup
			for i, f := range rivals {
				all.Go(func() { won[i] = f() })
			}
			all.Wait()
			count := 0
			for _, w := range won {
				if w {
					count++
				}
			}
			require.Equal(t, 1, count, "round %d: %v", round, won)
			v := r.get("volume", "", id)
			owner := map[bool]string{true: v.Project, false: "p"}[won[0] || won[1]]
			require.Equal(t, owner, v.Project)
			for _, project := range []string{"p", "q", "z"} {
				require.EqualValues(t, map[bool]int64{true: 3}[project == owner], r.quota(project, "volume_gib"), project)
			}
			r.exact()
			r.home(o.ID, id, owner)
		}
	})
}

// home brings the volume back to project p, for another round.
func (r *rig) home(offer, id, owner string) {
	r.t.Helper()
	if _, err := r.View(resource.Everything).Get(r.t.Context(), "server", "p", "web"); err == nil {
		r.remove("server", "p", "web")
		r.gone("server", "p", "web")
	}
	if _, err := r.Delete(r.t.Context(), resource.Request{Kind: "volumeoffer", ID: offer, Actor: admin}); err == nil {
		r.gone("volumeoffer", "", offer)
	}
	if owner == "p" {
		r.eventually("it is free", func() bool {
			v := r.get("volume", "", id)
			return v.Settled() && len(resource.Lookup(v, "status.attachedTo")) == 0
		})
		return
	}
	r.eventually("it has arrived", func() bool { v := r.get("volume", "", id); return v.Settled() })
	a, err := r.Apply(r.t.Context(), resource.Request{Kind: "volumeoffer", Project: owner, Name: "back", Spec: json.RawMessage(`{"volume":"` + id + `","to":"p"}`), Actor: admin})
	require.NoError(r.t, err)
	r.ready(a)
	a, err = r.accept(a.Object.ID, "p", "", "")
	require.NoError(r.t, err)
	r.ready(a)
}
