package providertest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (u *storageSuite) newBucket(t *testing.T) provider.Bucket {
	t.Helper()
	id := newID(t)
	want := provider.Bucket{ID: id, Name: "conformance-" + id, Project: "providertest"}
	t.Cleanup(func() { require.NoError(t, u.DeleteBucket(context.Background(), u.Place, want.ID, true)) })
	return want
}

func (u *storageSuite) ensureBucket(t *testing.T, want provider.Bucket) provider.BucketState {
	t.Helper()
	st, err := u.EnsureBucket(t.Context(), u.Place, want)
	require.NoError(t, err)
	require.Equal(t, [2]string{want.ID, want.Name}, [2]string{st.ID, st.Name})
	require.NotEmpty(t, st.User)
	require.NotEmpty(t, st.Key)
	require.NotEmpty(t, st.Secret)
	require.Equal(t, want.QuotaGiB, st.QuotaGiB)
	require.Equal(t, want.Versioning, st.Versioning)
	require.Equal(t, want.ExpireDays, st.ExpireDays)
	got, err := u.GetBucket(t.Context(), u.Place, want.ID)
	require.NoError(t, err)
	got.ObservedAt = st.ObservedAt
	require.Equal(t, st, got)
	return st
}

// s3 is a stock S3 client with the keys of a bucket.
func s3(t *testing.T, st provider.BucketState) *minio.Client {
	t.Helper()
	at, err := url.Parse(st.Endpoint)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := minio.New(at.Host, &minio.Options{Creds: credentials.NewStaticV4(st.Key, st.Secret, ""), Secure: at.Scheme == "https",
		Region: "us-east-1", BucketLookup: minio.BucketLookupPath, Transport: transport})
	require.NoError(t, err)
	return c
}

func put(t *testing.T, st provider.BucketState, name, text string) error {
	t.Helper()
	_, err := s3(t, st).PutObject(t.Context(), st.Name, name, strings.NewReader(text), int64(len(text)), minio.PutObjectOptions{})
	return err
}

func get(t *testing.T, st provider.BucketState, name string) (string, error) {
	t.Helper()
	o, err := s3(t, st).GetObject(t.Context(), st.Name, name, minio.GetObjectOptions{})
	if err != nil {
		return "", err
	}
	defer o.Close()
	blob, err := io.ReadAll(o)
	return string(blob), err
}

func (u *storageSuite) buckets(t *testing.T) {
	want := u.newBucket(t)
	want.QuotaGiB = 2
	_, err := u.GetBucket(t.Context(), u.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	first := u.ensureBucket(t, want)
	again := u.ensureBucket(t, want)
	require.Equal(t, [2]string{first.Key, first.Secret}, [2]string{again.Key, again.Secret})
	require.NoError(t, put(t, first, "menu.txt", "noodles"))
	text, err := get(t, first, "menu.txt")
	require.NoError(t, err)
	require.Equal(t, "noodles", text)
	require.Eventually(t, func() bool {
		st, err := u.GetBucket(t.Context(), u.Place, want.ID)
		return err == nil && st.Objects == 1 && st.Bytes == 7
	}, time.Minute, 200*time.Millisecond, "use is told")
	want.QuotaGiB, want.ExpireDays = 0, 30
	u.ensureBucket(t, want)
	want.ExpireDays = 0
	u.ensureBucket(t, want)
	all, err := u.ListBuckets(t.Context(), u.Place)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(b provider.BucketState) bool { return b.ID == want.ID && b.Name == want.Name && b.Objects == 1 }))
	if u.Witness.Bucket != nil {
		n, there := u.Witness.Bucket(t, want.Name)
		require.True(t, there)
		require.EqualValues(t, 1, n)
	}
	requireReason(t, provider.ReasonConflict, u.DeleteBucket(t.Context(), u.Place, want.ID, false))
	text, err = get(t, first, "menu.txt")
	require.NoError(t, err, "a refused deletion takes nothing")
	require.Equal(t, "noodles", text)
	for range 2 {
		require.NoError(t, u.DeleteBucket(t.Context(), u.Place, want.ID, true))
	}
	_, err = u.GetBucket(t.Context(), u.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	u.requireNoBucket(t, first)
	require.Error(t, put(t, first, "menu.txt", "noodles"))
	require.Empty(t, u.ensureBucket(t, want).Objects) // the id may come back
	require.NoError(t, u.DeleteBucket(t.Context(), u.Place, want.ID, false))
}

func (u *storageSuite) requireNoBucket(t *testing.T, st provider.BucketState) {
	t.Helper()
	if u.Witness.Bucket != nil {
		_, there := u.Witness.Bucket(t, st.Name)
		require.False(t, there)
	}
	if u.Witness.User != nil {
		require.False(t, u.Witness.User(t, st.User))
	}
}

// bucketKeys replaces the keys, and keeps one owner's away from another's bucket.
func (u *storageSuite) bucketKeys(t *testing.T) {
	want, other := u.newBucket(t), u.newBucket(t)
	old := u.ensureBucket(t, want)
	stranger := u.ensureBucket(t, other)
	require.NoError(t, put(t, old, "a", "1"))
	stranger.Name = old.Name
	_, err := get(t, stranger, "a")
	require.Error(t, err)
	require.Error(t, put(t, stranger, "a", "2"))
	want.RetiredKey = old.Key
	fresh := u.ensureBucket(t, want)
	require.NotEqual(t, old.Key, fresh.Key)
	require.Equal(t, fresh.Key, u.ensureBucket(t, want).Key)
	require.Error(t, put(t, old, "b", "1"))
	text, err := get(t, fresh, "a")
	require.NoError(t, err)
	require.Equal(t, "1", text)
}

