package api_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// shelf has the content of one bucket.
type shelf struct {
	safe
	mu   sync.Mutex
	has  map[string]string
	puts []provider.BucketPut
}

func (s *shelf) ListContent(_ context.Context, _, _ string, ask provider.BucketQuery) (provider.BucketPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := provider.BucketPage{}
	for key, text := range s.has {
		if strings.HasPrefix(key, ask.Prefix) && key > ask.After {
			page.Items = append(page.Items, provider.BucketItem{Key: key, Bytes: int64(len(text)), ModifiedAt: time.Unix(1, 0)})
		}
	}
	slices.SortFunc(page.Items, func(a, b provider.BucketItem) int { return strings.Compare(a.Key, b.Key) })
	if len(page.Items) > ask.Limit {
		page.Items = page.Items[:ask.Limit]
		page.Next = page.Items[ask.Limit-1].Key
	}
	return page, nil
}

func (s *shelf) PutContent(_ context.Context, _, _ string, put provider.BucketPut, body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.has[put.Key] = string(text)
	s.puts = append(s.puts, put)
	return nil
}

func (s *shelf) DeleteContent(_ context.Context, _, _, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.has, key)
	return nil
}

func (s *shelf) LinkContent(_ context.Context, _, _ string, want provider.BucketLink) (string, error) {
	return "http://s3/" + want.Key + "?" + url.Values{"life": {want.Life.String()}, "write": {map[bool]string{true: "yes"}[want.Write]}}.Encode(), nil
}

// What is in a bucket is listed, written, linked and deleted by those who may change it; who did is in the audit.
func TestContentIsForThoseWhoMayChange(t *testing.T) {
	s := &shelf{has: map[string]string{}}
	r := newRig(t, func(c *api.Config) {
		kinds.Register(c.Store.Registry(), kinds.Backends{})
		c.Routes = []api.Routes{api.StorageRoutes(s)}
	})
	b := r.placedOn(t, "bucket", "media", `{"quotaGiB":1}`, "c-1")
	at := "/v1/buckets/" + b.ID + "/content"
	const member = "dailymart-member"
	for _, key := range []string{"a b/ü.jpg", "menu.txt"} {
		r.call(t, member, "PUT", at+"?type=text/plain&key="+url.QueryEscape(key), "noodles", "Content-Type", "application/octet-stream").is(http.StatusNoContent)
	}
	require.Equal(t, provider.BucketPut{Key: "a b/ü.jpg", Type: "text/plain", Bytes: 7}, s.puts[0])
	require.Equal(t, "noodles", s.has["menu.txt"])

	var page, rest api.BucketContent
	r.call(t, member, "GET", at+"?limit=1", nil).is(http.StatusOK).into(&page)
	require.Equal(t, "a b/ü.jpg", page.Items[0].Key)
	r.call(t, member, "GET", at+"?after="+url.QueryEscape(page.Next), nil).is(http.StatusOK).into(&rest)
	require.Equal(t, []string{"menu.txt", ""}, []string{rest.Items[0].Key, rest.Next})

	var link api.ContentLink
	r.call(t, member, "POST", "/v1/buckets/"+b.ID+"/links", map[string]any{"key": "menu.txt"}).is(http.StatusOK).into(&link)
	require.Equal(t, "http://s3/menu.txt?life=1h0m0s&write=", link.URL)
	require.WithinDuration(t, time.Now().Add(time.Hour), link.ExpiresAt, time.Minute)
	r.call(t, member, "POST", "/v1/buckets/"+b.ID+"/links", map[string]any{"key": "menu.txt", "method": "PUT", "seconds": 60}).is(http.StatusOK).into(&link)
	require.Equal(t, "http://s3/menu.txt?life=1m0s&write=yes", link.URL)
	r.call(t, member, "DELETE", at+"?key=menu.txt", nil).is(http.StatusNoContent)
	require.NotContains(t, s.has, "menu.txt")

	r.call(t, member, "POST", "/v1/buckets/"+b.ID+"/links", map[string]any{"key": "menu.txt", "seconds": 604801}).refused(resource.ReasonInvalid)
	r.call(t, member, "DELETE", at, nil).refused(resource.ReasonInvalid)
	r.call(t, member, "PUT", at+"?key=x&type=no%20type", "x", "Content-Type", "application/octet-stream").refused(resource.ReasonInvalid)
	unsized, err := http.NewRequestWithContext(t.Context(), http.MethodPut, r.http.URL+at+"?key=x", io.MultiReader(strings.NewReader("x")))
	require.NoError(t, err)
	unsized.Header.Set("Authorization", "Bearer "+r.secrets[member])
	res, err := r.http.Client().Do(unsized)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusBadRequest, res.StatusCode, "nobody says how much it is")
	for who, reason := range map[string]resource.Reason{"dailymart-reader": resource.ReasonForbidden, "tealeaf-member": resource.ReasonNotFound, "": resource.ReasonUnauthenticated} {
		r.call(t, who, "GET", at, nil).refused(reason)
		r.call(t, who, "PUT", at+"?key=x", "x", "Content-Type", "application/octet-stream").refused(reason)
		r.call(t, who, "DELETE", at+"?key=a", nil).refused(reason)
		r.call(t, who, "POST", "/v1/buckets/"+b.ID+"/links", map[string]any{"key": "a"}).refused(reason)
	}
	require.Len(t, s.has, 1)
	rows, err := r.store.View(resource.Everything).History(t.Context(), b.ID, "", 100)
	require.NoError(t, err)
	said := []string{}
	for _, a := range rows {
		if strings.HasPrefix(a.Verb, "content.") {
			require.Contains(t, a.Actor, member)
			said = append(said, a.Verb+" "+a.Note)
		}
	}
	slices.Reverse(said)
	require.Equal(t, []string{"content.write a b/ü.jpg", "content.write menu.txt", "content.link GET menu.txt", "content.link PUT menu.txt", "content.delete menu.txt"}, said)
}
