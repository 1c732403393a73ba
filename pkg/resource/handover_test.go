package resource_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// offerSpec entitles to a box; lidSpec lies on one, and relies on it.
type (
	offerSpec struct {
		Box string `json:"box"`
	}
	lidSpec struct {
		Box    string `json:"box"`
		Colour string `json:"colour,omitempty"`
	}
	lid = resource.Object[lidSpec, struct{}]
)

// market is a forest in whose projects boxes are offered to each other.
type market struct {
	*forest
	admitted func() // called when a lid has been admitted, and is not written
}

func eachMarket(t *testing.T, f func(t *testing.T, m *market)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		m := &market{forest: newForest(t, db), admitted: func() {}}
		m.open(m.Plant)
		f(t, m)
	})
}

// open adds the kinds of the market to a plant.
func (m *market) open(p *operationtest.Plant) {
	onShelves(p)
	resource.Register(p.Registry(), resource.Kind[offerSpec, struct{}]{Name: "offer", Plural: "offers", Indexed: []string{"spec.box"},
		Charge: func(*resource.Object[offerSpec, struct{}]) resource.Charges { return resource.Charges{"offers": 1} },
		Meter:  func(*resource.Object[offerSpec, struct{}]) resource.Measures { return resource.Measures{"offers": 1} },
		Reconcile: func(context.Context, *resource.Reconciliation, *resource.Object[offerSpec, struct{}]) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		}})
	resource.Register(p.Registry(), resource.Kind[lidSpec, struct{}]{Name: "lid", Plural: "lids", Indexed: []string{"spec.box"},
		Validate: func(ctx context.Context, a *resource.Admission, _, o *lid) error {
			box, err := a.Get(ctx, "box", o.Project, o.Spec.Box)
			if err != nil {
				return resource.Invalid("lid", "spec.box", o.Spec.Box, "is no box here")
			}
			a.Rely(box.Meta)
			m.admitted()
			return nil
		}})
}

// boxOf makes a box on the shelf east, with a secret, that is ready.
func (m *market) boxOf(t *testing.T, project, name string, size int) resource.Raw {
	t.Helper()
	r := m.box(project, name, size)
	r.Spec = operationtest.Spec(`{"size":%d,"shelf":"east","secret":%q}`, size, hush)
	a := m.Must(t, r)
	m.Pass(t, "box", a.Object.ID)
	return m.Object(t, "box", a.Object.ID)
}

func (m *market) offerOf(t *testing.T, box resource.Raw) resource.Raw {
	t.Helper()
	a := m.Must(t, resource.Request{Kind: "offer", Project: box.Project, Name: "of-" + box.Name, Actor: operationtest.Admin, Spec: operationtest.Spec(`{"box":%q}`, box.ID)})
	m.Pass(t, "offer", a.Object.ID)
	return m.Object(t, "offer", a.Object.ID)
}

func (m *market) lidFor(project, name, box string) resource.Request {
	return resource.Request{Kind: "lid", Project: m.id[project], Name: name, Actor: operationtest.Admin, Spec: operationtest.Spec(`{"box":%q}`, box)}
}

// taking is the handover of a box, by its offer, that nothing speaks against but a lid.
func (m *market) taking(box, offer resource.Raw, to string) resource.Handover {
	return resource.Handover{Kind: "box", ID: box.ID, To: m.id[to], By: offer, Actor: resource.System("taker"), Refuse: lidless}
}

func lidless(ctx context.Context, r resource.Reader, o resource.Raw) error {
	page, err := r.List(ctx, resource.Query{Kind: "lid", Fields: map[string]string{"spec.box": o.ID}, Limit: 1})
	if err == nil && len(page.Items) > 0 {
		err = resource.Problemf(resource.ReasonInUse, "box", "take it off first", "lid %s lies on box %s", page.Items[0].Name, o.Name)
	}
	return err
}

// untouched runs a refused handover and expects that it has left everything as it was.
func (m *market) untouched(t *testing.T, want resource.Reason, h resource.Handover) *resource.Problem {
	t.Helper()
	before, rows := m.Object(t, h.Kind, h.ID), census(t, m.DB())
	_, err := m.HandOver(t.Context(), h)
	p := reason(t, want, err)
	require.Equal(t, before, m.Object(t, h.Kind, h.ID))
	require.Equal(t, rows, census(t, m.DB()))
	m.sound(t)
	return p
}

