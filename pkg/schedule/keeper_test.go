package schedule

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// TestTwoPlazads lets two plazads make a backup each night, on both databases: each run once, also when answers get lost, and
// nothing goes but what the schedule made.
func TestTwoPlazads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHall(t, db)
		v, err := h.make(t, "ann", "volume", "books", nil, volumeSpec{1})
		require.NoError(t, err)
		_, err = h.make(t, "ben", "backup", "mine", map[string]string{kindName: "nightly"}, backupSpec{v.ID})
		require.NoError(t, err)
		_, err = h.make(t, "ann", kindName, "nightly", nil, Spec{Cron: "30 3 * * *", Kind: "volume", Object: "books", Action: "backup", Keep: &Keep{Last: 2}})
		require.NoError(t, err)
		o := h.becomes(t, "nightly", 0, Waiting)
		require.Equal(t, at("2026-11-27T03:30:00Z"), *o.Status.Next)
		require.Equal(t, "ann", o.Spec.By.Name)

		var want []string
		for day := range 4 {
			h.mu.Lock()
			h.lose = day % 2
			h.mu.Unlock()
			h.set(t, "nightly", fmt.Sprintf("2026-11-%dT03:30:01Z", 27+day))
			o = h.becomes(t, "nightly", int64(day+1), Waiting)
			require.Equal(t, Run{Number: int64(day + 1), Due: at(fmt.Sprintf("2026-11-%dT03:30:00Z", 27+day)), Ended: o.Status.Last.Ended, By: "ann", State: Done, Objects: 1}, *o.Status.Last)
			want = append(want, fmt.Sprintf("nightly-books-202611%d-033000", 27+day))
			require.Equal(t, append([]string{"mine"}, want[max(0, day-1):]...), h.list(t, "backup"))
		}
		h.set(t, "nightly", "2026-11-30T02:30:00Z") // set back by an hour and a little
		h.set(t, "nightly", "2026-11-30T03:31:00Z")
		require.Equal(t, int64(4), h.becomes(t, "nightly", 4, Waiting).Status.Number)
		h.mu.Lock()
		require.Len(t, h.made, 5, "four, and somebody's own")
		h.mu.Unlock()
		h.suspended(t)
		h.outage(t)
		h.lostRight(t)
		h.asked(t)

		_, err = h.plazas[0].Delete(t.Context(), resource.Request{Kind: kindName, Project: h.shop, ID: "nightly", Actor: h.who["ben"]})
		require.NoError(t, err)
		require.Eventually(t, func() bool { return len(h.list(t, kindName)) == 0 }, time.Minute, 20*time.Millisecond)
		require.Len(t, h.list(t, "backup"), 3, "what it made stays")
		differences, err := h.plazas[0].Recount(t.Context())
		require.NoError(t, err)
		require.Empty(t, differences)
	})
}

// suspended makes runs fail as long as the project is, and stops nothing.
func (h *hall) suspended(t *testing.T) {
	people, shut := h.plazas[0].people, true
	_, err := people.UpdateNode(t.Context(), resource.System("test"), h.shop, tenancy.NodeChange{Suspended: &shut})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return resource.ReasonOf(h.plazas[1].people.Authorize(t.Context(), h.who["ann"], "create", "backup", h.shop)) == resource.ReasonForbidden
	}, time.Minute, 20*time.Millisecond)
	h.set(t, "nightly", "2026-12-01T03:30:00Z")
	require.Contains(t, h.becomes(t, "nightly", 5, Waiting).Status.Last.Message, "is suspended")
	shut = false
	_, err = people.UpdateNode(t.Context(), resource.System("test"), h.shop, tenancy.NodeChange{Suspended: &shut})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return h.plazas[1].people.Authorize(t.Context(), h.who["ann"], "create", "backup", h.shop) == nil
	}, time.Minute, 20*time.Millisecond)
}

// outage misses runs, and makes up for them by one when it is to.
func (h *hall) outage(t *testing.T) {
	h.set(t, "nightly", "2026-12-05T12:00:00Z")
	require.Eventually(t, func() bool { return h.schedule(t, "nightly").Status.Last.State == Missed }, time.Minute, 20*time.Millisecond)
	o := h.becomes(t, "nightly", 5, Waiting)
	require.Equal(t, "the runs from 2026-12-02T03:30:00Z to 2026-12-05T03:30:00Z were missed", o.Status.Last.Message)
	require.Equal(t, at("2026-12-06T03:30:00Z"), *o.Status.Next)
	_, err := h.make(t, "ann", kindName, "nightly", nil, Spec{Cron: "30 3 * * *", Kind: "volume", Object: "books", Action: "backup", Keep: &Keep{Last: 2}, Missed: "once"})
	require.NoError(t, err)
	h.becomes(t, "nightly", 5, Waiting)
	h.set(t, "nightly", "2026-12-09T12:00:00Z")
	o = h.becomes(t, "nightly", 6, Waiting)
	require.Equal(t, at("2026-12-09T03:30:00Z"), o.Status.Last.Due)
}

