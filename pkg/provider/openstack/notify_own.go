package openstack

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	deedsKept = 4096
	// answerLag is how much later than its notification the answer to a request may come.
	answerLag = 500 * time.Millisecond
	lateQueue = 1024
)

// deeds are the ids of the last requests by which the driver changed something. Its zero value is ready.
type deeds struct {
	mu   sync.Mutex
	ids  map[string]bool
	ring [deedsKept]string
	next int
}

func (d *deeds) note(req *http.Request, resp *http.Response) {
	id := ""
	if resp != nil && req.Method != http.MethodGet && req.Method != http.MethodHead {
		id = resp.Header.Get("X-Openstack-Request-Id")
	}
	if id == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ids == nil {
		d.ids = map[string]bool{}
	}
	delete(d.ids, d.ring[d.next])
	d.ids[id], d.ring[d.next] = true, id
	d.next = (d.next + 1) % deedsKept
}

func (d *deeds) has(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ids[id]
}

// lateEvent is an event that is told only if nothing until then shows that the driver did it itself.
type lateEvent struct {
	provider.Event
	request string
	at      time.Time
}

// sift tells at once what others did to a server, and wakes the driver's own call that waits for it. Of networks, cards and
// rules, which are made step by step, the driver's own deeds are no news: each would have it look at the whole again.
func (s *subscription) sift(e provider.Event, request string) {
	stepwise := e.Change == "changed" && e.Kind == "server" || e.Kind == "network"
	switch {
	case e.Kind == "server" && e.Change != "changed":
		own := s.news.awaited(e.Backend) && s.deeds.has(request)
		s.news.heard(e.Backend)
		if own { // the call that did it looks now, and tells
			return
		}
	case e.Kind == "server" && s.news.awaited(e.Backend): // that call looks when it ends
		return
	case stepwise && request != "":
		select {
		case s.late <- lateEvent{e, request, time.Now().Add(answerLag)}:
			return
		default:
		}
	}
	s.route(e)
}

func (s *subscription) tellLate(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-s.late:
			if !s.deeds.has(e.request) {
				if err := rest(ctx, time.Until(e.at)); err != nil {
					return err
				}
			}
			if !s.deeds.has(e.request) {
				s.route(e.Event)
			}
		}
	}
}
