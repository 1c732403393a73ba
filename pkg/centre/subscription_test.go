package centre

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quick is for tests: what takes seconds takes tens of milliseconds.
var quick = pace{pull: 100 * time.Millisecond, gap: 20 * time.Millisecond, first: 10 * time.Millisecond, most: 100 * time.Millisecond, heartbeat: time.Second, report: 50 * time.Millisecond,
	silence: 2 * time.Second, answer: 2 * time.Second}

// server is a centre with one document, to be killed and brought back at the same address.
type server struct {
	t    *testing.T
	addr string
	http *httptest.Server

	mu      sync.Mutex
	version int64
	text    string
	changed chan struct{} // closed at the next change
	mute    bool          // streams stay open and say nothing
	acks    []ack
	pulls   int
	streams int
	since   []string
}

func newServer(t *testing.T) *server {
	s := &server{t: t, changed: make(chan struct{}), addr: "127.0.0.1:0"}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) start() {
	l, err := net.Listen("tcp", s.addr)
	require.NoError(s.t, err)
	s.addr = l.Addr().String()
	s.http = httptest.NewUnstartedServer(s.routes())
	_ = s.http.Listener.Close()
	s.http.Listener = l
	s.http.Start()
}

func (s *server) kill() {
	if s.http == nil {
		return
	}
	s.http.CloseClientConnections()
	s.http.Close()
	s.http = nil
}

func (s *server) put(version int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version, s.text = version, text
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *server) now() (int64, []byte, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, _ := json.Marshal(map[string]any{"version": s.version, "hash": digest([]byte(s.text)), "spec": map[string]any{"format": "text", "document": s.text}})
	return s.version, text, s.changed
}

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/configs/rules/watch", func(w http.ResponseWriter, r *http.Request) {
		known, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
		s.mu.Lock()
		s.streams++
		s.since = append(s.since, r.URL.Query().Get("since"))
		mute := s.mute
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, ": hello\n\n")
		_ = http.NewResponseController(w).Flush()
		for {
			version, text, changed := s.now()
			if version > known && !mute {
				known = version
				_, _ = fmt.Fprintf(w, "event: version\nid: %d\ndata: %s\n\n", version, text)
				_ = http.NewResponseController(w).Flush()
			}
			select {
			case <-changed:
			case <-r.Context().Done():
				return
			}
		}
	})
	mux.HandleFunc("GET /v1/configs/rules/versions/current", func(w http.ResponseWriter, r *http.Request) {
		version, text, _ := s.now()
		s.mu.Lock()
		s.pulls++
		s.mu.Unlock()
		tag := fmt.Sprintf("%q", fmt.Sprint(version))
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(text)
	})
	mux.HandleFunc("POST /v1/configs/rules/acks", func(w http.ResponseWriter, r *http.Request) {
		var a ack
		if r.Header.Get("Authorization") != "Bearer secret" || r.URL.Query().Get("project") != "p" || json.NewDecoder(r.Body).Decode(&a) != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		s.mu.Lock()
		s.acks = append(s.acks, a)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func (s *server) acked(version int64, state, why string) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.acks) == 0 {
			return false
		}
		a := s.acks[len(s.acks)-1]
		return a.Subscriber == "till" && a.Version == version && a.State == state && strings.Contains(a.Reason, why)
	}
}

// service is what follows the document.
type service struct {
	*Subscription
	stop context.CancelFunc

	mu     sync.Mutex
	seen   []Version
	refuse func(Version) error
}

func (s *server) subscribe(t *testing.T, snapshot string, refuse func(Version) error) *service {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &service{stop: stop, refuse: refuse}
	var err error
	c.Subscription, err = Subscribe(ctx, Options{URL: "http://" + s.addr + "/v1/configs/rules?project=p", Token: "secret", Name: "till", Snapshot: snapshot, pace: quick,
		Apply: func(v Version) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.refuse != nil {
				if err := c.refuse(v); err != nil {
					return err
				}
			}
			c.seen = append(c.seen, v)
			return nil
		}})
	require.NoError(t, err)
	t.Cleanup(c.end)
	return c
}

func (c *service) end() {
	c.stop()
	<-c.Done()
}

func (c *service) applied() (out []int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.seen {
		out = append(out, v.Number)
	}
	return out
}

