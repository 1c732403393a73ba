package natskv

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/plazacloud/plaza/pkg/centre"
)

const (
	usualBeat  = 15 * time.Second // between two words of a follower
	usualLasts = 3 * usualBeat    // how long a word counts
	maxReport  = 16 << 10         // bytes, as Plaza takes it
)

// Follow is [centre.Subscribe] by NATS: it watches the key, and looks every 30 s for what a watch may have lost. Of the
// options URL, Token, TokenFile and CA have no meaning. The connection stays open; close it when the subscription is done.
func Follow(ctx context.Context, at Place, o centre.Options) (*centre.Subscription, error) {
	if err := at.check(); err != nil {
		return nil, err
	}
	if o.Beat <= 0 {
		o.Beat = usualBeat
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return centre.Follow(ctx, o, &source{Place: at, name: o.Name, log: o.Log, anew: make(chan struct{}, 1)})
}

// source is a key as a source of versions.
type source struct {
	Place
	name string
	log  *slog.Logger
	anew chan struct{} // one token: the bucket that is watched is gone
	acks *bucket       // opened by the first acknowledgement

	mu   sync.Mutex
	made time.Time // of the bucket
	seen uint64    // the key's revision that was offered last
}

// String names the document for the snapshot.
func (s *source) String() string { return "nats:" + s.Bucket + "/" + s.Key }

// Watch offers what the key holds, and what it comes to hold. The library's back-off is enough: it waits for the connection.
func (s *source) Watch(ctx context.Context, _ int64, offer func(centre.Version)) (heard bool, err error) {
	if !s.Conn.IsConnected() {
		s.log.Warn("NATS is away; the last good version stays")
	}
	if err := s.connected(ctx); err != nil {
		return false, err
	}
	b, err := s.open(ctx)
	if err != nil {
		return false, err
	}
	s.renewed(b)
	w, err := b.watch(ctx, s.Key)
	if err != nil {
		return false, err
	}
	defer w.stop()
	for {
		select {
		case <-ctx.Done():
			return heard, ctx.Err()
		case <-w.lost:
			return heard, errAway
		case <-s.anew:
			return heard, errAnew
		case e, open := <-w.updates:
			if !open {
				return heard, errAway
			}
			heard = true
			if e != nil {
				s.take(e.Value(), e.Revision(), offer)
			}
		}
	}
}

// renewed takes note of the bucket, and tells whether it is another one than before.
func (s *source) renewed(b *bucket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.made
	if b.made.Equal(before) {
		return false
	}
	s.made, s.seen = b.made, 0
	return !before.IsZero()
}

// take offers a value; one that is no version is left, and the last good one stays.
func (s *source) take(value []byte, revision uint64, offer func(centre.Version)) {
	s.mu.Lock()
	s.seen = max(s.seen, revision)
	s.mu.Unlock()
	if len(value) == 0 {
		return // it was deleted
	}
	v, err := centre.ParseVersion(value)
	if err != nil {
		s.log.Warn("what is in NATS is not taken", "bucket", s.Bucket, "key", s.Key, "error", err)
		return
	}
	offer(v)
}

// Pull offers what was written since, which is nearly always nothing; then little is sent.
func (s *source) Pull(ctx context.Context, offer func(centre.Version)) error {
	b, err := s.open(ctx)
	if err != nil {
		return err
	}
	if s.renewed(b) {
		select {
		case s.anew <- struct{}{}:
		default:
		}
	}
	for {
		s.mu.Lock()
		next := s.seen + 1
		s.mu.Unlock()
		m, err := b.stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(s.subject(s.Key)))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		s.take(m.Data, m.Sequence, offer)
	}
}

// word is the value of a follower's key.
type word struct {
	Subscriber string `json:"subscriber"`
	centre.Ack
	Report json.RawMessage `json:"report,omitempty"` // in place of Ack's
}

// Acknowledge writes the follower's own key.
func (s *source) Acknowledge(ctx context.Context, a centre.Ack) error {
	if err := s.connected(ctx); err != nil {
		return err
	}
	if s.acks == nil {
		b, err := s.open(ctx)
		if err != nil {
			return err
		}
		s.acks = b
	}
	w := word{Subscriber: s.name, Ack: a, Report: reportText(a.Report, s.log)}
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	_, err = s.acks.kv.Put(ctx, s.ackKey(s.name), text)
	return err
}

// reportText is a report as JSON; one that Plaza would not take is left out, so that the acknowledgement arrives.
func reportText(report any, log *slog.Logger) json.RawMessage {
	if report == nil {
		return nil
	}
	text, err := json.Marshal(report)
	if err != nil || len(text) > maxReport {
		log.Warn("a report is left out; it is an object of at most 16 KiB as JSON", "bytes", len(text), "error", err)
		return nil
	}
	return text
}

// Close takes the follower's key away, so that it stops to count at once.
func (s *source) Close() {
	if s.acks == nil || !s.Conn.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.acks.kv.Delete(ctx, s.ackKey(s.name)); err != nil {
		s.log.Debug("the last word could not be taken back", "error", err)
	}
}
