package resource_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

type noteSpec struct {
	Text string `json:"text"`
}

type noteStatus struct {
	Tally resource.Tally `json:"tally"`
}

// notes is a store with one versioned kind, of which three versions are kept.
func notes(t *testing.T, db *store.DB) *resource.Store {
	t.Helper()
	reg := resource.NewRegistry()
	resource.Register(reg, resource.Kind[noteSpec, noteStatus]{Name: "note", Plural: "notes", Doc: "A note.",
		Versions: &resource.Versions[noteSpec, noteStatus]{Keep: 3,
			Describe: func(s noteSpec) (string, string) { return "hash of " + s.Text, s.Text },
			Tally:    func(o *resource.Object[noteSpec, noteStatus], t resource.Tally) { o.Status.Tally = t }}})
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	s := resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer})
	t.Cleanup(s.Close)
	return s
}

func eachNotes(t *testing.T, f func(t *testing.T, s *resource.Store)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, notes(t, db)) })
}

var author = resource.Actor{ID: "a", Name: "ann", Scope: resource.Within("p")}

func note(t *testing.T, s *resource.Store, text string) resource.Raw {
	t.Helper()
	spec, err := json.Marshal(noteSpec{text})
	require.NoError(t, err)
	a, err := s.Apply(t.Context(), resource.Request{Kind: "note", Project: "p", Name: "n", Spec: spec, Actor: author})
	require.NoError(t, err)
	return a.Object
}

func numbers(list []resource.Version) (out []int64) {
	for _, v := range list {
		out = append(out, v.Version)
	}
	return out
}

func TestVersionsAreKept(t *testing.T) {
	eachNotes(t, func(t *testing.T, s *resource.Store) {
		o := note(t, s, "one")
		note(t, s, "two")
		note(t, s, "two")
		view := s.View(resource.Within("p"))
		list, err := view.Versions(t.Context(), "note", o.ID)
		require.NoError(t, err)
		require.Equal(t, []int64{2, 1}, numbers(list), "the same again is no version")
		require.Equal(t, "ann", list[1].Author)
		require.Equal(t, "create", list[1].Verb)
		require.Equal(t, "update", list[0].Verb)
		require.Equal(t, "hash of two", list[0].Hash)
		require.Equal(t, "two", list[0].Comment)
		require.NotNil(t, list[0].At)
		require.Empty(t, list[0].Spec)

		v, err := view.Version(t.Context(), "note", o.ID, 1)
		require.NoError(t, err)
		require.JSONEq(t, `{"text":"one"}`, string(v.Spec))
		for _, text := range []string{"three", "four", "five"} {
			note(t, s, text)
		}
		list, err = view.Versions(t.Context(), "note", o.ID)
		require.NoError(t, err)
		require.Equal(t, []int64{5, 4, 3}, numbers(list), "the newest are kept")
		_, err = view.Version(t.Context(), "note", o.ID, 1)
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
		v, err = view.Version(t.Context(), "note", o.ID, 0)
		require.NoError(t, err)
		require.EqualValues(t, 5, v.Version)

		// Who sees other projects only sees none of it.
		foreign := s.View(resource.Within("q"))
		list, err = foreign.Versions(t.Context(), "note", o.ID)
		require.NoError(t, err)
		require.Empty(t, list)
		_, err = foreign.Version(t.Context(), "note", o.ID, 5)
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
		_, err = foreign.Subscribers(t.Context(), "note", o.ID)
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))

		_, err = s.Delete(t.Context(), resource.Request{Kind: "note", ID: o.ID, Actor: author})
		require.NoError(t, err)
		n, err := s.DB().Read.NewSelect().Table("object_versions").Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "versions go with their object")
	})
}

// A version is there exactly when the change is: what the transaction refuses leaves neither.
func TestVersionsAreOfOneTransaction(t *testing.T) {
	eachNotes(t, func(t *testing.T, s *resource.Store) {
		o := note(t, s, "one")
		_, err := s.DB().Write.ExecContext(t.Context(), "INSERT INTO object_versions (object_id, version, hash, verb, author, at, spec) VALUES (?, 2, '', '', '', '2026-01-01 00:00:00+00:00', '{}')", o.ID)
		require.NoError(t, err)
		_, err = s.Apply(t.Context(), resource.Request{Kind: "note", ID: o.ID, Spec: json.RawMessage(`{"text":"two"}`), Actor: author, Mode: resource.UpdateOnly})
		require.Error(t, err, "the version's number is taken")
		now, err := s.View(resource.Everything).Get(t.Context(), "note", "p", "n")
		require.NoError(t, err)
		require.EqualValues(t, 1, now.Generation)
		require.JSONEq(t, `{"text":"one"}`, string(now.Spec))
	})
}

