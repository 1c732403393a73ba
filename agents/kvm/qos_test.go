package kvm_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// Far below what an emulated guest reaches, so that the bound is what it runs into.
const (
	boundBytes = 1 << 20 // per second, of disk and card
	boundIOPS  = 100
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// requireBounds bounds a running guest that serves at an address, and lets it measure by its own clock and counters what
// goes through: within a tenth, also while the disk and the card press at once. Then it takes the bounds away. All of it
// without a restart.
func (b *bench) requireBounds(t *testing.T, s provider.Server, listen string) {
	t.Helper()
	since := b.since(t, s.ID)
	bind := func(q *provider.QoS, bits int64) {
		t.Helper()
		s.Disks[0].QoS, s.Interfaces[0].BitsPerSecond = q, bits
		_, err := b.driver.EnsureServer(t.Context(), host, s)
		require.NoError(t, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	sent := make(chan struct{})
	go func() { defer close(sent); pour(ctx, listen) }()
	defer func() { stop(); <-sent }()
	bind(&provider.QoS{IOPS: boundIOPS, BytesPerSecond: boundBytes}, boundBytes*8)
	pageOf(t, listen, libvirttest.ReadPage+"?4k")
	within(t, listen, "operations of the disk", func(r rates) float64 { return r.ios / boundIOPS })
	pageOf(t, listen, libvirttest.ReadPage+"?64k")
	within(t, listen, "bytes of the disk", func(r rates) float64 { return r.read / boundBytes })
	within(t, listen, "bytes of the card", func(r rates) float64 { return r.received / boundBytes })
	bind(nil, 0)
	require.Eventually(t, func() bool { return rate(t, listen).read > 1.5*boundBytes }, 90*time.Second, time.Millisecond, "the bound is gone")
	pageOf(t, listen, libvirttest.ReadPage)
	require.Equal(t, since, b.since(t, s.ID), "it ran all the time")
}

// rates are what a guest sees in a second.
type rates struct{ ios, read, received float64 }

func rate(t *testing.T, listen string) (r rates) {
	t.Helper()
	said := pageOf(t, listen, libvirttest.RatePage+"?3")
	_, err := fmt.Sscanf(said, "ios=%g read=%g received=%g", &r.ios, &r.read, &r.received)
	require.NoError(t, err, said)
	return r
}

// within waits until a share of a bound is within a tenth of one: buckets are full at first, and a host that gives the guest
// no time lets it reach nothing. More than the bound, and what a pause saved up, is never right.
func within(t *testing.T, listen, what string, share func(rates) float64) {
	t.Helper()
	var got float64
	require.Eventually(t, func() bool {
		got = share(rate(t, listen))
		return got > 0.9 && got < 1.1
	}, 90*time.Second, time.Millisecond, "%s: the last was %.2f of the bound", what, got)
	t.Logf("%s: %.3f of the bound", what, got)
}

// pour sends without end to the guest.
func pour(ctx context.Context, listen string) {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+listen+libvirttest.SinkPage, zeros{})
	if err != nil {
		return
	}
	req.ContentLength = 1 << 30
	if resp, err := c.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}

func (b *bench) since(t *testing.T, id string) time.Time {
	t.Helper()
	st, err := b.driver.GetServer(t.Context(), host, id)
	require.NoError(t, err)
	return st.Since
}
