package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func connect(t *testing.T, h http.HandlerFunc, o client.Options) *client.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	o.Server = s.URL
	c, err := client.Connect(o)
	require.NoError(t, err)
	return c
}

func noun(t *testing.T, name string) *client.Noun {
	t.Helper()
	n, ok := client.FindNoun(name)
	require.True(t, ok)
	return n
}

// A connection that breaks is tried again where that can do no harm, with the same body.
func TestRetries(t *testing.T) {
	var calls atomic.Int32
	c := connect(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if calls.Add(1) < 3 {
			conn, _, err := http.NewResponseController(w).Hijack()
			if !assert.NoError(t, err) {
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
			return
		}
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		if r.Method == http.MethodPost {
			assert.Equal(t, "k1", r.Header.Get("Idempotency-Key"))
			assert.JSONEq(t, `{"name":"n"}`, string(body))
		}
		fmt.Fprint(w, `{"items":[],"created":true}`)
	}, client.Options{Token: "secret"})
	n := noun(t, "networks")
	_, err := client.Read[client.Objects](n.List(t.Context(), c, client.ListQuery{}))
	require.NoError(t, err)
	require.EqualValues(t, 3, calls.Load())

	calls.Store(0)
	a, err := client.Read[client.Applied](n.Create(t.Context(), c, client.Write{Key: "k1"}, strings.NewReader(`{"name":"n"}`)))
	require.NoError(t, err)
	require.True(t, a.Created)

	calls.Store(0)
	_, err = client.Read[client.Applied](n.Create(t.Context(), c, client.Write{}, strings.NewReader(`{}`)))
	require.Equal(t, client.ReasonUnreachable, client.ReasonOf(err))
	require.EqualValues(t, 1, calls.Load())
}

func TestProblems(t *testing.T) {
	c := connect(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "strange") {
			http.Error(w, "<html>", http.StatusBadGateway)
			return
		}
		w.WriteHeader(http.StatusConflict)
		fmt.Fprint(w, `{"reason":"NoCandidate","detail":"no host fits","hint":"add one","status":409,"title":"","type":"","candidates":[{"name":"h1","reason":"Full","detail":"no room"}]}`)
	}, client.Options{})
	_, err := client.Read[client.Object](noun(t, "server").Get(t.Context(), c, client.Target{ID: "s1", Project: "a/b"}))
	var p *client.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "no host fits", p.Error())
	require.Equal(t, "h1", (*p.Candidates)[0].Name)
	_, err = client.Read[client.Object](noun(t, "server").Get(t.Context(), c, client.Target{ID: "strange"}))
	require.Equal(t, client.ReasonStrange, client.ReasonOf(err))
}

// A server that is silent is given up, one that waits on purpose is not.
func TestTimeouts(t *testing.T) {
	c := connect(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(400 * time.Millisecond):
		}
		fmt.Fprint(w, `{}`)
	}, client.Options{Timeout: 50 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := client.Read[client.Applied](noun(t, "server").Create(ctx, c, client.Write{}, strings.NewReader(`{}`)))
	require.Equal(t, client.ReasonUnreachable, client.ReasonOf(err))
	require.ErrorContains(t, err, "did not answer within")
	wait := "1s"
	_, err = client.Read[client.OrderApplied](c.ApplyBundle(ctx, &client.ApplyBundleParams{Wait: &wait}, client.OrderApply{}))
	require.NoError(t, err)
}

// A stream that breaks off goes on where it was.
func TestFollow(t *testing.T) {
	var calls atomic.Int32
	c := connect(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			fmt.Fprint(w, "event: sync\ndata: {\"revision\":5,\"change\":\"sync\"}\n\nid: 7\nevent: put\ndata: {\"revision\":7,\"change\":\"put\",\"name\":\"a\",\"object\":{\"name\":\"a\",\"spec\":{\"x\":[{\"y\":1},{\"y\":2.5}]}}}\n\n")
			return
		}
		assert.Equal(t, "7", r.Header.Get("Last-Event-ID"))
		fmt.Fprint(w, "event: sync\ndata: {\"revision\":7,\"change\":\"sync\"}\n\nevent: delete\ndata: {\"revision\":8,\"change\":\"delete\",\"name\":\"a\"}\n\n")
	}, client.Options{})
	done := errors.New("done")
	var seen []string
	err := c.Follow(t.Context(), client.WatchQuery{Kinds: []string{"network"}}, func(e client.Event) error {
		seen = append(seen, e.Change)
		if e.Object != nil {
			require.Equal(t, []string{"1", "2.5"}, e.Object.Lookup("spec.x.y"))
			text, err := json.Marshal(e.Object)
			require.NoError(t, err)
			require.JSONEq(t, `{"name":"a","spec":{"x":[{"y":1},{"y":2.5}]}}`, string(text))
		}
		if e.Change == "delete" {
			return done
		}
		return nil
	})
	require.ErrorIs(t, err, done)
	require.Equal(t, []string{"sync", "put", "delete"}, seen)
}
