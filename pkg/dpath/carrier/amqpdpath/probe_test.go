package amqpdpath_test

import (
	"context"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/amqpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Probes prove a path through the broker, see what is broken on purpose, and are seen by no handler.
func TestProbesAmongWork(t *testing.T) {
	r := newRig(t, dpath.PolicyStrict)
	r.prepare()
	book := &fleet.Book{}
	for _, node := range []string{"p0", "p1", "d0", "d1"} {
		r.consume(node, book.Handler(node))
	}
	q := amqpdpath.Queue{Dial: dial, Exchange: r.name, Subject: subject, Keys: r.Keys}
	require.Equal(t, "amqp:"+subject, q.String())
	r.Prove(q, 10)
	require.Zero(t, book.Len(), "handlers see no probes")
}

// What is out of date, or asks for an answer where nobody who probes listens, is dropped.
func TestWhatIsNoProbeIsDropped(t *testing.T) {
	r := newRig(t, dpath.PolicyFailover)
	r.prepare()
	conn, err := dial()
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	require.NoError(t, err)
	other, err := ch.QueueDeclare(r.name+".elsewhere", false, true, false, false, nil)
	require.NoError(t, err)
	now := time.Now()
	for _, p := range []trail.Probe{trail.Mint(r.Probes, trail.Probe{}, now.Add(-time.Hour), time.Minute), trail.Mint(r.Probes, trail.Probe{}, now, time.Minute)} {
		require.NoError(t, ch.Publish(r.name, subject+"._", true, false, amqp.Publishing{Headers: amqp.Table{trail.HeaderProbe: p.Token(), carrier.HeaderReply: other.Name}}))
	}
	require.NoError(t, r.pub.Publish(context.Background(), &carrier.Message{ID: "work", Subject: subject}))
	book := &fleet.Book{}
	r.consume("p0", book.Handler("p0"))
	fleet.Wait(t, "all is done", func() bool { return book.Len() == 1 && r.depth(carrier.CommonLane) == 0 })
	require.Equal(t, "p0", book.Entry("work").Node)
	q, err := ch.QueueDeclarePassive(other.Name, false, true, false, false, nil)
	require.NoError(t, err)
	require.Zero(t, q.Messages)
}