func (u *storageSuite) bucketQuota(t *testing.T) {
	want := u.newBucket(t)
	want.Objects = 3
	st := u.ensureBucket(t, want)
	kept := 0
	for i := range 10 {
		if put(t, st, strings.Repeat("x", i+1), "1") != nil {
			break
		}
		kept++
	}
	require.Equal(t, 3, kept, "the fourth is refused")
	want.Objects = 20
	u.ensureBucket(t, want)
	require.Eventually(t, func() bool { return put(t, st, "more", "1") == nil }, time.Minute, time.Second)
}

func (u *storageSuite) bucketVersions(t *testing.T) {
	want := u.newBucket(t)
	want.Versioning = true
	st := u.ensureBucket(t, want)
	for _, text := range []string{"one", "two"} {
		require.NoError(t, put(t, st, "a", text))
	}
	versions := 0
	for o := range s3(t, st).ListObjects(t.Context(), st.Name, minio.ListObjectsOptions{WithVersions: true}) {
		require.NoError(t, o.Err)
		versions++
	}
	require.Equal(t, 2, versions)
	want.Versioning, want.ExpireDays = false, 7
	u.ensureBucket(t, want)
	requireReason(t, provider.ReasonConflict, u.DeleteBucket(t.Context(), u.Place, want.ID, false))
}

// bucketInterface is what S3 clients rely on beyond one put and one get: uploads in parts, ranges, links that are signed,
// older versions, and the bucket's own rules.
func (u *storageSuite) bucketInterface(t *testing.T) {
	want := u.newBucket(t)
	want.Versioning, want.ExpireDays = true, 30
	st := u.ensureBucket(t, want)
	c := s3(t, st)
	core := minio.Core{Client: c}
	upload, err := core.NewMultipartUpload(t.Context(), st.Name, "film", minio.PutObjectOptions{ContentType: "video/mp4"})
	require.NoError(t, err)
	const part = 5 << 20 // the least that S3 knows, but for the last
	var parts []minio.CompletePart
	for i, size := range []int{part, part, 7} {
		p, err := core.PutObjectPart(t.Context(), st.Name, "film", upload, i+1, strings.NewReader(strings.Repeat(string(rune('a'+i)), size)), int64(size), minio.PutObjectPartOptions{})
		require.NoError(t, err)
		parts = append(parts, minio.CompletePart{PartNumber: i + 1, ETag: p.ETag})
	}
	_, err = c.StatObject(t.Context(), st.Name, "film", minio.StatObjectOptions{})
	require.Error(t, err, "it is there when it is complete")
	_, err = core.CompleteMultipartUpload(t.Context(), st.Name, "film", upload, parts, minio.PutObjectOptions{})
	require.NoError(t, err)
	film, err := c.StatObject(t.Context(), st.Name, "film", minio.StatObjectOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2*part+7, film.Size)
	require.Equal(t, "video/mp4", film.ContentType)

	var within minio.GetObjectOptions
	require.NoError(t, within.SetRange(part-1, part))
	o, err := c.GetObject(t.Context(), st.Name, "film", within)
	require.NoError(t, err)
	text, err := io.ReadAll(o)
	require.NoError(t, err)
	require.Equal(t, "ab", string(text))
	require.NoError(t, o.Close())
	link, err := c.PresignedGetObject(t.Context(), st.Name, "film", time.Minute, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status(t, link.String()))
	link.RawQuery = ""
	require.Equal(t, http.StatusForbidden, status(t, link.String()), "nobody comes in without a signature")

	_, err = c.CopyObject(t.Context(), minio.CopyDestOptions{Bucket: st.Name, Object: "copy"}, minio.CopySrcOptions{Bucket: st.Name, Object: "film"})
	require.NoError(t, err)
	require.NoError(t, c.RemoveObject(t.Context(), st.Name, "film", minio.RemoveObjectOptions{}))
	_, err = c.StatObject(t.Context(), st.Name, "film", minio.StatObjectOptions{})
	require.Error(t, err)
	old, err := c.StatObject(t.Context(), st.Name, "film", minio.StatObjectOptions{VersionID: film.VersionID})
	require.NoError(t, err, "a version outlives the deletion")
	require.Equal(t, film.ETag, old.ETag)
	rules, err := c.GetBucketLifecycle(t.Context(), st.Name)
	require.NoError(t, err)
	require.EqualValues(t, 30, rules.Rules[0].Expiration.Days)
	abandoned, err := core.NewMultipartUpload(t.Context(), st.Name, "abandoned", minio.PutObjectOptions{})
	require.NoError(t, err)
	require.NoError(t, core.AbortMultipartUpload(t.Context(), st.Name, "abandoned", abandoned))
}

func status(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

func (u *storageSuite) bucketRefusals(t *testing.T) {
	want, thief := u.newBucket(t), u.newBucket(t)
	u.ensureBucket(t, want)
	thief.Name = want.Name
	_, err := u.EnsureBucket(t.Context(), u.Place, thief)
	requireReason(t, provider.ReasonConflict, err)
	moved := want
	moved.Name += "-2"
	_, err = u.EnsureBucket(t.Context(), u.Place, moved)
	requireReason(t, provider.ReasonConflict, err)
	for _, name := range []string{"", "ab", "Capital", "with space", "-dash", strings.Repeat("a", 64)} {
		bad := u.newBucket(t)
		bad.Name = name
		_, err = u.EnsureBucket(t.Context(), u.Place, bad)
		requireReason(t, provider.ReasonInvalid, err)
	}
	for _, id := range []string{newID(t), "no-such-id"} {
		_, err = u.GetBucket(t.Context(), u.Place, id)
		requireReason(t, provider.ReasonNotFound, err)
		require.NoError(t, u.DeleteBucket(t.Context(), u.Place, id, false))
	}
}
