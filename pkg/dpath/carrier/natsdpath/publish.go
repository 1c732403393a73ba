// Package natsdpath carries dedicated-path labels over NATS JetStream. A
// message of subject t.orders.created waits in t.orders.created.<lane>, where
// lane is the environment or _ for common messages, with its label at rest in
// the headers (see [carrier.Peer.Park]):
//
//	c := &natsdpath.Carrier{Peer: peer, JS: js}
//	err := c.Publish(ctx, &carrier.Message{ID: "o-1", Subject: "t.orders.created", Data: body})
//	err = c.Consume(ctx, natsdpath.Subscription{Stream: "T", Durable: "stock", Subject: "t.orders.created"}, handle)
//
// Every lane of a subscription is a durable consumer of its own, <durable>-<lane>,
// shared by all processes that may take the lane; [carrier.Lanes] says which
// these are. So a batch never mixes lanes, and what a dead process had in hand
// comes back after AckWait to whoever takes the lane then. Dedicated consumers
// let themselves be heard on the plain subject dpath.alive.<durable>.
//
// Delivery is at least once. Publishing one ID twice within the stream's
// duplicate window stores it once; receivers drop later repeats by Message.ID.
package natsdpath

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// HeaderMessageID keeps the id of a message that is stored more than once, as
// in its lane and then as a dead letter.
const HeaderMessageID = "Message-Id"

// Carrier publishes and consumes for one process on the path.
type Carrier struct {
	Peer *carrier.Peer
	JS   jetstream.JetStream
}

// Publish stores a message in the lane of ctx's label.
func (c *Carrier) Publish(ctx context.Context, m *carrier.Message) error {
	msg, err := c.Prepare(ctx, m)
	if err != nil {
		return err
	}
	if _, err = c.JS.PublishMsg(ctx, msg); err != nil {
		return fmt.Errorf("publish to %s (a stream must hold this subject): %w", msg.Subject, err)
	}
	return nil
}

// Prepare makes the NATS message of m in the lane of ctx's label, for those who
// publish asynchronously. m may set any headers; a label among them has no effect.
//
// A message with a due time waits as <subject>.<lane>.due.<hash>. Its stream
// must hold that subject and allow message schedules; due is kept to the second.
func (c *Carrier) Prepare(ctx context.Context, m *carrier.Message) (*nats.Msg, error) {
	h := maps.Clone(m.Header)
	if h == nil {
		h = map[string][]string{}
	}
	lane, err := c.Peer.Park(ctx, h)
	if err != nil {
		return nil, err
	}
	msg := &nats.Msg{Subject: m.Subject + "." + lane, Data: m.Data, Header: h}
	if m.ID != "" {
		msg.Header.Set(HeaderMessageID, m.ID)
		msg.Header.Set(jetstream.MsgIDHeader, m.ID)
	}
	if m.Due.After(c.Peer.Time()) {
		schedule(msg, m)
	}
	return msg, nil
}

// schedule turns msg into an order to store it when m is due. The order's
// subject is its own, since a subject holds one schedule.
func schedule(msg *nats.Msg, m *carrier.Message) {
	sum := sha256.Sum256([]byte(m.ID + "\n" + string(m.Data)))
	msg.Header.Set(jetstream.ScheduleTargetHeader, msg.Subject)
	msg.Header.Set(jetstream.ScheduleHeader, "@at "+m.Due.UTC().Format(time.RFC3339))
	msg.Subject += ".due." + hex.EncodeToString(sum[:16])
}

// forward stores a copy of a message elsewhere and takes the original away. The
// copy's id comes from the original's place, so that doing it twice is doing it once.
func (c *Carrier) forward(ctx context.Context, m jetstream.Msg, h nats.Header, subject string) error {
	md, err := m.Metadata()
	if err != nil {
		return err
	}
	msg := &nats.Msg{Subject: subject, Data: m.Data(), Header: maps.Clone(h)}
	for name := range msg.Header {
		if strings.HasPrefix(name, "Nats-") {
			msg.Header.Del(name) // the server's own, about the original
		}
	}
	msg.Header.Set(HeaderMessageID, messageID(h, md))
	msg.Header.Set(jetstream.MsgIDHeader, fmt.Sprintf("%s:%d:%s", md.Stream, md.Sequence.Stream, subject))
	if _, err := c.JS.PublishMsg(ctx, msg); err != nil {
		return fmt.Errorf("forward to %s (a stream must hold this subject): %w", subject, err)
	}
	return m.DoubleAck(ctx)
}

// messageID is the id its publisher gave a message; of one that has none, its
// place in the stream is as good.
func messageID(h nats.Header, md *jetstream.MsgMetadata) string {
	if id := h.Get(HeaderMessageID); id != "" {
		return id
	}
	return fmt.Sprintf("%s:%d", md.Stream, md.Sequence.Stream)
}

// Replay sends a dead letter to its subject again, into the lane of its label:
// the common one if the environment is gone or the label no longer valid.
// Subscriptions that had done it know its ID.
func (c *Carrier) Replay(ctx context.Context, m jetstream.Msg) error {
	h := m.Headers()
	lane, err := c.Peer.LaneAgain(h)
	if err != nil {
		return fmt.Errorf("replay %s: %w", m.Subject(), err)
	}
	subject := h.Get(headerSubject)
	if subject == "" {
		return fmt.Errorf("replay %s: not a dead letter, it has no header %s", m.Subject(), headerSubject)
	}
	return c.forward(ctx, m, h, subject+"."+lane)
}
