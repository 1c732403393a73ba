package natskv

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const maxFollowers = 10_000 // of a bucket that a relay makes

var (
	errAway = errors.New("NATS is away")
	errAnew = errors.New("the bucket is another one than before")
)

// Place is where in NATS a document is.
type Place struct {
	// Conn is the process's connection. Give it nats.MaxReconnects(-1), or the document is followed until it gives up.
	Conn *nats.Conn
	// Bucket is a JetStream key-value bucket. A relay makes one that is missing, with one copy on disk, for 10,000 who follow.
	// One that was made otherwise may be for 1,000 alone; those beyond that are not pushed to, but look every 30 s.
	Bucket string
	// Key is the document's, of letters, digits and -_/=, with single dots between them.
	Key string
}

var (
	bucketName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	keyName    = regexp.MustCompile(`^[A-Za-z0-9_/=-]+(\.[A-Za-z0-9_/=-]+)*$`)
)

func (p Place) check() error {
	switch {
	case p.Conn == nil:
		return errors.New("natskv: Conn is missing; connect to NATS first")
	case !bucketName.MatchString(p.Bucket):
		return fmt.Errorf("natskv: bucket %q can not be; its name has letters, digits, - and _", p.Bucket)
	case !keyName.MatchString(p.Key):
		return fmt.Errorf("natskv: key %q can not be; it has letters, digits and -_/=, with single dots between them", p.Key)
	}
	return nil
}

// subject is that of a key, as the stream of the bucket has it.
func (p Place) subject(key string) string { return "$KV." + p.Bucket + "." + key }

// ackKey is the key of one who follows. What a key can not hold is written as = and two hexadecimal digits.
func (p Place) ackKey(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return p.Key + ".ack." + b.String()
}

// connected waits until the connection stands.
func (p Place) connected(ctx context.Context) error {
	up := p.Conn.StatusChanged(nats.CONNECTED, nats.CLOSED)
	defer p.Conn.RemoveStatusListener(up)
	for !p.Conn.IsConnected() {
		if p.Conn.IsClosed() {
			return errAway
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-up:
		}
	}
	return nil
}

// bucket is a bucket that was there when it was opened.
type bucket struct {
	Place
	kv     jetstream.KeyValue
	stream jetstream.Stream
	made   time.Time     // tells it from one that is made later by the same name
	ahead  time.Duration // of the server's clock, against ours
}

func (p Place) open(ctx context.Context) (*bucket, error) {
	if !p.Conn.IsConnected() {
		return nil, errAway
	}
	js, err := jetstream.New(p.Conn)
	if err != nil {
		return nil, err
	}
	b := &bucket{Place: p}
	if b.stream, err = js.Stream(ctx, "KV_"+p.Bucket); err != nil {
		return nil, fmt.Errorf("bucket %s: %w", p.Bucket, err)
	}
	if b.kv, err = js.KeyValue(ctx, p.Bucket); err != nil {
		return nil, fmt.Errorf("bucket %s: %w", p.Bucket, err)
	}
	info := b.stream.CachedInfo()
	b.made = info.Created
	if !info.TimeStamp.IsZero() { // as before NATS 2.10
		b.ahead = time.Until(info.TimeStamp)
	}
	return b, nil
}

// provide opens the bucket, and makes it when there is none.
func (p Place) provide(ctx context.Context) (*bucket, error) {
	b, err := p.open(ctx)
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return b, err
	}
	js, err := jetstream.New(p.Conn)
	if err != nil {
		return nil, err
	}
	// What CreateKeyValue makes, which can not say MaxConsumers: each who follows is one, and NATS has a limit of 1,000 else.
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "KV_" + p.Bucket, Description: "Documents of Plaza's configuration centre", Subjects: []string{p.subject(">")},
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, AllowRollup: true, DenyDelete: true, AllowDirect: true, MaxConsumers: maxFollowers})
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return nil, fmt.Errorf("make bucket %s: %w", p.Bucket, err)
	}
	return p.open(ctx)
}

// same fails when the bucket is gone, or was made anew, of which a watch is not told.
func (b *bucket) same(ctx context.Context) error {
	now, err := b.open(ctx)
	if err == nil && !now.made.Equal(b.made) {
		err = errAnew
	}
	return err
}

// heard is when an entry was written, by our clock.
func (b *bucket) heard(e jetstream.KeyValueEntry) time.Time {
	now := time.Now()
	return now.Add(-max(0, now.Add(b.ahead).Sub(e.Created())))
}

// watch is told what some keys hold.
type watch struct {
	updates <-chan jetstream.KeyValueEntry // nil for once, when all that is there was told
	lost    <-chan nats.Status             // the connection
	stop    func()
}

func (b *bucket) watch(ctx context.Context, keys ...string) (*watch, error) {
	lost := b.Conn.StatusChanged(nats.RECONNECTING, nats.CLOSED)
	w, err := b.kv.WatchFiltered(ctx, keys)
	if err != nil {
		b.Conn.RemoveStatusListener(lost)
		return nil, err
	}
	return &watch{updates: w.Updates(), lost: lost, stop: func() {
		b.Conn.RemoveStatusListener(lost)
		_ = w.Stop()
		go func() {
			for range w.Updates() { // the library's own goroutine may wait for a reader, and would for ever
			}
		}()
	}}, nil
}
