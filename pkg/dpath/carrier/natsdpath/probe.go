package natsdpath

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Queue is a subject as a path that probes are sent along; see [verify.Queue].
//
// [verify.Queue]: https://pkg.go.dev/github.com/plazacloud/plaza/pkg/dpath/verify#Queue
type Queue struct {
	JS      jetstream.JetStream
	Keys    *dpath.Keyring // sign labels
	Subject string         // without the lane
}

// String names the queue.
func (q Queue) String() string { return "nats:" + q.Subject }

// Send puts a probe into a lane as work, and waits for the trail header of the consumer that took it.
func (q Queue) Send(ctx context.Context, p trail.Probe, lane string) (string, error) {
	nc := q.JS.Conn()
	reply := nc.NewRespInbox()
	answers, err := nc.SubscribeSync(reply)
	if err != nil {
		return "", fmt.Errorf("listen for the answer: %w", err)
	}
	defer func() { _ = answers.Unsubscribe() }()
	h, err := carrier.ProbeHeader(q.Keys, p, reply, time.Now())
	if err != nil {
		return "", err
	}
	msg := &nats.Msg{Subject: q.Subject + "." + lane, Header: nats.Header(h)}
	msg.Header.Set(jetstream.MsgIDHeader, p.ID)
	if _, err = q.JS.PublishMsg(ctx, msg); err != nil {
		return "", fmt.Errorf("publish to %s (a stream must hold this subject): %w", msg.Subject, err)
	}
	answer, err := answers.NextMsgWithContext(ctx)
	if err != nil {
		return "", fmt.Errorf("no consumer of %s answered: %w", msg.Subject, err)
	}
	return answer.Header.Get(trail.HeaderTrail), nil
}

// answer lets go of a probe. Only an inbox is written to: whoever else had its token could name any subject.
func (r *consumption) answer(m jetstream.Msg, a carrier.Answer) error {
	var err error
	if a.Trail != "" && strings.HasPrefix(a.Reply, nats.InboxPrefix) && !strings.ContainsAny(a.Reply, "*> ") {
		err = r.JS.Conn().PublishMsg(&nats.Msg{Subject: a.Reply, Header: nats.Header{trail.HeaderTrail: {a.Trail}}})
	}
	return errors.Join(err, m.Ack())
}
