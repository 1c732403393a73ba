package h1_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/dpath/internal/h1"
)

// sorted gives the lines of a message, those of its head in order.
func sorted(text string) []string {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	slices.Sort(lines[1:])
	return append(lines, "", body)
}

// Whatever a request holds, the library would have written the same lines.
func TestRequestsAreTheLibrarys(t *testing.T) {
	names := rapid.SampledFrom([]string{"Accept", "User-Agent", "X-A", "x-lower", "Host", "Content-Length", "Transfer-Encoding", "Trailer", "Connection", "Cookie", "Bad Name", "", "X-\x00"})
	values := rapid.SampledFrom([]string{"", "a", " a ", "\tb", "a\r\nX: 1", "a\nb", "ü", "a\x00b", "close", "a, b"})
	rapid.Check(t, func(t *rapid.T) {
		r := &http.Request{Method: rapid.SampledFrom([]string{"GET", "HEAD", "", "POST", "DELETE", "BAD METHOD"}).Draw(t, "method"), Header: http.Header{}}
		r.URL = &url.URL{Scheme: "http", Host: "node:80", Path: rapid.SampledFrom([]string{"/", "", "/a b", "/ü", "//x", "/a\r\nb"}).Draw(t, "path"), RawQuery: rapid.SampledFrom([]string{"", "a=1", "a b", "a\nb"}).Draw(t, "query")}
		r.Host = rapid.SampledFrom([]string{"", "shop", "shop:80", "[::1]:80", "bücher.example", "bad host", "a\r\nb"}).Draw(t, "host")
		for range rapid.IntRange(0, 4).Draw(t, "fields") {
			name := names.Draw(t, "name")
			r.Header[name] = append(r.Header[name], values.Draw(t, "value"))
		}
		if rapid.Bool().Draw(t, "nil agent") {
			r.Header["User-Agent"] = nil
		}
		r.Close = rapid.IntRange(0, 5).Draw(t, "close") == 0
		text := rapid.SampledFrom([]string{"", "", "body"}).Draw(t, "body")
		body := func() {
			if text != "" {
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
			}
		}
		var want, got bytes.Buffer
		body()
		wantErr := r.Write(&want)
		body()
		out := bufio.NewWriter(&got)
		err := h1.WriteRequest(out, r)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v, the library %v", err, wantErr)
		}
		if err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			t.Fatal(err)
		}
		if a, b := sorted(want.String()), sorted(got.String()); !slices.Equal(a, b) {
			t.Fatalf("%q, the library %q", b, a)
		}
	})
}

func TestFieldsThatAreNotPlain(t *testing.T) {
	for _, h := range []http.Header{{"A b": {"1"}}, {"A": {"1\r\nB: 2"}}, {"A": {"1\n2"}}, {"A": {"\x00"}}, {"": {"1"}}, {"A": {"1", "2\r"}}} {
		require.False(t, h1.Plain(h), "%q", h)
	}
	require.True(t, h1.Plain(http.Header{"A": {" 1 ", "ü"}, "b-c": {""}, "D": nil}))
}
