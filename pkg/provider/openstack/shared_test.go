package openstack

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// counted answers reads with a number that goes up all the time, each after a moment; asked is how many it got.
type counted struct {
	*httptest.Server
	clock, asked atomic.Int64
	hold         chan struct{} // while it is set and open, answers wait
}

func newCounted(t *testing.T) *counted {
	c := &counted{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.asked.Add(1)
		if c.hold != nil {
			<-c.hold
		}
		_, _ = io.WriteString(w, strconv.FormatInt(c.clock.Add(1), 10))
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *counted) get(ctx context.Context, s *shared, path string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return 0, err
	}
	resp, err := s.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(body), 10, 64)
}

// TestSharedReadsAreNeverOlderThanTheirAsking lets many ask at once: what each is told is of a time after its asking.
func TestSharedReadsAreNeverOlderThanTheirAsking(t *testing.T) {
	c := newCounted(t)
	s := newShared(c.Client().Transport)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 200 {
				before := c.clock.Load()
				is, err := c.get(t.Context(), s, "/networks")
				if err != nil || is <= before {
					t.Errorf("told %d after %d: %v", is, before, err)
					return
				}
			}
		})
	}
	all.Wait()
	require.Less(t, c.asked.Load(), int64(16*200/2), "few of them were sent")
	require.Empty(t, s.sent)
}

func TestSharedReadsWaitForOne(t *testing.T) {
	c := newCounted(t)
	c.hold = make(chan struct{})
	s := newShared(c.Client().Transport)
	var all sync.WaitGroup
	told := make(chan int64, 16)
	ask := func(ctx context.Context, path string) {
		all.Go(func() {
			if is, err := c.get(ctx, s, path); err == nil {
				told <- is
			}
		})
	}
	waiting := func(key string, n int) {
		require.Eventually(t, func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			r := s.sent[key]
			return r != nil && (n == 0 || r.after != nil && r.after.waiters == n-1)
		}, 5*time.Second, time.Millisecond)
	}
	ask(t.Context(), "/a")
	waiting(c.URL+"/a", 0)
	for range 9 {
		ask(t.Context(), "/a")
	}
	waiting(c.URL+"/a", 9)
	ask(t.Context(), "/b")
	waiting(c.URL+"/b", 0)
	close(c.hold)
	all.Wait()
	close(told)
	seen := map[int64]int{}
	for is := range told {
		seen[is]++
	}
	require.EqualValues(t, 3, c.asked.Load(), "one that was under way, one for the nine, another one")
	require.Len(t, seen, 3)
}

// TestSharedReadThatIsGivenUp: whoever has no more time does not hold up those who wait with it.
func TestSharedReadThatIsGivenUp(t *testing.T) {
	c := newCounted(t)
	c.hold = make(chan struct{})
	s := newShared(c.Client().Transport)
	var all sync.WaitGroup
	all.Go(func() { _, _ = c.get(t.Context(), s, "/a") })
	under := func() *sharedRead { s.mu.Lock(); defer s.mu.Unlock(); return s.sent[c.URL+"/a"] }
	require.Eventually(t, func() bool { return under() != nil }, 5*time.Second, time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	all.Go(func() {
		_, err := c.get(ctx, s, "/a")
		if err == nil {
			t.Error("it was given up")
		}
	})
	next := func() *sharedRead { s.mu.Lock(); defer s.mu.Unlock(); return s.sent[c.URL+"/a"].after }
	require.Eventually(t, func() bool { return next() != nil }, 5*time.Second, time.Millisecond)
	var is int64
	var err error
	all.Go(func() { is, err = c.get(t.Context(), s, "/a") })
	require.Eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.sent[c.URL+"/a"].after.waiters == 1 }, 5*time.Second, time.Millisecond)
	cancel()
	close(c.hold)
	all.Wait()
	require.NoError(t, err)
	require.Positive(t, is)
	require.Eventually(t, func() bool { return under() == nil }, 5*time.Second, time.Millisecond)
}

// TestSharedReadsDoNotWaitForOneThatHangs: when a service has swallowed a request, the next ones reach it soon.
func TestSharedReadsDoNotWaitForOneThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		hang := make(chan struct{})
		s := newShared(roundTripper(func(req *http.Request) (*http.Response, error) {
			if asked.Add(1) == 1 {
				<-hang
			}
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
		}))
		var all sync.WaitGroup
		ask := func() {
			all.Go(func() {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud.example/a", nil)
				if err == nil {
					_, err = s.RoundTrip(req) //nolint:bodyclose // it has none
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		ask()
		synctest.Wait()
		began := time.Now()
		for range 3 {
			ask()
		}
		synctest.Wait()
		time.Sleep(longestShare)
		synctest.Wait()
		require.EqualValues(t, 4, asked.Load())
		require.Equal(t, longestShare, time.Since(began))
		time.Sleep(time.Millisecond)
		ask()
		synctest.Wait()
		require.EqualValues(t, 5, asked.Load(), "nobody waits for it any more")
		close(hang)
		all.Wait()
		synctest.Wait()
		require.Empty(t, s.sent)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestChangesAreNotShared(t *testing.T) {
	c := newCounted(t)
	s := newShared(c.Client().Transport)
	for _, ask := range []struct{ method, path string }{{http.MethodPost, "/a"}, {http.MethodDelete, "/a"}, {http.MethodGet, "/v2/images/x/file"}} {
		req, err := http.NewRequestWithContext(t.Context(), ask.method, c.URL+ask.path, nil)
		require.NoError(t, err)
		resp, err := s.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Empty(t, s.sent)
	}
	one, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL, nil)
	require.NoError(t, err)
	one.Header.Set("X-Auth-Token", "one")
	other := one.Clone(t.Context())
	other.Header.Set("X-Auth-Token", "other")
	require.NotEqual(t, readKey(one), readKey(other))
}
