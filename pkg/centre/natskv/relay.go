package natskv

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/plazacloud/plaza/pkg/centre"
)

const (
	relayPause = 500 * time.Millisecond // before NATS is tried again
	relayTick  = time.Second            // between looks at who is gone, and tries to write
	relayLook  = 30                     // ticks between looks at the bucket
	envelope   = 1 << 10                // bytes of a message beside its value
)

// RelayOptions say what is relayed.
type RelayOptions struct {
	// Options say which document of Plaza it is, and in whose name it is acknowledged. Since, Apply, Report and Beat are
	// the relay's own.
	centre.Options
	// Merge makes one report of the last ones of all who follow, for Plaza; nil for none.
	Merge func(reports []json.RawMessage) any
	// Patience is how long those who follow have to answer, at most 15 s; 0 means 8 s, which is within the 10 s that Plaza
	// gives a stage.
	Patience time.Duration
	// Lasts is how long a follower counts that says nothing; 0 means 45 s. It is three times their Beat or more.
	Lasts time.Duration
}

// Relay follows a document of Plaza, and keeps its newest version in a key of NATS for all who [Follow]. What it returns is
// done when nothing of it runs any more; then close the connection. That Plaza or NATS is away is no failure.
func Relay(ctx context.Context, at Place, o RelayOptions) (*centre.Subscription, error) {
	if err := at.check(); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Patience, o.Lasts = cmp.Or(o.Patience, 8*time.Second), cmp.Or(o.Lasts, usualLasts)
	plaza, err := centre.HTTP(o.Options)
	if err != nil {
		return nil, err
	}
	r := &relay{Source: plaza, Place: at, o: o, wake: make(chan struct{}, 1), done: make(chan struct{}), changed: make(chan struct{}), book: followers{}}
	o.Since, o.Apply, o.Report, o.Beat = 0, r.want, r.report, min(usualBeat, o.Lasts)
	s, err := centre.Follow(ctx, o.Options, r)
	if err != nil {
		return nil, err
	}
	go r.run(ctx)
	return s, nil
}

// relay is Plaza as a source, but that those who follow have a say in what is acknowledged.
type relay struct {
	centre.Source
	Place
	o    RelayOptions
	wake chan struct{} // one token: there is something to write
	done chan struct{}

	mu      sync.Mutex
	changed chan struct{}  // closed when anything below has changed
	wanted  centre.Version // the newest
	held    value          // what the key holds
	fault   error          // why that is not what is wanted
	book    followers
}

// value is what the key holds.
type value struct {
	number   int64 // 0 for nothing that is a version
	hash     string
	revision uint64
}

func (h value) is(v centre.Version) bool { return h.number == v.Number && h.hash == v.Hash }

// change alters what is told, and wakes those who wait for that.
func (r *relay) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

// want notes the newest version; it is written as soon as NATS can be reached.
func (r *relay) want(v centre.Version) error {
	r.change(func() { r.wanted, r.fault = v, nil })
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return nil
}

func (r *relay) report() any {
	if r.o.Merge == nil {
		return nil
	}
	r.mu.Lock()
	reports := r.book.reports(r.o.Lasts)
	r.mu.Unlock()
	if len(reports) == 0 {
		return nil
	}
	if text := reportText(r.o.Merge(reports), r.o.Log); text != nil {
		return text
	}
	return nil
}

// Acknowledge tells Plaza what became of a version with those who follow.
func (r *relay) Acknowledge(ctx context.Context, a centre.Ack) error {
	if !a.Refused() { // as one is that is older than what was relayed
		why, late := r.settle(ctx, a.Version)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if late {
			return nil
		}
		if why != "" {
			a = a.Refuse(why)
		}
	}
	return r.Source.Acknowledge(ctx, a)
}

