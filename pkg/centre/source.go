package centre

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

// Source is a way by which the versions of one document come and acknowledgements go. [Subscribe] uses [HTTP]; whatever the
// way, a [Subscription] sees to it that versions never go back, are taken together, outlast the source in the snapshot, and
// are acknowledged. Watch, Pull and Acknowledge run side by side, but none of them twice at once.
type Source interface {
	// String names the document, wherever it is reached: a snapshot of another is not used.
	String() string
	// Watch offers the newest version, unless it is no higher than since, and those that follow, until the way breaks or
	// ctx ends; heard tells whether it ever stood.
	Watch(ctx context.Context, since int64, offer func(Version)) (heard bool, err error)
	// Pull offers the newest version, if there may be one that was not offered; it makes up for what Watch lost.
	Pull(ctx context.Context, offer func(Version)) error
	// Acknowledge tells what became of a version. When it fails it is called again, with the newest then.
	Acknowledge(ctx context.Context, a Ack) error
	// Close gives up what the source holds; nothing else of it is called any more.
	Close()
}

// What a subscriber did with a version.
const (
	applied = "applied"
	refused = "refused"
)

const maxReason = 1024 // bytes of an acknowledgement's reason

// errAsked marks what asking again does not help.
var errAsked = errors.New("the centre refuses")

// Ack tells what became of a version.
type Ack struct {
	Version int64  `json:"version"`
	State   string `json:"state"` // applied or refused
	Reason  string `json:"reason,omitempty"`
	Report  any    `json:"report,omitempty"` // what Options.Report told
}

// Refused tells that the version is not in force.
func (a Ack) Refused() bool { return a.State == refused }

// Refuse is the same acknowledgement as one of a version that is not in force, and why; of the reason at most 1 KiB is kept.
func (a Ack) Refuse(reason string) Ack {
	a.State = refused
	a.Reason = strings.ReplaceAll(strings.ToValidUTF8(reason[:min(len(reason), maxReason)], ""), "\x00", "")
	return a
}

// follow keeps a watch open; one that breaks off is taken up again, later and later while that fails.
func (s *Subscription) follow(ctx context.Context) {
	wait, away := s.o.pace.first, false
	for ctx.Err() == nil {
		s.mu.Lock()
		since := s.highest
		s.mu.Unlock()
		heard, err := s.source.Watch(ctx, since, s.offer)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait, away = s.o.pace.first, false
		}
		if !away {
			s.o.Log.Warn("the centre is away; the last good version stays", "error", err)
			away = true
		}
		if !sleep(ctx, jitter(wait)) {
			return
		}
		wait = min(2*wait, s.o.pace.most)
	}
}

// pulls asks for the newest version now and then, whatever the watch says.
func (s *Subscription) pulls(ctx context.Context) {
	for {
		// A whole pace at first, too: the watch begins with the newest.
		if !sleep(ctx, jitter(s.o.pace.pull)) {
			return
		}
		switch err := s.pull(ctx); {
		case err == nil:
			s.heard()
		case ctx.Err() == nil:
			s.o.Log.Debug("the centre can not be asked", "error", err)
		}
	}
}

func (s *Subscription) pull(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.pace.answer)
	defer cancel()
	return s.source.Pull(ctx, s.offer)
}

// say has a version acknowledged; what was not sent by then is out of date.
func (s *Subscription) say(a Ack) {
	for {
		select {
		case s.acks <- a:
			return
		default:
		}
		select {
		case <-s.acks:
		default:
		}
	}
}

// acknowledges sends the newest acknowledgement until it arrives, and again now and then, as a sign of life.
func (s *Subscription) acknowledges(ctx context.Context) {
	var last *Ack
	wait, told := s.o.pace.first, 0
	for due := s.heartbeat(0); ; {
		select {
		case <-ctx.Done():
			return
		case a := <-s.acks:
			last, wait, told, due = &a, s.o.pace.first, 0, s.soon(a)
			continue
		case <-after(last != nil, due):
		}
		if s.o.Report != nil {
			last.Report = s.o.Report()
		}
		err := s.acknowledge(ctx, *last)
		switch {
		case err == nil, errors.Is(err, errAsked):
			due, wait, told = s.heartbeat(told), s.o.pace.first, told+1
		default:
			due, wait = jitter(wait), min(2*wait, s.o.pace.most)
		}
		if err != nil && ctx.Err() == nil {
			s.o.Log.Debug("an acknowledgement did not arrive", "version", last.Version, "error", err)
		}
	}
}

func (s *Subscription) acknowledge(ctx context.Context, a Ack) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.pace.answer)
	defer cancel()
	return s.source.Acknowledge(ctx, a)
}

// soon is how long an acknowledgement of news waits. A refusal does not: somebody should know.
func (s *Subscription) soon(a Ack) time.Duration {
	if a.Refused() {
		return 0
	}
	return s.o.pace.leave + rand.N(s.o.pace.spread+1) //nolint:gosec // nobody guesses it to any use
}

// heartbeat is how long the next acknowledgement without news may wait. Reports are more frequent after a version that is
// new, as then there is most to tell.
func (s *Subscription) heartbeat(told int) time.Duration {
	if s.o.Report != nil {
		return jitter(s.o.pace.report >> max(3-told, 0))
	}
	return jitter(s.o.pace.heartbeat)
}

// jitter is d, more or less by half: those who lost the centre together do not come back together.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d+1) //nolint:gosec // nobody guesses it to any use
}
