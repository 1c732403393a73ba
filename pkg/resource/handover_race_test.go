package resource_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// Of many who come at once with the same offer, on two nodes, one gets it.
func TestOnlyOneTakes(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		other := operationtest.New(t, m.DB(), operationtest.Options{Idle: true, Node: "n2", Tree: tenancy.New(m.DB(), nil)})
		m.open(other)
		projects := []string{"group/north/b", "group/south/a", "group/south/b"}
		for round := range 5 {
			box := m.boxOf(t, "group/north/a", fmt.Sprint("box-", round), 6)
			offer := m.offerOf(t, box)
			won := make([]string, 12)
			var wg sync.WaitGroup
			for i := range won {
				wg.Go(func() {
					h := m.taking(box, offer, projects[i%3])
					a, err := []*operationtest.Plant{m.Plant, other}[i%2].HandOver(context.Background(), h)
					switch resource.ReasonOf(err) {
					case "":
						won[i] = a.Object.Project
					case resource.ReasonNotFound:
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			winner := strings.Join(won, "")
			require.Len(t, winner, 36, "one of them: %v", won)
			require.Equal(t, winner, m.Object(t, "box", box.ID).Project)
			m.sound(t)
		}
	})
}

// A request that is repeated, also at the same time, is answered with what it did; the offer is gone then.
func TestAHandoverIsRepeated(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		box := m.boxOf(t, "group/north/a", "one", 6)
		h := m.taking(box, m.offerOf(t, box), "group/south/a")
		h.IdempotencyKey, h.IdempotencyHash = "k", "h"
		got, errs := make([]resource.Applied, 10), make([]error, 10)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i], errs[i] = m.HandOver(context.Background(), h) })
		}
		wg.Wait()
		first := 0
		for i, a := range got {
			require.NoError(t, errs[i])
			require.Equal(t, []string{box.ID, h.To}, []string{a.Object.ID, a.Object.Project})
			require.Equal(t, got[0].Operation.ID, a.Operation.ID)
			if !a.Replayed {
				first++
			}
		}
		require.Equal(t, 1, first)
		rows := census(t, m.DB())
		again, err := m.HandOver(t.Context(), h)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, rows, census(t, m.DB()))
		h.IdempotencyHash = "another"
		_, err = m.HandOver(t.Context(), h)
		reason(t, resource.ReasonInvalid, err)
		h.IdempotencyKey = "new"
		_, err = m.HandOver(t.Context(), h)
		reason(t, resource.ReasonNotFound, err)
	})
}

// What relies on an object is written while that is in its project, or not at all.
func TestWhatReliesOnAnObjectThatGoes(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		box := m.boxOf(t, "group/north/a", "one", 6)
		kept := m.boxOf(t, "group/north/a", "kept", 1)
		other := m.Must(t, m.lidFor("group/north/a", "other", kept.ID)).Object
		offer := m.offerOf(t, box)
		goes := sync.OnceFunc(func() {
			_, err := m.HandOver(t.Context(), m.taking(box, offer, "group/south/a"))
			require.NoError(t, err)
		})
		m.admitted = goes
		change := m.lidFor("group/north/a", "other", box.ID)
		change.Version = other.Version
		_, err := m.Apply(t.Context(), change)
		p := reason(t, resource.ReasonStale, err)
		require.Equal(t, "box one went in the same moment", p.Detail)
		require.NotEmpty(t, p.Hint)
		require.Equal(t, other.Version, m.Object(t, "lid", other.ID).Version)

		// Without a version it is tried again, and the box is not found.
		second := m.boxOf(t, "group/north/a", "two", 6)
		offer = m.offerOf(t, second)
		tries := 0
		m.admitted = func() {
			if tries++; tries == 1 {
				_, err := m.HandOver(t.Context(), m.taking(second, offer, "group/south/a"))
				require.NoError(t, err)
			}
		}
		_, err = m.Apply(t.Context(), m.lidFor("group/north/a", "new", second.ID))
		reason(t, resource.ReasonInvalid, err)
		require.Equal(t, 1, tries)
		_, err = m.View.Get(t.Context(), "lid", box.Project, "new")
		reason(t, resource.ReasonNotFound, err)
	})
}

