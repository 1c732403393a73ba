package kvm_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// TestNoisyNeighbourDoesNoHarm lets a guest read its disk and be sent to as fast as its bounds allow, and compares what
// another gets of its own disk meanwhile with what it got alone.
func TestNoisyNeighbourDoesNoHarm(t *testing.T) {
	b := newBench(t)
	till, noise := b.boundedPair(t)
	operations := func(r rates) float64 { return r.ios / boundIOPS }
	pageOf(t, till, libvirttest.ReadPage+"?4k")
	within(t, till, "operations alone", operations)
	alone := usual(t, till, operations)

	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan struct{})
	go func() { defer close(sent); pour(ctx, noise) }()
	defer func() { stop(); <-sent }()
	pageOf(t, noise, libvirttest.ReadPage+"?64k")
	within(t, noise, "bytes of the neighbour's disk", func(r rates) float64 { return r.read / boundBytes })
	within(t, noise, "bytes of the neighbour's card", func(r rates) float64 { return r.received / boundBytes })
	var beside float64
	require.Eventually(t, func() bool {
		beside = usual(t, till, operations)
		return beside > 0.9*alone
	}, 90*time.Second, time.Millisecond, "it got %.2f of its bound, and %.2f alone", beside, alone)
	t.Logf("operations: %.3f of the bound alone, %.3f beside the noise", alone, beside)
	for _, listen := range []string{till, noise} {
		pageOf(t, listen, libvirttest.ReadPage)
	}
}

// usual is the median of three looks at a guest.
func usual(t *testing.T, listen string, share func(rates) float64) float64 {
	t.Helper()
	looks := make([]float64, 3)
	for i := range looks {
		looks[i] = share(rate(t, listen))
	}
	slices.Sort(looks)
	return looks[len(looks)/2]
}

// boundedPair runs two bounded guests on one host, and gives where each listens.
func (b *bench) boundedPair(t *testing.T) (one, other string) {
	t.Helper()
	img, n := b.image(t), b.network(t)
	servers := make([]provider.Server, 2)
	for i := range servers {
		mac, address := fmt.Sprintf("52:54:00:77:00:%02x", 10+i), fmt.Sprintf("10.77.0.%d", 10+i)
		s := serverOf(img)
		s.Disks[0].QoS = &provider.QoS{IOPS: boundIOPS, BytesPerSecond: boundBytes}
		s.Interfaces = []provider.Interface{{Network: n.ID, MAC: mac, Address: address, Rules: []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}}, BitsPerSecond: boundBytes * 8}}
		n.Leases = append(n.Leases, provider.Lease{MAC: mac, Address: address, Name: fmt.Sprint("guest", i)})
		n.Publish = append(n.Publish, provider.Publish{Address: address, Port: 80})
		servers[i] = s
	}
	net, err := b.driver.EnsureNetwork(t.Context(), host, n)
	require.NoError(t, err)
	for _, s := range servers {
		b.ensure(t, s)
	}
	for _, s := range servers {
		b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	}
	return net.Publish[0].Listen, net.Publish[1].Listen
}