func TestVersionsOfManyWriters(t *testing.T) {
	eachNotes(t, func(t *testing.T, s *resource.Store) {
		o := note(t, s, "begin")
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				spec := json.RawMessage(fmt.Sprintf(`{"text":"%d"}`, i))
				_, err := s.Apply(context.Background(), resource.Request{Kind: "note", ID: o.ID, Spec: spec, Actor: author, Mode: resource.UpdateOnly})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := s.View(resource.Everything).Versions(t.Context(), "note", o.ID)
		require.NoError(t, err)
		require.Equal(t, []int64{21, 20, 19}, numbers(list), "no number is left out or used twice")
	})
}

func TestAcknowledgements(t *testing.T) {
	eachNotes(t, func(t *testing.T, s *resource.Store) {
		o := note(t, s, "one")
		note(t, s, "two")
		ack := func(name string, version int64, state resource.AckState, why string) error {
			return s.Acknowledge(t.Context(), author, "note", o.ID, resource.Ack{Subscriber: name, Version: version, State: state, Reason: why})
		}
		require.NoError(t, ack("a", 1, resource.AckApplied, ""))
		require.NoError(t, ack("b", 2, resource.AckApplied, ""))
		require.NoError(t, ack("a", 2, resource.AckRefused, "no such node"))
		require.NoError(t, ack("b", 1, resource.AckApplied, ""), "what comes late")
		list, err := s.View(resource.Within("p")).Subscribers(t.Context(), "note", o.ID)
		require.NoError(t, err)
		require.Len(t, list, 2)
		a, b := list[0], list[1]
		require.Equal(t, "no such node", a.Reason)
		require.Equal(t, []any{"a", int64(2), resource.AckRefused, int64(1), int64(1), "ann"}, []any{a.Name, a.Version, a.State, a.Applied, a.Lag, a.Actor})
		require.Equal(t, []any{"b", int64(2), resource.AckApplied, int64(2), int64(0)}, []any{b.Name, b.Version, b.State, b.Applied, b.Lag})

		got, err := s.View(resource.Everything).Get(t.Context(), "note", "p", "n")
		require.NoError(t, err)
		version := got.Version
		require.NoError(t, s.View(resource.Everything).Tally(t.Context(), "note", &got))
		require.JSONEq(t, `{"tally":{"Subscribers":2,"Applied":1,"Refused":1}}`, string(got.Status))
		require.EqualValues(t, 2, version, "acknowledgements do not write the object")

		for _, err := range []error{ack("", 1, resource.AckApplied, ""), ack("a b", 1, resource.AckApplied, ""), ack(strings.Repeat("x", 129), 1, resource.AckApplied, ""),
			ack("a", 3, resource.AckApplied, ""), ack("a", 0, resource.AckApplied, ""), ack("a", 1, "maybe", ""), ack("a", 1, resource.AckRefused, strings.Repeat("x", 1025)), ack("a", 1, resource.AckRefused, "a\x00b")} {
			require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err))
		}
		stranger := resource.Actor{ID: "z", Name: "zoe", Scope: resource.Within("q")}
		err = s.Acknowledge(t.Context(), stranger, "note", o.ID, resource.Ack{Subscriber: "z", Version: 1, State: resource.AckApplied})
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
	})
}

// Subscribers are bounded; those not heard of for long make room.
func TestSubscribersAreBounded(t *testing.T) {
	eachNotes(t, func(t *testing.T, s *resource.Store) {
		o := note(t, s, "one")
		fill := "INSERT INTO subscribers (object_id, name, version, state, actor, seen_at) VALUES (?, ?, 1, 'applied', '', ?)"
		old := "2026-01-01 00:00:00+00:00"
		for i := range resource.MaxSubscribers {
			at := "2999-01-01 00:00:00+00:00"
			if i == 0 {
				at = old
			}
			_, err := s.DB().Write.ExecContext(t.Context(), fill, o.ID, fmt.Sprintf("s%d", i), at)
			require.NoError(t, err)
		}
		ack := func(name string) error {
			return s.Acknowledge(t.Context(), author, "note", o.ID, resource.Ack{Subscriber: name, Version: 1, State: resource.AckApplied})
		}
		require.NoError(t, ack("s5"), "who is known fits")
		require.NoError(t, ack("new"), "s0 makes room")
		require.Equal(t, resource.ReasonConflict, resource.ReasonOf(ack("newer")))
		list, err := s.View(resource.Everything).Subscribers(t.Context(), "note", o.ID)
		require.NoError(t, err)
		require.Len(t, list, resource.MaxSubscribers)
	})
}
