package natsdpath_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/natsdpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// Probes prove an asynchronous path as they prove a synchronous one: each layer alone keeps common work from dedicated
// consumers, and with both off on purpose that is seen. No handler sees any of it.
func TestProbesAmongWork(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyStrict)
	book := &fleet.Book{}
	for _, node := range []string{"p0", "p1", "d0", "d1"} {
		b.consume(node, book.Handler(node))
	}
	q := natsdpath.Queue{JS: b.js, Keys: b.Keys, Subject: subject}
	require.Equal(t, "nats:"+subject, q.String())
	b.Prove(q, 20)
	require.Zero(t, book.Len(), "handlers see no probes")
	fleet.Wait(t, "nothing is left", func() bool { return b.waiting("T") == 0 })
}

// What says of itself that it is a probe is never done as work, and has nobody written to but who may ask.
func TestWhatIsNoProbeIsDropped(t *testing.T) {
	t.Parallel()
	b := start(t, dpath.PolicyFailover)
	other, err := b.js.Conn().SubscribeSync("elsewhere")
	require.NoError(t, err)
	stranger, err := dpath.NewKeyring("p1", map[string][]byte{"p1": []byte("the key of somebody else")})
	require.NoError(t, err)
	now := time.Now()
	for name, p := range map[string]trail.Probe{
		"late":    trail.Mint(b.Probes, trail.Probe{}, now.Add(-time.Hour), time.Minute),
		"forged":  trail.Mint(stranger, trail.Probe{}, now, time.Minute),
		"reply":   trail.Mint(b.Probes, trail.Probe{}, now, time.Minute),
		"nowhere": trail.Mint(b.Probes, trail.Probe{}, now, time.Minute),
	} {
		h := nats.Header{trail.HeaderProbe: {p.Token()}, carrier.HeaderReply: {"elsewhere"}}
		if name == "nowhere" {
			h.Del(carrier.HeaderReply)
		}
		_, err := b.js.PublishMsg(context.Background(), &nats.Msg{Subject: subject + "._", Header: h, Data: []byte(name)})
		require.NoError(t, err)
	}
	b.publish("", "work")
	book := &fleet.Book{}
	b.consume("p0", book.Handler("p0"))
	fleet.Wait(t, "all is done", func() bool { return b.waiting("T") == 0 })
	require.Equal(t, 1, book.Len())
	require.Equal(t, "p0", book.Entry("work").Node)
	require.NoError(t, b.js.Conn().Flush())
	n, _, err := other.Pending()
	require.NoError(t, err)
	require.Zero(t, n)
}
