package providertest

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// bucketContent is a bucket used through the driver, with a stock S3 client as the witness.
func (u *storageSuite) bucketContent(t *testing.T) {
	want := u.newBucket(t)
	_, err := u.ListContent(t.Context(), u.Place, want.ID, provider.BucketQuery{Limit: 10})
	requireReason(t, provider.ReasonNotFound, err)
	want.QuotaGiB = 1
	st := u.ensureBucket(t, want)
	require.Empty(t, u.content(t, want.ID, provider.BucketQuery{Limit: 10}))
	keys := []string{"a", "b c/ü+&%.jpg", "b c/d/e", "b c/f", "menu.txt", "z/1", "z/2"}
	for _, key := range keys {
		u.putContent(t, want.ID, provider.BucketPut{Key: key, Type: "text/plain"}, "noodles of "+key)
		text, err := get(t, st, key)
		require.NoError(t, err)
		require.Equal(t, "noodles of "+key, text)
	}
	seen, err := s3(t, st).StatObject(t.Context(), st.Name, "menu.txt", minio.StatObjectOptions{})
	require.NoError(t, err)
	require.Equal(t, "text/plain", seen.ContentType)

	for _, limit := range []int{1, 2, 3, 1000} { // pages change nothing
		require.Equal(t, []string{"a", "b c/", "menu.txt", "z/"}, keysOf(u.content(t, want.ID, provider.BucketQuery{Limit: limit})))
		require.Equal(t, []string{"b c/d/", "b c/f", "b c/ü+&%.jpg"}, keysOf(u.content(t, want.ID, provider.BucketQuery{Prefix: "b c/", Limit: limit})))
		require.ElementsMatch(t, keys, keysOf(u.content(t, want.ID, provider.BucketQuery{All: true, Limit: limit})))
	}
	one := u.content(t, want.ID, provider.BucketQuery{Prefix: "menu", Limit: 10})[0]
	require.Equal(t, [2]any{int64(len("noodles of menu.txt")), seen.ETag}, [2]any{one.Bytes, one.ETag})
	require.WithinDuration(t, seen.LastModified, one.ModifiedAt, time.Second)
	require.False(t, one.Folder)

	u.contentLinks(t, st, want.ID)
	for range 2 { // what is gone may be deleted
		require.NoError(t, u.DeleteContent(t.Context(), u.Place, want.ID, "z/1"))
	}
	require.Equal(t, []string{"z/2"}, keysOf(u.content(t, want.ID, provider.BucketQuery{Prefix: "z/", Limit: 10})))
	broken := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("the client went away")))
	require.Error(t, u.PutContent(t.Context(), u.Place, want.ID, provider.BucketPut{Key: "a", Bytes: 1000}, broken))
	text, err := get(t, st, "a")
	require.NoError(t, err)
	require.Equal(t, "noodles of a", text, "what was there stays when a body breaks off")
	for _, key := range []string{"", "\xff", strings.Repeat("ü", 513)} {
		requireReason(t, provider.ReasonInvalid, u.PutContent(t.Context(), u.Place, want.ID, provider.BucketPut{Key: key}, strings.NewReader("")))
	}
	full := u.newBucket(t)
	full.Objects = 1
	u.ensureBucket(t, full)
	u.putContent(t, full.ID, provider.BucketPut{Key: "a"}, "1")
	requireReason(t, provider.ReasonNoSpace, u.PutContent(t.Context(), u.Place, full.ID, provider.BucketPut{Key: "b", Bytes: 1}, strings.NewReader("1")))
}

// contentLinks are good without keys, for what they were made for, as long as they were made for.
func (u *storageSuite) contentLinks(t *testing.T, st provider.BucketState, id string) {
	link := func(want provider.BucketLink) string {
		text, err := u.LinkContent(t.Context(), u.Place, id, want)
		require.NoError(t, err)
		return text
	}
	ask := func(method, link, body string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), method, link, strings.NewReader(body))
		require.NoError(t, err)
		res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res
	}
	read := link(provider.BucketLink{Key: "b c/ü+&%.jpg", Save: true, Life: time.Minute})
	res := ask(http.MethodGet, read, "")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "attachment; filename*=UTF-8''%C3%BC+&%25.jpg", res.Header.Get("Content-Disposition"))
	require.Equal(t, http.StatusForbidden, ask(http.MethodPut, read, "x").StatusCode, "it is for reading")
	write := link(provider.BucketLink{Key: "by link", Write: true, Life: time.Minute})
	require.Equal(t, http.StatusOK, ask(http.MethodPut, write, "written").StatusCode)
	text, err := get(t, st, "by link")
	require.NoError(t, err)
	require.Equal(t, "written", text)
	require.NoError(t, u.DeleteContent(t.Context(), u.Place, id, "by link"))
	short := link(provider.BucketLink{Key: "a", Life: time.Second})
	require.Eventually(t, func() bool { return status(t, short) == http.StatusForbidden }, 10*time.Second, 500*time.Millisecond)
}

func (u *storageSuite) putContent(t *testing.T, id string, put provider.BucketPut, text string) {
	t.Helper()
	put.Bytes = int64(len(text))
	require.NoError(t, u.PutContent(t.Context(), u.Place, id, put, io.MultiReader(strings.NewReader(text)))) // a body that comes once
}

// content is all that a bucket has, page by page.
func (u *storageSuite) content(t *testing.T, id string, ask provider.BucketQuery) (all []provider.BucketItem) {
	t.Helper()
	for {
		page, err := u.ListContent(t.Context(), u.Place, id, ask)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), ask.Limit)
		all = append(all, page.Items...)
		if ask.After = page.Next; ask.After == "" {
			return all
		}
	}
}

func keysOf(all []provider.BucketItem) (keys []string) {
	for _, c := range all {
		keys = append(keys, c.Key)
	}
	return keys
}