func (m *market) committed(t *testing.T, metric string, nodes ...string) (out []int64) {
	t.Helper()
	for _, node := range nodes {
		all, err := m.View.Quota(t.Context(), m.id[node])
		require.NoError(t, err)
		n := int64(0)
		for _, u := range all {
			if u.Metric == metric && u.Region == "" {
				n = u.Committed + u.Reserved
			}
		}
		out = append(out, n)
	}
	return out
}

func TestAnObjectIsHandedOver(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		require.NoError(t, m.limit(t, "group/north", resource.Hard(10)))
		require.NoError(t, m.limit(t, "group/south", resource.Hard(10)))
		m.limitIn(t, "group/south", "east", 10)
		box := m.boxOf(t, "group/north/a", "one", 6)
		offer := m.offerOf(t, box)
		places := []string{"group/north/a", "group/north", "group/south/a", "group/south", "group"}
		require.Equal(t, []int64{6, 6, 0, 0, 6}, m.committed(t, "volume", places...))
		passes := m.Passes(box.ID)

		h := m.taking(box, offer, "group/south/a")
		h.Name = "theirs"
		a, err := m.HandOver(t.Context(), h)
		require.NoError(t, err)
		require.True(t, a.Changed)
		require.Equal(t, []string{box.ID, m.id["group/south/a"], "theirs", string(resource.PhaseWorking)}, []string{a.Object.ID, a.Object.Project, a.Object.Name, string(a.Object.Phase)})
		require.Equal(t, [2]int64{box.Generation + 1, box.Version + 1}, [2]int64{a.Object.Generation, a.Object.Version})
		require.NotContains(t, string(a.Object.Spec), hush)
		require.Equal(t, []string{"accept", "theirs", m.id["group/south/a"], "system:taker"}, []string{a.Operation.Verb, a.Operation.ObjectName, a.Operation.Project, a.Operation.Actor})

		// Both quotas have changed, also those of the branches and of the region; what entitled to it is gone with what it held.
		require.Equal(t, []int64{0, 0, 6, 6, 6}, m.committed(t, "volume", places...))
		require.Equal(t, []int64{0, 0, 1, 1, 1}, m.committed(t, "boxes", places...))
		require.Equal(t, []int64{0, 0, 0, 0, 0}, m.committed(t, "offers", places...))
		require.EqualValues(t, 0, m.volumeIn(t, "group/north/a", "east").Committed)
		require.EqualValues(t, 6, m.volumeIn(t, "group/south", "east").Committed)
		m.sound(t)
		_, err = m.View.Get(t.Context(), "offer", "", offer.ID)
		reason(t, resource.ReasonNotFound, err)

		giver, taker := resource.Within(m.id["group/north/a"]), resource.Within(m.id["group/south/a"])
		_, err = m.Store.View(giver).Get(t.Context(), "box", "", box.ID)
		reason(t, resource.ReasonNotFound, err)
		o, err := m.Unsealed(t.Context(), taker, "box", m.id["group/south/a"], "theirs")
		require.NoError(t, err)
		require.Equal(t, []string{hush}, resource.Lookup(o, "spec.secret"), "its secrets go along")

		m.Pass(t, "box", box.ID)
		require.Equal(t, passes+1, m.Passes(box.ID))
		settled := m.Object(t, "box", box.ID)
		require.True(t, settled.Settled())
		op, err := m.Store.View(taker).Operation(t.Context(), a.Operation.ID)
		require.NoError(t, err)
		require.Equal(t, resource.OperationSucceeded, op.State)
		m.Drop(t, "box", box.ID)
		m.Pass(t, "box", box.ID)
		require.Equal(t, []int64{0, 0, 0, 0, 0}, m.committed(t, "volume", places...))
		m.sound(t)
	})
}

