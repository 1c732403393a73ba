package resource_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// bookSpec is the spec of a kind that is lent.
type bookSpec struct {
	Title  string   `json:"title"`
	LentTo []string `json:"lentTo,omitempty"`
}

// library is a forest with books.
type library struct{ *forest }

func eachLibrary(t *testing.T, f func(t *testing.T, l library)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := library{newForest(t, db)}
		resource.Register(l.Registry(), resource.Kind[bookSpec, struct{}]{Name: "book", Plural: "books", Scoping: resource.Shared, Lent: "spec.lentTo", Indexed: []string{"spec.lentTo"}})
		f(t, l)
	})
}

func (l library) book(t *testing.T, project, name string, lentTo ...string) resource.Raw {
	t.Helper()
	ids := []string{}
	for _, node := range lentTo {
		ids = append(ids, `"`+l.id[node]+`"`)
	}
	return l.Must(t, resource.Request{Kind: "book", Project: l.id[project], Name: name, Actor: operationtest.Admin,
		Spec: operationtest.Spec(`{"title":%q,"lentTo":[%s]}`, project+" "+name, strings.Join(ids, ","))}).Object
}

// reader sees what is in some projects.
func (l library) reader(projects ...string) resource.View {
	ids := []string{}
	for _, p := range projects {
		ids = append(ids, l.id[p])
	}
	return l.Store.View(resource.Within(ids...))
}

func onShelf(t *testing.T, v resource.View, q resource.Query) string {
	t.Helper()
	q.Kind = "book"
	page, err := v.List(t.Context(), q)
	require.NoError(t, err)
	total, err := v.Total(t.Context(), q, false)
	require.NoError(t, err)
	require.Len(t, page.Items, int(total.Objects))
	var out []string
	for _, o := range page.Items {
		out = append(out, o.Name)
	}
	return strings.Join(out, " ")
}

func TestWhatIsLentIsSeenBelow(t *testing.T) {
	eachLibrary(t, func(t *testing.T, l library) {
		l.book(t, "", "everybodys")
		l.book(t, "group/north/a", "own")
		sibling := l.book(t, "group/north/a", "sibling", "group/north/b")
		brand := l.book(t, "group/north/a", "brand", "group/south")
		l.book(t, "group/north/a", "root", "group")

		require.Equal(t, "everybodys own sibling brand root", onShelf(t, l.reader("group/north/a"), resource.Query{}))
		require.Equal(t, "everybodys sibling root", onShelf(t, l.reader("group/north/b"), resource.Query{}))
		require.Equal(t, "everybodys brand root", onShelf(t, l.reader("group/south/a"), resource.Query{}))
		require.Equal(t, "everybodys brand root", onShelf(t, l.reader("group/south/a", "group/south/b"), resource.Query{}))
		require.Equal(t, "everybodys sibling brand root", onShelf(t, l.reader("group/south/b", "group/north/b"), resource.Query{}))
		require.Equal(t, "root", onShelf(t, l.reader("group/south/b"), resource.Query{Filters: []string{"name prefix ro"}}))
		require.Empty(t, onShelf(t, l.reader("group/south/b"), resource.Query{Search: "own"}))
		require.Empty(t, onShelf(t, l.Store.View(resource.Scope{}), resource.Query{}))

		// With a project, a list is what that may use, whoever looks.
		require.Equal(t, "everybodys brand root", onShelf(t, l.View, resource.Query{Project: l.id["group/south/a"]}))
		require.Empty(t, onShelf(t, l.reader("group/south/a"), resource.Query{Project: l.id["group/north/a"]}))

		// To whom else it is lent is not told; the owner is.
		o, err := l.reader("group/south/a").Get(t.Context(), "book", "", brand.ID)
		require.NoError(t, err)
		require.Equal(t, "map[title:group/north/a brand]", fmt.Sprint(decoded(t, o.Spec)))
		page, err := l.reader("group/south/a").List(t.Context(), resource.Query{Kind: "book", Filters: []string{"name = brand"}})
		require.NoError(t, err)
		require.NotContains(t, string(page.Items[0].Spec), "lentTo")
		o, err = l.reader("group/north/a").Get(t.Context(), "book", "", brand.ID)
		require.NoError(t, err)
		require.Contains(t, string(o.Spec), l.id["group/south"])

		south, query := l.id["group/south"], func(filters ...string) resource.Query { return resource.Query{Filters: filters} }
		require.Empty(t, onShelf(t, l.reader("group/south/a"), query("spec.lentTo = "+south)), "nor can it be found out by asking")
		require.Equal(t, "brand", onShelf(t, l.reader("group/north/a"), query("spec.lentTo = "+south)))
		require.Empty(t, onShelf(t, l.reader("group/south/a"), resource.Query{Fields: map[string]string{"spec.lentTo": south}}))

		// What hangs elsewhere in the tree has what is lent there.
		_, err = l.people.MoveNode(t.Context(), operationtest.Admin, "group/south/a", "group/north")
		require.ErrorContains(t, err, "a", "its name is taken there")
		_, err = l.people.Rename(t.Context(), operationtest.Admin, "group/south/a", "c")
		require.NoError(t, err)
		_, err = l.people.MoveNode(t.Context(), operationtest.Admin, "group/south/c", "group/north")
		require.NoError(t, err)
		require.Equal(t, "everybodys root", onShelf(t, l.reader("group/south/a"), resource.Query{}))
		_, err = l.reader("group/south/a").Get(t.Context(), "book", "", sibling.ID)
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
	})
}

