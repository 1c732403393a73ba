package amqpdpath

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// replyPrefix begins the names that the broker itself gives to queues.
const replyPrefix = "amq.gen-"

// Queue is a subject as a path that probes are sent along; see [verify.Queue].
//
// [verify.Queue]: https://pkg.go.dev/github.com/plazacloud/plaza/pkg/dpath/verify#Queue
type Queue struct {
	Dial     func() (*amqp.Connection, error)
	Exchange string
	Subject  string         // without the lane
	Keys     *dpath.Keyring // sign labels
}

// String names the queue.
func (q Queue) String() string { return "amqp:" + q.Subject }

// Send puts a probe into a lane as work, and waits for the trail header of the consumer that took it.
func (q Queue) Send(ctx context.Context, p trail.Probe, lane string) (string, error) {
	conn, err := q.Dial()
	if err != nil {
		return "", fmt.Errorf("connect to the broker: %w", err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		return "", err
	}
	own, err := ch.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		return "", fmt.Errorf("make a queue for the answer: %w", err)
	}
	answers, err := ch.Consume(own.Name, "", true, true, false, false, nil)
	if err != nil {
		return "", err
	}
	h, err := carrier.ProbeHeader(q.Keys, p, own.Name, time.Now())
	if err != nil {
		return "", err
	}
	key := q.Subject + "." + lane
	msg := amqp.Publishing{MessageId: p.ID, Type: q.Subject, Headers: table(h), Expiration: fmt.Sprint(trail.MaxTTL.Milliseconds())}
	returned := ch.NotifyReturn(make(chan amqp.Return, 1))
	if err := ch.PublishWithContext(ctx, q.Exchange, key, true, false, msg); err != nil {
		return "", fmt.Errorf("publish to %s: %w", key, err)
	}
	select {
	case <-returned:
		return "", fmt.Errorf("publish to %s: %w", key, ErrUnrouted)
	case d, open := <-answers:
		if !open {
			return "", errors.New("the broker ended the connection")
		}
		text, _ := d.Headers[trail.HeaderTrail].(string)
		return text, nil
	case <-ctx.Done():
		return "", fmt.Errorf("no consumer of %s answered: %w", key, ctx.Err())
	}
}

// answer lets go of a probe. Only a queue that the broker named is written to: whoever else had the probe's token
// could name any.
func (r *consumption) answer(ctx context.Context, d amqp.Delivery, a carrier.Answer) error {
	var err error
	if a.Trail != "" && strings.HasPrefix(a.Reply, replyPrefix) {
		err = r.send(ctx, "", a.Reply, amqp.Publishing{Headers: amqp.Table{trail.HeaderTrail: a.Trail}})
	}
	if errors.Is(err, ErrUnrouted) {
		err = nil // whoever asked is gone
	}
	return errors.Join(err, d.Ack(false))
}
