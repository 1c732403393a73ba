package centre

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Options say what is followed, and what becomes of it.
type Options struct {
	// URL of the document: SERVER/v1/configs/NAME?project=PROJECT, or with its id in place of the name.
	URL string
	// Token is an API token; TokenFile names a file with one, which is read for each connection.
	Token, TokenFile string
	// CA is the PEM of the authorities to trust instead of the system's.
	CA []byte
	// Name tells subscribers apart: one for each process, 1 to 128 letters, digits and ._:/@- between them.
	Name string
	// Snapshot is the file that keeps the last good version; empty for none.
	Snapshot string
	// Since is the version that is in force already, for those who keep it themselves; it is applied once more.
	Since int64
	// Apply puts a version in force, or says why not. It is never called twice at once. What it refuses it is asked
	// again every 30 s, until there is a newer one.
	Apply func(Version) error
	// Report, when not nil, is asked every 15 s or so for what to tell the centre of this process: an object of at most
	// 16 KiB as JSON. One that does not arrive is lost.
	Report func() any
	// Beat is about how long an acknowledgement stays the last word of this process; 0 means five minutes, or 15 s with a
	// Report.
	Beat time.Duration
	// Log may be nil.
	Log *slog.Logger

	pace pace
}

// pace is how quickly things are done; tests have less patience.
type pace struct {
	pull      time.Duration // between pulls
	gap       time.Duration // at least, between two calls of Apply
	first     time.Duration // wait before the second try to connect
	most      time.Duration // wait between later ones
	heartbeat time.Duration // between acknowledgements without news
	report    time.Duration // between acknowledgements with a report
	silence   time.Duration // of the stream, after which it counts as broken; the server speaks every 15 s
	answer    time.Duration // for a request that is no stream
	leave     time.Duration // before news is acknowledged: many who get it at once leave the way to those who have not yet
	spread    time.Duration // within which all of them acknowledge then
}

var usual = pace{pull: 30 * time.Second, gap: 500 * time.Millisecond, first: 250 * time.Millisecond, most: 15 * time.Second, heartbeat: 5 * time.Minute, report: 15 * time.Second,
	silence: 45 * time.Second, answer: 20 * time.Second, leave: 150 * time.Millisecond, spread: 300 * time.Millisecond}

// Subscription follows a document until its context ends.
type Subscription struct {
	o      Options
	source Source
	done   chan struct{}
	news   chan struct{} // one token: there is something in offered
	acks   chan Ack      // the newest alone

	mu      sync.Mutex
	offered *Version  // the newest that came, until it is taken
	highest int64     // the highest that came or is in force
	force   Version   // in force
	sure    time.Time // when what is in force was last known to be the newest
}

// Subscribe follows the document at the URL by HTTP. It starts from the snapshot, then goes on in the background until ctx
// ends; Done tells when all of it has stopped. It fails for options that can not be. A centre that is away, or a snapshot
// that is damaged, is no failure: it is logged.
func Subscribe(ctx context.Context, o Options) (*Subscription, error) {
	source, err := HTTP(o)
	if err != nil {
		return nil, err
	}
	return Follow(ctx, o, source)
}

// Follow is Subscribe by another way. What of the options says where the document is, is the source's matter. The source is
// closed at the end; not, when there is an error.
func Follow(ctx context.Context, o Options, source Source) (*Subscription, error) {
	switch {
	case o.Name == "":
		return nil, errors.New("centre: Name is missing; give each process one of its own")
	case o.Apply == nil:
		return nil, errors.New("centre: Apply is missing")
	}
	s := &Subscription{o: o.withDefaults(), source: source, done: make(chan struct{}), news: make(chan struct{}, 1), acks: make(chan Ack, 1),
		highest: max(o.Since-1, 0), force: Version{Number: o.Since}, sure: time.Now()}
	s.resume()
	var wg sync.WaitGroup
	for _, work := range []func(context.Context){s.follow, s.pulls, s.applies, s.acknowledges} {
		wg.Go(func() { work(ctx) })
	}
	go func() {
		wg.Wait()
		source.Close()
		close(s.done)
	}()
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.pace == (pace{}) {
		o.pace = usual
	}
	if o.Beat > 0 {
		o.pace.heartbeat, o.pace.report = o.Beat, o.Beat
	}
	return o
}

// Done is closed when the subscription has ended and nothing of it runs any more.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// Current returns the version in force; its number is 0 before the first.
func (s *Subscription) Current() Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.force
}

// Lag is for how long it has not been known that the version in force is the newest: since the centre last said so, or since
// the subscription began. It is asked every 30 s, so that up to a minute is as usual.
func (s *Subscription) Lag() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.sure)
}

// heard notes that the centre was just heard: what is in force is the newest, unless a higher one came.
func (s *Subscription) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.force.Number >= s.highest {
		s.sure = time.Now()
	}
}

// resume puts the snapshot in force.
func (s *Subscription) resume() {
	v, err := readSnapshot(s.o.Snapshot, s.source.String())
	if err != nil {
		s.o.Log.Warn("the snapshot is not used", "error", err)
	}
	if v == nil || v.Number < s.o.Since {
		return
	}
	if err := s.o.Apply(*v); err != nil {
		s.o.Log.Error("the snapshot's version is refused", "version", v.Number, "error", err)
		return
	}
	s.force, s.highest = *v, v.Number
	s.say(Ack{Version: v.Number, State: applied})
}

// offer takes note of a version that came. Only a higher one than all before is news.
func (s *Subscription) offer(v Version) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case v.Number < s.force.Number:
		s.say(Ack{Version: v.Number}.Refuse(fmt.Sprintf("version %d is in force, and versions do not go back; change the document until it is at a higher one", s.force.Number)))
	case v.Number > s.highest:
		s.highest, s.offered = v.Number, &v
		select {
		case s.news <- struct{}{}:
		default:
		}
	}
}

// take returns the newest version that came and was not tried.
func (s *Subscription) take() *Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.offered
	s.offered = nil
	return v
}

// applies puts in force what came, the newest alone, and tries again what was refused.
func (s *Subscription) applies(ctx context.Context) {
	var turneddown *Version
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.news:
		case <-after(turneddown != nil, s.o.pace.pull):
		}
		v := s.take()
		if v == nil {
			v = turneddown
		}
		if v == nil {
			continue
		}
		turneddown = nil
		if err := s.apply(*v); err != nil {
			turneddown = v
		}
		if !sleep(ctx, s.o.pace.gap) {
			return
		}
	}
}

func (s *Subscription) apply(v Version) error {
	if err := s.o.Apply(v); err != nil {
		s.o.Log.Error("a version is refused; the last good one stays", "version", v.Number, "error", err)
		s.say(Ack{Version: v.Number}.Refuse(err.Error()))
		return err
	}
	s.mu.Lock()
	s.force = v
	s.mu.Unlock()
	s.heard()
	if err := writeSnapshot(s.o.Snapshot, s.source.String(), v); err != nil {
		s.o.Log.Warn("the snapshot could not be written", "version", v.Number, "error", err)
	}
	s.o.Log.Info("a version is in force", "version", v.Number, "hash", v.Hash)
	s.say(Ack{Version: v.Number, State: applied})
	return nil
}

// after is never when it is not wanted.
func after(wanted bool, d time.Duration) <-chan time.Time {
	if !wanted {
		return nil
	}
	return time.After(d)
}

// sleep waits, and tells whether the context lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