// lostRight stops a schedule whose maker may not do any more what it does, until somebody takes it over who may.
func (h *hall) lostRight(t *testing.T) {
	require.NoError(t, h.plazas[0].people.Unbind(t.Context(), resource.System("test"), h.bound["ann"]))
	require.Eventually(t, func() bool { // the other plazad learns of it in seconds
		return h.plazas[1].people.Authorize(t.Context(), h.who["ann"], "create", "backup", h.shop) != nil
	}, time.Minute, 20*time.Millisecond)
	h.set(t, "nightly", "2026-12-10T03:30:00Z")
	o := h.becomes(t, "nightly", 7, Stopped)
	require.Equal(t, resource.PhaseFailed, o.Phase)
	require.Contains(t, o.Condition("Ready").Message, "ann")
	require.Equal(t, string(resource.ReasonForbidden), o.Condition("Ready").Reason)
	h.set(t, "nightly", "2026-12-11T03:30:00Z")
	refused(t, h.act(t, "rita", "nightly", "enable"), resource.ReasonForbidden, "")
	refused(t, h.act(t, "otto", "nightly", "enable"), resource.ReasonForbidden, "create backup") // an operator acts, but makes nothing
	require.NoError(t, h.act(t, "ben", "nightly", "enable"))
	o = h.becomes(t, "nightly", 7, Waiting)
	require.Equal(t, "ben", o.Spec.By.Name)
	h.set(t, "nightly", "2026-12-12T03:30:00Z")
	require.Equal(t, "ben", h.becomes(t, "nightly", 8, Waiting).Status.Last.By)
	var verbs []string
	list, err := h.plazas[0].View(resource.Everything).History(t.Context(), o.ID, "", 100)
	require.NoError(t, err)
	for _, a := range list {
		verbs = append(verbs, a.Actor+" "+a.Verb)
	}
	for _, want := range []string{"ann create", "ann update", "ben enable", "system:reconciler run", "system:reconciler miss"} {
		require.Contains(t, verbs, want)
	}
}

// asked is a run that somebody asks for, also of a schedule that is disabled, and one that fails removes nothing.
func (h *hall) asked(t *testing.T) {
	refused(t, h.act(t, "rita", "nightly", "run"), resource.ReasonForbidden, "")
	require.NoError(t, h.act(t, "ben", "nightly", "disable"))
	h.set(t, "nightly", "2026-12-20T12:00:00Z")
	require.Nil(t, h.becomes(t, "nightly", 8, Disabled).Status.Next)
	before := h.list(t, "backup")
	h.mu.Lock()
	h.fails = true
	h.mu.Unlock()
	require.NoError(t, h.act(t, "ben", "nightly", "run"))
	o := h.becomes(t, "nightly", 9, Disabled)
	require.Equal(t, Failed, o.Status.Last.State)
	require.Contains(t, o.Status.Last.Message, "is broken")
	require.Subset(t, h.list(t, "backup"), before)
	h.mu.Lock()
	h.fails = false
	h.mu.Unlock()
	h.set(t, "nightly", "2026-12-20T12:00:10Z")
	require.NoError(t, h.act(t, "ben", "nightly", "run"))
	o = h.becomes(t, "nightly", 10, Disabled)
	require.Equal(t, []State{Done, Failed}, []State{o.Status.Runs[0].State, o.Status.Runs[1].State})
	require.Equal(t, []string{"mine", "nightly-books-20261212-033000", "nightly-books-20261220-120010"}, h.list(t, "backup"), "the one that failed went")
	require.Len(t, o.Status.Kept, 2)
}