// Who comes while an object is being handed over waits for how that ends.
func TestWhatReliesOnAnObjectWaits(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for _, refused := range []bool{true, false} {
			box := m.boxOf(t, "group/north/a", fmt.Sprint("box-", refused), 6)
			h := m.taking(box, m.offerOf(t, box), "group/south/a")
			asked, told, admitted := make(chan struct{}), make(chan struct{}), make(chan struct{})
			h.Refuse = func(context.Context, resource.Reader, resource.Raw) error {
				close(asked)
				<-told
				if refused {
					return resource.Problemf(resource.ReasonConflict, "box", "wait", "not now")
				}
				return nil
			}
			m.admitted = sync.OnceFunc(func() { close(admitted) })
			given, put := make(chan error, 1), make(chan error, 1)
			go func() { _, err := m.HandOver(context.Background(), h); given <- err }()
			<-asked
			go func() {
				_, err := m.Apply(context.Background(), m.lidFor("group/north/a", "lid", box.ID))
				put <- err
			}()
			<-admitted
			select {
			case err := <-put:
				require.Fail(t, "it did not wait", "%v", err)
			case <-time.After(100 * time.Millisecond):
			}
			close(told)
			if refused {
				reason(t, resource.ReasonConflict, <-given)
				require.NoError(t, <-put)
				l, err := m.View.Get(t.Context(), "lid", box.Project, "lid")
				require.NoError(t, err)
				m.Drop(t, "lid", l.ID)
			} else {
				require.NoError(t, <-given)
				reason(t, resource.ReasonInvalid, <-put)
			}
			m.sound(t)
		}
	})
}

// However a handover and a lid come together: never is one here and the other there.
func TestHandoversAndWhatReliesRace(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var went, stayed atomic.Int64
		for round := range 20 {
			box := m.boxOf(t, "group/north/a", fmt.Sprint("box-", round), 1)
			h := m.taking(box, m.offerOf(t, box), "group/south/a")
			var wg sync.WaitGroup
			var given, put error
			wg.Go(func() { _, given = m.HandOver(context.Background(), h) })
			wg.Go(func() {
				time.Sleep(time.Duration(round%5) * time.Millisecond / 2)
				_, put = m.Apply(context.Background(), m.lidFor("group/north/a", fmt.Sprint("lid-", round), box.ID))
			})
			wg.Wait()
			switch resource.ReasonOf(given) {
			case "":
				reason(t, resource.ReasonInvalid, put)
				went.Add(1)
			case resource.ReasonInUse:
				require.NoError(t, put)
				stayed.Add(1)
			default:
				require.NoError(t, given)
			}
		}
		t.Logf("%d went, %d stayed", went.Load(), stayed.Load())
		m.sound(t)
	})
}

// A pass that is at an object while it is handed over writes nothing into the project that it left.
func TestAPassSeesAnObjectGo(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var during func()
		region := ""
		m.Registry().Locate(func(context.Context, resource.Reader, resource.Raw) (string, error) { return region, nil })
		resource.Register(m.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests",
			Charge: func(o *guest) resource.Charges { return resource.Charges{"volume": o.Spec.RAM} },
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, _ *guest) (resource.Result, error) {
				if during != nil {
					during()
				}
				return resource.Result{Done: true}, r.Settle(ctx, "west")
			}})
		g := m.Must(t, resource.Request{Kind: "guest", Project: m.id["group/north/a"], Name: "g", Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":3}`)}).Object
		offer := m.offerOf(t, m.boxOf(t, "group/north/a", "any", 1))
		var a resource.Applied
		region = "west"
		during = func() {
			h := m.taking(g, offer, "group/south/a")
			h.Kind = "guest"
			var err error
			a, err = m.HandOver(t.Context(), h)
			require.NoError(t, err)
		}
		w, err := m.Store.View(resource.Within(g.Project)).Watch(t.Context(), 0, "guest")
		require.NoError(t, err)
		m.Pass(t, "guest", g.ID)
		during = nil
		require.EqualValues(t, 0, m.volumeIn(t, "group/north/a", "west").Reserved)
		op, err := m.View.Operation(t.Context(), a.Operation.ID)
		require.NoError(t, err)
		require.False(t, op.Ended(), "that pass did not do it")
		m.Pass(t, "guest", g.ID)
		moved := m.Object(t, "guest", g.ID)
		require.True(t, moved.Settled())
		require.EqualValues(t, 0, m.volumeIn(t, "group/north/a", "west").Committed)
		require.EqualValues(t, 3, m.volumeIn(t, "group/south/a", "west").Committed)
		m.Must(t, resource.Request{Kind: "guest", Project: g.Project, Name: "later", Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":1}`)})
		require.Equal(t, "delete", next(t, w).Change)
		require.Equal(t, "later", next(t, w).Name, "of what it is in another project nothing is heard")
		m.sound(t)
	})
}
