package openstack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// longestShare is how long anybody waits for what others have asked: a request that hangs holds nobody up for longer.
const longestShare = 5 * time.Second

// shared sends equal reads that are asked for at the same time once. Ten servers that are made at once look for the same
// network, image, flavor and rules, and a cloud answers each of these in turn. An answer is only shared with those who
// asked before its request was sent, so nobody is told of a time before he asked.
type shared struct {
	next http.RoundTripper

	mu   sync.Mutex
	sent map[string]*sharedRead // the one under way for each request
}

// sharedRead is one request for all who wait for it.
type sharedRead struct {
	waiters int
	since   time.Time     // when it was sent
	after   *sharedRead   // for those who asked since it was sent
	sent    chan struct{} // closed when the one before is over, so that this one may be sent
	done    chan struct{} // closed when the rest is set
	resp    *http.Response
	body    []byte
	err     error
}

func newShared(next http.RoundTripper) *shared {
	return &shared{next: next, sent: map[string]*sharedRead{}}
}

// RoundTrip sends a read together with equal ones, and all else by itself.
func (s *shared) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || strings.HasSuffix(req.URL.Path, "/file") { // contents of images are large
		return s.next.RoundTrip(req)
	}
	key := readKey(req)
	s.mu.Lock()
	under := s.sent[key]
	switch {
	case under == nil:
		r := &sharedRead{done: make(chan struct{}), since: time.Now()}
		s.sent[key] = r
		s.mu.Unlock()
		return s.lead(req, key, r)
	case time.Since(under.since) > longestShare:
		s.mu.Unlock()
		return s.next.RoundTrip(req)
	case under.after == nil:
		r := &sharedRead{sent: make(chan struct{}), done: make(chan struct{})}
		under.after = r
		s.mu.Unlock()
		if !soon(req, r.sent) {
			go s.giveUp(key, r)
			return s.next.RoundTrip(req)
		}
		return s.lead(req, key, r)
	}
	r := under.after
	r.waiters++
	s.mu.Unlock()
	if !soon(req, r.done) || r.err != nil { // perhaps only its own asker had no more time
		return s.next.RoundTrip(req)
	}
	return r.copyFor(req), nil
}

// soon waits for something, for no longer than the request has time.
func soon(req *http.Request, is <-chan struct{}) bool {
	limit := time.NewTimer(longestShare)
	defer limit.Stop()
	select {
	case <-is:
		return true
	case <-limit.C:
	case <-req.Context().Done():
	}
	return false
}

// lead sends the request, and lets the next one be sent.
func (s *shared) lead(req *http.Request, key string, r *sharedRead) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	s.handOver(key, r)
	defer close(r.done)
	if err != nil || r.waiters == 0 { // nobody has joined since it was sent
		r.err = err
		return resp, err
	}
	r.resp = resp
	r.body, r.err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if r.err != nil {
		return nil, r.err
	}
	return r.copyFor(req), nil
}

// giveUp lets those who wait for a request ask for themselves, as its own asker waits no more. It ends with the request
// before, which has a bound.
func (s *shared) giveUp(key string, r *sharedRead) {
	<-r.sent
	r.err = context.DeadlineExceeded
	s.handOver(key, r)
	close(r.done)
}

// handOver lets the next request be sent.
func (s *shared) handOver(key string, r *sharedRead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.after == nil {
		delete(s.sent, key)
		return
	}
	s.sent[key], r.after.since = r.after, time.Now()
	close(r.after.sent)
}

func (r *sharedRead) copyFor(req *http.Request) *http.Response {
	out := *r.resp
	out.Header, out.Request, out.Body, out.ContentLength = r.resp.Header.Clone(), req, io.NopCloser(bytes.NewReader(r.body)), int64(len(r.body))
	return &out
}

// readKey tells equal reads: the same answer to the same asker.
func readKey(req *http.Request) string {
	var b strings.Builder
	b.WriteString(req.URL.String())
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		fmt.Fprintf(&b, "\n%s: %q", name, req.Header[name])
	}
	return b.String()
}