func (c *service) at(version int64) func() bool {
	return func() bool { return c.Current().Number == version }
}

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	require.Eventually(t, is, 20*time.Second, 5*time.Millisecond)
}

func TestPushedAndAcknowledged(t *testing.T) {
	s := newServer(t)
	s.put(1, "one")
	c := s.subscribe(t, "", nil)
	eventually(t, s.acked(1, applied, ""))
	s.put(2, "two")
	eventually(t, s.acked(2, applied, ""))
	require.Equal(t, Version{Number: 2, Hash: digest([]byte("two")), Format: "text", Document: "two"}, c.Current())
	require.Equal(t, []int64{1, 2}, c.applied())
}

func TestRefusedStaysAtTheLastGoodOne(t *testing.T) {
	s := newServer(t)
	s.put(1, "good")
	var mended bool
	c := s.subscribe(t, "", func(v Version) error {
		if v.Document == "bad" && !mended {
			return errors.New("no such node: " + strings.Repeat("é", 2000))
		}
		return nil
	})
	eventually(t, s.acked(1, applied, ""))
	s.put(2, "bad")
	eventually(t, s.acked(2, refused, "no such node"))
	require.EqualValues(t, 1, c.Current().Number)
	c.mu.Lock()
	mended = true
	c.mu.Unlock()
	eventually(t, s.acked(2, applied, "")) // it is tried again without a push
	s.put(3, "better")
	eventually(t, s.acked(3, applied, ""))
}

func TestCentreKilledAndBack(t *testing.T) {
	s := newServer(t)
	s.put(1, "one")
	file := filepath.Join(t.TempDir(), "snapshot")
	c := s.subscribe(t, file, nil)
	eventually(t, s.acked(1, applied, ""))
	s.kill()
	time.Sleep(300 * time.Millisecond)
	require.EqualValues(t, 1, c.Current().Number, "the last good one stays")
	require.Greater(t, c.Lag(), 100*time.Millisecond)
	s.put(2, "two")
	s.start()
	eventually(t, s.acked(2, applied, ""))
	eventually(t, func() bool { return c.Lag() < 100*time.Millisecond })
	s.kill()
	c.end()

	// A start without the centre takes the snapshot, and goes on when it is back.
	again := s.subscribe(t, file, nil)
	require.Equal(t, "two", again.Current().Document)
	require.Equal(t, []int64{2}, again.applied(), "in force before Subscribe returns")
	s.put(3, "three")
	s.start()
	eventually(t, s.acked(3, applied, ""))
	require.Equal(t, []int64{2, 3}, again.applied())
}

func TestSnapshotThatIsNotWhole(t *testing.T) {
	s := newServer(t)
	s.put(1, "one")
	file := filepath.Join(t.TempDir(), "snapshot")
	c := s.subscribe(t, file, nil)
	eventually(t, s.acked(1, applied, ""))
	c.end()
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	s.kill()
	other := strings.Replace(string(whole), "/v1/configs/rules", "/v1/configs/other", 1)
	for name, text := range map[string]string{"half": string(whole[:len(whole)/2]), "empty": "", "changed": strings.Replace(string(whole), "one", "two", 1), "of another": other, "not JSON": "}"} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		c := s.subscribe(t, file, nil)
		require.Zero(t, c.Current().Number, name)
		c.end()
	}
	require.NoError(t, os.WriteFile(file, []byte("half"), 0o600))
	c = s.subscribe(t, file, nil)
	s.start()
	eventually(t, c.at(1)) // the centre supplies it
	c.end()
	require.NoError(t, os.WriteFile(file, whole, 0o600))
	c = s.subscribe(t, file, nil)
	require.Equal(t, "one", c.Current().Document)
	c.end()
	rest, err := filepath.Glob(file + ".*")
	require.NoError(t, err)
	require.Empty(t, rest, "nothing temporary is left")
}

