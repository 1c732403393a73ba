package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

// follower reads a watch as a browser does: it keeps the last id.
type follower struct {
	events chan api.WatchEvent
	last   chan string
	stop   context.CancelFunc
}

func (r *rig) follow(t *testing.T, who, query, lastID string) *follower {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	f := &follower{events: make(chan api.WatchEvent, 1000), last: make(chan string, 1000), stop: stop}
	req, err := http.NewRequestWithContext(ctx, "GET", r.http.URL+"/v1/watch?"+query, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+r.secrets[who])
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := r.http.Client().Do(req)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	go func() {
		defer close(f.events)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				f.last <- id
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var e api.WatchEvent
				if json.Unmarshal([]byte(data), &e) == nil {
					f.events <- e
				}
			}
		}
	}()
	t.Cleanup(stop)
	require.Equal(t, "sync", f.next(t).Change)
	return f
}

func (f *follower) next(t *testing.T) api.WatchEvent {
	t.Helper()
	select {
	case e, ok := <-f.events:
		require.True(t, ok, "the stream ended")
		return e
	case <-time.After(10 * time.Second):
		require.Fail(t, "no event within 10 s")
		return api.WatchEvent{}
	}
}

// until reads events up to one that f likes.
func (f *follower) until(t *testing.T, like func(api.WatchEvent) bool) (seen []api.WatchEvent) {
	t.Helper()
	for {
		e := f.next(t)
		seen = append(seen, e)
		if like(e) {
			return seen
		}
	}
}

func ready(name string) func(api.WatchEvent) bool {
	return func(e api.WatchEvent) bool {
		var b box
		return e.Name == name && json.Unmarshal(e.Object, &b) == nil && b.Phase == resource.PhaseReady
	}
}

func TestWatch(t *testing.T) {
	r := newRig(t)
	member := r.follow(t, "dailymart-member", "kinds=boxes", "")
	all := r.follow(t, "admin", "", "")
	own := r.follow(t, "admin", "kinds=box,shelf&project="+teashop, "")
	r.newBox(t, "admin", teashop, "tea", 5)
	r.newBox(t, "admin", shop, "b1", 5)
	for _, e := range member.until(t, ready("b1")) {
		require.Equal(t, r.project[shop], e.Project)
	}
	all.until(t, ready("tea"))
	all.until(t, ready("b1"))
	r.call(t, "admin", "POST", "/v1/shelves", `{"name":"s1","spec":{"height":3}}`).is(201)
	for _, e := range own.until(t, func(e api.WatchEvent) bool { return e.Kind == "shelf" }) {
		require.NotEqual(t, "b1", e.Name)
	}
	r.call(t, "admin", "DELETE", "/v1/boxes/b1?wait=20s", nil).is(200)
	gone := member.until(t, func(e api.WatchEvent) bool { return e.Change == "delete" })
	require.Nil(t, gone[len(gone)-1].Object)
	r.call(t, "dailymart-member", "GET", "/v1/watch?kinds=box&project="+r.project[teashop], nil).refused(resource.ReasonNotFound)
}

// TestWatchMissesNothing cuts the stream again and again and comes back with the last id.
func TestWatchMissesNothing(t *testing.T) {
	r := newRig(t)
	r.newBox(t, "admin", shop, "first", 5) // the revision 0 of an empty installation is no place to come back to
	f := r.follow(t, "admin", "kinds=box", "")
	start := <-f.last
	seen := map[string]bool{}
	for i := range 5 {
		f.stop()
		for j := range 4 {
			r.call(t, "admin", "POST", "/v1/boxes", map[string]any{"project": shop, "name": fmt.Sprintf("b%d-%d", i, j), "spec": map[string]any{"size": 5}})
		}
		f = r.follow(t, "admin", "kinds=box", start)
		for _, e := range f.until(t, func(e api.WatchEvent) bool { return e.Name == fmt.Sprintf("b%d-3", i) }) {
			seen[e.Name] = e.Name != "first"
		}
		for done := false; !done; {
			select {
			case start = <-f.last:
			default:
				done = true
			}
		}
	}
	delete(seen, "first")
	require.Len(t, seen, 20)
	select { // once it is quiet, the id moves up to the last event
	case <-f.last:
	case <-time.After(5 * time.Second):
		require.Fail(t, "no id after the stream went quiet")
	}
}

// TestWatchEndsWhenTheClientLeaves shows that the server lets go of it.
func TestWatchEndsWhenTheClientLeaves(t *testing.T) {
	r := newRig(t)
	f := r.follow(t, "admin", "", "")
	f.stop()
	require.Eventually(t, func() bool {
		return strings.Contains(string(r.call(t, "admin", "GET", "/metrics", nil).is(200).body), "plaza_watches_open 0")
	}, 5*time.Second, 20*time.Millisecond)
}