// Each project's records tell its own side.
func TestRecordsOfAHandover(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		box := m.boxOf(t, "group/north/a", "one", 6)
		offer := m.offerOf(t, box)
		from, to := m.id["group/north/a"], m.id["group/south/a"]
		views := map[string]resource.View{"giver": m.Store.View(resource.Within(from)), "taker": m.Store.View(resource.Within(to)), "both": m.Store.View(resource.Within(from, to))}
		watches := map[string]*resource.Watch{}
		for who, v := range views {
			w, err := v.Watch(t.Context(), 0)
			require.NoError(t, err)
			watches[who] = w
		}
		h := m.taking(box, offer, "group/south/a")
		h.Name = "theirs"
		a, err := m.HandOver(t.Context(), h)
		require.NoError(t, err)

		heard := func(who string, n int) (out []string) {
			t.Helper()
			for range n {
				e := next(t, watches[who])
				require.Equal(t, e.Change == "put", e.Object != nil)
				out = append(out, strings.Join([]string{e.Change, e.Kind, e.Name}, " "))
			}
			return out
		}
		require.Equal(t, []string{"delete offer of-one", "delete box one"}, heard("giver", 2))
		require.Equal(t, []string{"put box theirs"}, heard("taker", 1))
		require.Equal(t, []string{"delete offer of-one", "delete box one", "put box theirs"}, heard("both", 3), "for who sees both projects it is there in the end")

		rows, err := views["giver"].History(t.Context(), box.ID, "", 50)
		require.NoError(t, err)
		require.Equal(t, []string{"handed-over", "one", from, "system:taker", "to another project"}, []string{rows[0].Verb, rows[0].ObjectName, rows[0].Project, rows[0].Actor, rows[0].Note})
		require.JSONEq(t, `{"size":6,"shelf":"east"}`, string(rows[0].Before))
		require.Empty(t, rows[0].After)
		require.Empty(t, rows[0].OperationID, "what is done there now is not the giver's to know")
		rows, err = views["taker"].History(t.Context(), box.ID, "", 50)
		require.NoError(t, err)
		require.Len(t, rows, 1, "what was before is not the taker's to know")
		require.Equal(t, []string{"accept", "theirs", a.Operation.ID}, []string{rows[0].Verb, rows[0].ObjectName, rows[0].OperationID})
		require.JSONEq(t, `{"size":6,"shelf":"east"}`, string(rows[0].After))
		rows, err = views["giver"].History(t.Context(), offer.ID, "", 50)
		require.NoError(t, err)
		require.Equal(t, "accept", rows[0].Verb)
		require.Empty(t, rows[0].After)
		require.NotContains(t, dump(t, m.DB()), hush)

		// It is metered for who has it.
		var used []resource.Usage
		require.NoError(t, m.DB().Read.NewSelect().Model(&used).Where("object_id IN (?, ?)", box.ID, offer.ID).OrderExpr("id DESC").Limit(2).Scan(t.Context()))
		last := map[string]resource.Usage{used[0].Kind: used[0], used[1].Kind: used[1]}
		require.Equal(t, []string{"handover", to}, []string{last["box"].Change, last["box"].Project})
		require.Equal(t, resource.Measures{"volume": 6}, last["box"].Measures)
		require.Equal(t, []string{"delete", from}, []string{last["offer"].Change, last["offer"].Project})
	})
}

