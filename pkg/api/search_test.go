package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestSearchFindsAllKindsWithinOnesOwn(t *testing.T) {
	r := newRig(t)
	box := func(project, name string, labels map[string]string) string {
		var made struct{ Object struct{ ID string } }
		r.call(t, "admin", "POST", "/v1/boxes?wait=20s", map[string]any{"project": project, "name": name, "labels": labels, "spec": map[string]any{"size": 1}}).is(201).into(&made)
		return made.Object.ID
	}
	box(shop, "till-2", nil)
	id := box(shop, "till", map[string]string{"city": "Wuhan East"})
	box(shop, "old-till", nil)
	foreign := box(teashop, "till-of-others", nil)
	for i := range 7 {
		r.call(t, "admin", "POST", "/v1/shelves", map[string]any{"name": fmt.Sprint("till-rack-", i), "spec": map[string]any{"height": 1}}).is(201)
	}
	search := func(who, q, more string) (names []string, out api.HitList) {
		r.call(t, who, "GET", "/v1/search?q="+url.QueryEscape(q)+more, nil).is(200).into(&out)
		for _, h := range out.Items {
			names = append(names, h.Kind+" "+h.Name)
		}
		return names, out
	}
	names, found := search("dailymart-reader", "Till", "&limit=4")
	require.Equal(t, []string{"box till", "box till-2", "shelf till-rack-0", "shelf till-rack-1", "shelf till-rack-2", "shelf till-rack-3", "box old-till"}, names)
	require.Equal(t, []string{"shelf"}, found.More)
	require.Equal(t, r.project[shop], found.Items[0].Project)
	require.Empty(t, found.Items[2].Project)
	names, _ = search("dailymart-reader", "wuhan ILL", "")
	require.Equal(t, []string{"box till"}, names, "words of name and label")
	names, found = search("admin", "till-of", "")
	require.Equal(t, []string{"box till-of-others"}, names)
	require.Empty(t, found.More)
	names, _ = search("dailymart-reader", "till-of", "")
	require.Empty(t, names, "another tenant's")
	names, _ = search("dailymart-reader", id, "")
	require.Equal(t, []string{"box till"}, names)
	names, _ = search("dailymart-reader", foreign, "")
	require.Empty(t, names)
	behind := func(who string, ids ...string) (names []string) {
		var out api.HitList
		r.call(t, who, "GET", "/v1/search/ids?id="+strings.Join(ids, ","), nil).is(200).into(&out)
		for _, h := range out.Items {
			names = append(names, h.Kind+" "+h.Name)
		}
		return names
	}
	require.Equal(t, []string{"box till"}, behind("dailymart-reader", id, foreign, resource.NewID(), "till"), "another tenant's is left out like what there is not")
	require.Equal(t, []string{"box till", "box till-of-others"}, behind("admin", foreign, id))
	r.call(t, "admin", "GET", "/v1/search/ids", nil).refused(resource.ReasonInvalid)
	r.call(t, "admin", "GET", "/v1/search?q=%20", nil).refused(resource.ReasonInvalid)
	r.call(t, "", "GET", "/v1/search?q=till", nil).refused(resource.ReasonUnauthenticated)
}