// Ten changes a second, for longer than it takes to apply one: few are applied, in order, and the last is in force.
func TestFlappingIsTakenTogether(t *testing.T) {
	s := newServer(t)
	s.put(1, "one")
	c := s.subscribe(t, filepath.Join(t.TempDir(), "snapshot"), func(Version) error {
		time.Sleep(150 * time.Millisecond)
		return nil
	})
	eventually(t, c.at(1))
	const last = 51
	for n := int64(2); n <= last; n++ {
		s.put(n, fmt.Sprint(n))
		time.Sleep(50 * time.Millisecond)
	}
	eventually(t, s.acked(last, applied, ""))
	seen := c.applied()
	require.Less(t, len(seen), 35, "%v", seen)
	for i := 1; i < len(seen); i++ {
		require.Greater(t, seen[i], seen[i-1])
	}
}

// A stream that says nothing is made up for by the pull, which costs nothing while there is no news.
func TestPullMakesUpForThePush(t *testing.T) {
	s := newServer(t)
	s.mute = true
	s.put(1, "one")
	c := s.subscribe(t, "", nil)
	eventually(t, c.at(1))
	s.put(2, "two")
	eventually(t, s.acked(2, applied, ""))
	s.mu.Lock()
	before := s.pulls
	s.mu.Unlock()
	eventually(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.pulls > before+2 })
	require.Equal(t, []int64{1, 2}, c.applied())
}

func TestNeverGoesBack(t *testing.T) {
	s := newServer(t)
	s.put(5, "five")
	c := s.subscribe(t, "", nil)
	eventually(t, s.acked(5, applied, ""))
	s.put(3, "three") // as a centre does that was restored from an old backup
	eventually(t, s.acked(3, refused, "version 5 is in force"))
	require.EqualValues(t, 5, c.Current().Number)
	s.put(6, "six")
	eventually(t, s.acked(6, applied, ""))
	require.Equal(t, []int64{5, 6}, c.applied())
}

// Who keeps what is in force tells it; it is applied once more, and nothing lower is.
func TestSince(t *testing.T) {
	s := newServer(t)
	s.put(4, "four")
	got := make(chan int64, 10)
	ctx, stop := context.WithCancel(t.Context())
	c, err := Subscribe(ctx, Options{URL: "http://" + s.addr + "/v1/configs/rules?project=p", Token: "secret", Name: "till", Since: 4, pace: quick,
		Apply: func(v Version) error { got <- v.Number; return nil }})
	require.NoError(t, err)
	eventually(t, s.acked(4, applied, ""))
	s.put(3, "three")
	eventually(t, s.acked(3, refused, ""))
	s.put(5, "five")
	eventually(t, s.acked(5, applied, ""))
	stop()
	<-c.Done()
	close(got)
	var all []int64
	for n := range got {
		all = append(all, n)
	}
	require.Equal(t, []int64{4, 5}, all)
}

// A centre that breaks off all the time is not hammered, and a version that did not arrive whole is not taken.
func TestBrokenAnswers(t *testing.T) {
	var mu sync.Mutex
	calls := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		calls++
		mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "/watch") {
			_, _ = fmt.Fprint(w, "event: version\nid: 1\ndata: {\"version\":1,\"hash\":\"x\",\"spec\":{\"format\":\"text\",\"document\":\"cut\"}}\n\n")
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer web.Close()
	ctx, stop := context.WithCancel(t.Context())
	slow := quick
	slow.first, slow.most = 200*time.Millisecond, time.Second
	c, err := Subscribe(ctx, Options{URL: web.URL + "/v1/configs/rules", Name: "till", pace: slow, Apply: func(Version) error { t.Error("applied"); return nil }})
	require.NoError(t, err)
	time.Sleep(time.Second)
	require.Zero(t, c.Current().Number)
	stop()
	<-c.Done()
	mu.Lock()
	defer mu.Unlock()
	require.Less(t, calls, 60)
}

func TestOptionsThatCanNotBe(t *testing.T) {
	do := func(Version) error { return nil }
	for want, o := range map[string]Options{
		"is not a URL":     {URL: "plaza", Name: "n", Apply: do},
		"Name is missing":  {URL: "http://127.0.0.1:1/x", Apply: do},
		"Apply is missing": {URL: "http://127.0.0.1:1/x", Name: "n"},
		"no certificate":   {URL: "https://127.0.0.1:1/x", Name: "n", Apply: do, CA: []byte("x")},
	} {
		_, err := Subscribe(t.Context(), o)
		require.ErrorContains(t, err, want)
	}
}