func TestANameIsTheProjectsOwnFirst(t *testing.T) {
	eachLibrary(t, func(t *testing.T, l library) {
		b := l.id["group/north/b"]
		get := func(project, name string) (string, resource.Reason) {
			o, err := l.View.Get(t.Context(), "book", project, name)
			return strings.Join(resource.Lookup(o, "spec.title"), ""), resource.ReasonOf(err)
		}
		expect := func(title string, reason resource.Reason) {
			t.Helper()
			is, why := get(b, "x")
			require.Equal(t, title, is)
			require.Equal(t, reason, why)
		}
		expect("", resource.ReasonNotFound)
		first := l.book(t, "group/south/a", "x", "group")
		expect("group/south/a x", "")
		l.book(t, "group/south/b", "x", "group/north")
		expect("", resource.ReasonConflict) // two that are lent
		l.book(t, "", "x")
		expect(" x", "")
		l.book(t, "group/north/b", "x")
		expect("group/north/b x", "")
		_, err := l.View.Get(t.Context(), "book", b, first.ID)
		require.NoError(t, err, "by id it is what it is")
		_, why := get("", "y")
		require.Equal(t, resource.ReasonNotFound, why)

		// Whoever makes one by a name that is lent makes one of their own.
		l.book(t, "group/south/a", "y", "group")
		made := l.book(t, "group/north/b", "y")
		require.Equal(t, b, made.Project)
		again := l.book(t, "group/north/b", "y")
		require.Equal(t, made.ID, again.ID)
	})
}

func decoded(t *testing.T, spec []byte) map[string]any {
	t.Helper()
	o, err := resource.As[map[string]any, any](resource.Raw{Spec: spec})
	require.NoError(t, err)
	return o.Spec
}

func TestWatchersHearOfWhatIsLentToThem(t *testing.T) {
	eachLibrary(t, func(t *testing.T, l library) {
		before := l.book(t, "group/north/a", "before", "group/south")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w, err := l.reader("group/south/a").Watch(ctx, 0)
		require.NoError(t, err)
		next := func() resource.Event {
			t.Helper()
			select {
			case e := <-w.Events:
				return e
			case <-time.After(10 * time.Second):
				require.Fail(t, "no event")
				return resource.Event{}
			}
		}
		l.book(t, "group/north/a", "own")
		l.book(t, "group/north/a", "own", "group/north/b")
		lent := l.book(t, "group/north/a", "lent", "group/south/a")
		e := next()
		require.Equal(t, lent.ID, e.ObjectID, "nothing was told of the others")
		require.NotContains(t, string(e.Object.Spec), "lentTo")
		l.book(t, "group/north/a", "lent")
		e = next()
		require.Equal(t, [2]string{lent.ID, "delete"}, [2]string{e.ObjectID, e.Change})
		require.Nil(t, e.Object)
		l.book(t, "group/north/a", "lent") // of what was taken back nothing more is heard
		l.Drop(t, "book", lent.ID)
		l.Drop(t, "book", before.ID)
		e = next()
		require.Equal(t, [2]string{before.ID, "delete"}, [2]string{e.ObjectID, e.Change})
		everybodys := l.book(t, "", "everybodys")
		require.Equal(t, everybodys.ID, next().ObjectID)
	})
}