// TestManyObjects acts on all that a selector finds, in several passes, and keeps what is within an object.
func TestManyObjects(t *testing.T) {
	t.Parallel()
	h := newHall(t, storetest.Open(t, store.SQLite))
	for i := range 2*together + 5 {
		_, err := h.make(t, "ann", "server", fmt.Sprintf("till-%d", i), map[string]string{"use": "till"}, machineSpec{Power: "running"})
		require.NoError(t, err)
	}
	_, err := h.make(t, "ann", "server", "web", nil, machineSpec{Power: "running", Snapshots: []string{"mine"}})
	require.NoError(t, err)
	for name, s := range map[string]Spec{"closing": {Every: "1h", Kind: "server", Selector: map[string]string{"use": "till"}, Action: "stop"},
		"hourly": {Every: "1h", Kind: "server", Object: "web", Action: "snapshot", Keep: &Keep{Last: 2}}} {
		_, err := h.make(t, "ann", kindName, name, nil, s)
		require.NoError(t, err)
		h.becomes(t, name, 0, Waiting)
	}
	h.set(t, "closing", "2026-11-27T01:00:00Z")
	o := h.becomes(t, "closing", 1, Waiting)
	require.Equal(t, Run{Number: 1, Due: at("2026-11-27T01:00:00Z"), Ended: o.Status.Last.Ended, By: "ann", State: Done, Objects: 2*together + 5}, *o.Status.Last)
	page, err := h.plazas[0].View(resource.Everything).List(t.Context(), resource.Query{Kind: "server", Project: h.shop})
	require.NoError(t, err)
	for _, raw := range page.Items {
		require.Equal(t, raw.Name == "web", resource.Lookup(raw, "spec.power")[0] == "running", raw.Name)
	}
	for i := range int64(4) {
		h.set(t, "hourly", fmt.Sprintf("2026-11-27T0%d:00:00Z", 1+i))
		h.becomes(t, "hourly", i+1, Waiting)
	}
	i := slices.IndexFunc(page.Items, func(r resource.Raw) bool { return r.Name == "web" })
	web, err := h.plazas[0].View(resource.Everything).Get(t.Context(), "server", h.shop, page.Items[i].ID)
	require.NoError(t, err)
	require.Equal(t, []string{"mine", "hourly-20261127-030000", "hourly-20261127-040000"}, resource.Lookup(web, "spec.snapshots"))
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newHall(t, storetest.Open(t, store.SQLite))
	_, err := h.make(t, "ann", "volume", "books", nil, volumeSpec{1})
	require.NoError(t, err)
	good := Spec{Every: "1h", Kind: "volume", Object: "books", Action: "backup"}
	for _, c := range []struct {
		change func(*Spec)
		says   string
	}{
		{func(s *Spec) { s.Every = "1s" }, "spec.every"},
		{func(s *Spec) { s.Object = "" }, "either object or selector"},
		{func(s *Spec) { s.Selector = map[string]string{"a": "b"} }, "either object or selector"},
		{func(s *Spec) { s.Object = "journals" }, "there is no volume of that name"},
		{func(s *Spec) { s.Kind = "planet" }, "spec.kind"},
		{func(s *Spec) { s.Kind = kindName }, "spec.kind"},
		{func(s *Spec) { s.Kind = "volumes" }, "spec.kind"},
		{func(s *Spec) { s.Action = "delete" }, "is none of a volume's: backup, snapshot"},
		{func(s *Spec) { s.Action = "snapshot" }, "needs the kind snapshot"},
		{func(s *Spec) { s.Keep = &Keep{} }, "keeps none"},
		{func(s *Spec) { s.Input = []byte(`{"name":"x"}`) }, "the schedule gives the name"},
		{func(s *Spec) { s.Kind, s.Action, s.Keep = "server", "stop", &Keep{Last: 1} }, "for backup and snapshot alone"},
	} {
		s := good
		c.change(&s)
		_, err := h.make(t, "ann", kindName, "wrong", nil, s)
		refused(t, err, resource.ReasonInvalid, c.says)
	}
	_, err = h.make(t, "rita", kindName, "wrong", nil, good)
	refused(t, err, resource.ReasonForbidden, "")
	h.who["nobody"] = resource.System("bundle")
	_, err = h.make(t, "nobody", kindName, "wrong", nil, good)
	refused(t, err, resource.ReasonForbidden, "in somebody's name")

	// Who says what is done does it in their name; what is stated about that is not heeded.
	forged := good
	forged.By = Party{ID: h.who["ann"].ID, Name: "ann", At: h.clock()}
	o, err := h.make(t, "ben", kindName, "hourly", nil, forged)
	require.NoError(t, err)
	require.Equal(t, []string{"ben"}, resource.Lookup(o, "spec.by.name"))
	same, err := h.make(t, "ann", kindName, "hourly", nil, forged)
	require.NoError(t, err)
	require.Equal(t, []string{"ben"}, resource.Lookup(same, "spec.by.name"), "nothing changed")
	forged.Every = "2h"
	o, err = h.make(t, "ann", kindName, "hourly", nil, forged)
	require.NoError(t, err)
	require.Equal(t, []string{"ann"}, resource.Lookup(o, "spec.by.name"))
}