// settle waits until all who follow told what they did with a version, or had time to. It tells why the version is not in
// force with all of them, and whether it was too late to tell: there is a newer one.
func (r *relay) settle(ctx context.Context, number int64) (why string, late bool) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Patience)
	defer cancel()
	for {
		r.mu.Lock()
		verdict, open := r.verdict()
		why, late = verdict, r.wanted.Number > number
		changed := r.changed
		r.mu.Unlock()
		if late || !open || ctx.Err() != nil {
			return why, late
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
}

// verdict is that of those who follow, once they can know what is wanted.
func (r *relay) verdict() (why string, open bool) {
	switch {
	case r.held.is(r.wanted):
		return r.book.verdict(r.wanted.Number, r.o.Lasts)
	case r.fault != nil:
		return r.fault.Error(), true
	}
	return "it is not in NATS yet", true
}

// Close comes after the context ended.
func (r *relay) Close() {
	<-r.done
	r.Source.Close()
}

// run keeps the key as it ought to be until ctx ends.
func (r *relay) run(ctx context.Context) {
	defer close(r.done)
	for away := false; ctx.Err() == nil; away = true {
		err := r.session(ctx, func() { away = false })
		if ctx.Err() != nil {
			return
		}
		r.change(func() { r.fault = err })
		if !away {
			r.o.Log.Warn("NATS can not be used; the last good version stays", "bucket", r.Bucket, "key", r.Key, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(relayPause):
		}
	}
}

// session is one time of being connected: a watch of the key and of those who follow.
type session struct {
	*relay
	b     *bucket
	first value // what the key holds, while not all of the beginning was told
	live  bool
	stale map[string]uint64 // keys to purge, with the revision after the last one
}

func (r *relay) session(ctx context.Context, up func()) error {
	b, err := r.provide(ctx)
	if err != nil {
		return err
	}
	w, err := b.watch(ctx, r.Key, r.Key+".ack.>")
	if err != nil {
		return err
	}
	defer w.stop()
	r.change(func() { r.book.revive() })
	s := &session{relay: r, b: b, stale: map[string]uint64{}}
	tick := time.NewTicker(relayTick)
	defer tick.Stop()
	for ticks := 1; ; {
		due := true // to see to the key
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.lost:
			return errAway
		case e, open := <-w.updates:
			switch {
			case !open:
				return errAway
			case e == nil:
				s.begin(up)
			default:
				s.note(e)
				due = e.Key() == s.Key
			}
		case <-r.wake:
		case <-tick.C:
			s.clean(ctx)
			if ticks++; ticks%relayLook > 0 {
				break
			}
			if err := s.look(ctx); err != nil {
				return err
			}
		}
		if due && s.live {
			s.write(ctx)
		}
	}
}

// begin comes when all that is in NATS was told.
func (s *session) begin(up func()) {
	up()
	s.live = true
	s.change(func() { s.held, s.fault = s.first, nil })
}

// look finds what a watch is not told of: a bucket that was made anew, a key that was purged from the stream.
func (s *session) look(ctx context.Context) error {
	if err := s.b.same(ctx); err != nil || !s.live {
		return err
	}
	e, err := s.b.kv.Get(ctx, s.Key)
	switch {
	case err == nil && e.Revision() > s.held.revision:
		s.change(func() { s.held = valueOf(e) })
	case err == nil:
	case !errors.Is(err, jetstream.ErrKeyNotFound):
		return err
	case s.held.number > 0:
		s.change(func() { s.held = value{} })
	}
	return nil
}

// note takes over what a key holds now.
func (s *session) note(e jetstream.KeyValueEntry) {
	switch {
	case e.Key() != s.Key:
		s.change(func() { s.hear(e) })
	case s.live:
		s.change(func() { s.held = valueOf(e) })
	default:
		s.first = valueOf(e)
	}
}

func valueOf(e jetstream.KeyValueEntry) value {
	v, err := centre.ParseVersion(e.Value())
	if err != nil {
		return value{revision: e.Revision()} // deleted, or no version: it is written over
	}
	return value{v.Number, v.Hash, e.Revision()}
}

// hear takes note of what a follower told.
func (s *session) hear(e jetstream.KeyValueEntry) {
	if e.Operation() != jetstream.KeyValuePut {
		delete(s.book, e.Key())
		s.stale[e.Key()] = e.Revision() + 1
		return
	}
	f := follower{heard: s.b.heard(e), revision: e.Revision()}
	if err := json.Unmarshal(e.Value(), &f.word); err != nil || f.Subscriber == "" {
		s.o.Log.Warn("what a follower wrote is no acknowledgement", "bucket", s.Bucket, "key", e.Key(), "error", err)
		return
	}
	s.book.hear(e.Key(), f)
}

// clean forgets those who are gone. Their keys are purged, as names of processes may be new every day.
func (s *session) clean(ctx context.Context) {
	s.change(func() {
		for key, f := range s.book {
			if !f.lives(s.o.Lasts) {
				delete(s.book, key)
				s.stale[key] = f.revision + 1
			}
		}
	})
	ctx, cancel := context.WithTimeout(ctx, relayTick)
	defer cancel()
	for key, next := range s.stale {
		err := s.b.stream.Purge(ctx, jetstream.WithPurgeSubject(s.subject(key)), jetstream.WithPurgeSequence(next))
		if err != nil {
			s.o.Log.Debug("a key can not be purged", "key", key, "error", err)
			return
		}
		delete(s.stale, key)
	}
}

// write puts the version that is wanted into the key, unless it is there.
func (s *session) write(ctx context.Context) {
	s.mu.Lock()
	v, held := s.wanted, s.held
	s.mu.Unlock()
	if v.Number == 0 || held.is(v) {
		return
	}
	next, err := s.put(ctx, v, held)
	if errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return // another relay was quicker; the watch tells what it wrote
	}
	if err != nil && ctx.Err() == nil {
		s.o.Log.Debug("a version can not be written", "version", v.Number, "error", err)
	}
	s.change(func() {
		if s.fault = err; err == nil && next.revision > s.held.revision {
			s.held = next
		}
	})
}

func (s *session) put(ctx context.Context, v centre.Version, held value) (value, error) {
	if v.Number <= held.number {
		return held, fmt.Errorf("NATS holds another document as version %d in bucket %s, key %s, and versions do not go back; change the document until it is at a higher one, or take another key", held.number, s.Bucket, s.Key)
	}
	text, err := v.Text()
	if err != nil {
		return held, err
	}
	if most := s.Conn.MaxPayload(); int64(len(text)+envelope) > most {
		return held, fmt.Errorf("version %d takes a message of %d KiB, and NATS takes %d KiB; raise its max_payload, or shorten the document", v.Number, (len(text)+envelope)>>10, most>>10)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	revision, err := s.b.kv.Update(ctx, s.Key, text, held.revision)
	if err != nil {
		return held, fmt.Errorf("NATS does not take it: %w", err)
	}
	return value{v.Number, v.Hash, revision}, nil
}