func TestHandoversThatCanNotBe(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		box := m.boxOf(t, "group/north/a", "one", 6)
		offer := m.offerOf(t, box)
		good := m.taking(box, offer, "group/south/a")
		with := func(f func(h *resource.Handover)) resource.Handover {
			h := good
			f(&h)
			return h
		}
		m.boxOf(t, "group/south/a", "one", 1)
		p := m.untouched(t, resource.ReasonAlreadyExists, good)
		require.Equal(t, "accept it under another name", p.Hint)
		m.untouched(t, resource.ReasonInvalid, with(func(h *resource.Handover) { h.Name = "No" }))
		m.untouched(t, resource.ReasonInvalid, with(func(h *resource.Handover) { h.To = box.Project }))
		m.untouched(t, resource.ReasonInvalid, with(func(h *resource.Handover) { h.To, h.Name = "", "x" }))
		m.untouched(t, resource.ReasonNotFound, with(func(h *resource.Handover) { h.By.ID = resource.NewID() }))
		m.untouched(t, resource.ReasonNotFound, with(func(h *resource.Handover) { h.By.Project = m.id["group/north/b"] }))
		m.untouched(t, resource.ReasonNotFound, with(func(h *resource.Handover) { h.By.Kind = "moon" }))
		_, err := m.HandOver(t.Context(), with(func(h *resource.Handover) { h.Kind = "moon" }))
		reason(t, resource.ReasonNotFound, err)

		// An offer gives nothing of another project.
		others := m.boxOf(t, "group/north/b", "others", 1)
		m.untouched(t, resource.ReasonNotFound, with(func(h *resource.Handover) { h.ID = others.ID }))

		// What the taker's project may not have, or its branch, or what speaks against it, leaves all as it was.
		good.Name = "theirs"
		for _, node := range []string{"group/south/a", "group/south"} {
			require.NoError(t, m.limit(t, node, resource.Hard(6)))
			m.untouched(t, resource.ReasonQuotaExceeded, good)
			require.NoError(t, m.limit(t, node, resource.Hard(-1)))
		}
		m.Must(t, m.lidFor("group/north/a", "heavy", box.ID))
		require.Equal(t, "lid heavy lies on box one", m.untouched(t, resource.ReasonInUse, good).Detail)
		l, err := m.View.Get(t.Context(), "lid", box.Project, "heavy")
		require.NoError(t, err)
		m.Drop(t, "lid", l.ID)

		// It is the offer as it was seen, or none.
		m.Must(t, resource.Request{Kind: "offer", ID: offer.ID, Actor: operationtest.Admin, Labels: map[string]string{"price": "higher"}})
		m.untouched(t, resource.ReasonStale, good)
		good.By = m.Object(t, "offer", offer.ID)
		m.Drop(t, "offer", offer.ID)
		m.untouched(t, resource.ReasonNotFound, good)
		m.Pass(t, "offer", offer.ID)
		m.untouched(t, resource.ReasonNotFound, good)
	})
}

// Within a branch whose limit is reached an object moves: the branch has no more of it than before.
func TestHandoverWithinAFullBranch(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		require.NoError(t, m.limit(t, "group/north", resource.Hard(6)))
		box := m.boxOf(t, "group/north/a", "one", 6)
		_, err := m.HandOver(t.Context(), m.taking(box, m.offerOf(t, box), "group/north/b"))
		require.NoError(t, err)
		require.Equal(t, []int64{0, 6, 6}, m.committed(t, "volume", "group/north/a", "group/north/b", "group/north"))
		m.sound(t)
	})
}

// What is lent to a project, or everybody's, is not its to give.
func TestWhatIsLentIsNotHandedOver(t *testing.T) {
	eachLibrary(t, func(t *testing.T, l library) {
		m := &market{forest: l.forest, admitted: func() {}}
		m.open(l.Plant)
		own := l.book(t, "group/north/a", "own")
		offer := m.offerOf(t, m.boxOf(t, "group/north/a", "box", 1))
		for _, book := range []resource.Raw{l.book(t, "", "everybodys"), l.book(t, "group/north/b", "lent", "group/north/a")} {
			h := m.taking(book, offer, "group/south/a")
			h.Kind = "book"
			m.untouched(t, resource.ReasonNotFound, h)
		}
		h := m.taking(own, offer, "group/south/a")
		h.Kind = "book"
		_, err := m.HandOver(t.Context(), h)
		require.NoError(t, err)
		m.Pass(t, "book", own.ID)
		settled := m.Object(t, "book", own.ID)
		require.True(t, settled.Settled(), "what has no backend is done, too")
	})
}

// Whoever takes must be allowed to make such objects there.
func TestWhoTakes(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		boss := tenancy.New(m.DB(), nil)
		guarded := operationtest.New(t, m.DB(), operationtest.Options{Idle: true, Node: "n2", Tree: boss, Authorizer: boss})
		m.open(guarded)
		box := m.boxOf(t, "group/north/a", "one", 6)
		h := m.taking(box, m.offerOf(t, box), "group/south/a")
		for _, c := range []struct {
			role tenancy.Role
			node string
			want resource.Reason
		}{{tenancy.Member, "group/north", resource.ReasonNotFound}, {tenancy.Reader, "group/south", resource.ReasonForbidden}, {tenancy.Member, "group/south/a", ""}} {
			h.Actor = person(t, boss, c.role, c.node)
			_, err := guarded.HandOver(t.Context(), h)
			require.Equal(t, c.want, resource.ReasonOf(err), "%s on %s: %v", c.role, c.node, err)
		}
		rows, err := m.Store.View(resource.Within(h.To)).History(t.Context(), box.ID, "", 1)
		require.NoError(t, err)
		require.Equal(t, "member on group/south/a", rows[0].Granted)
	})
}
