// Package providertest holds the one conformance suite that every provider.Driver passes against its real backend.
// What it asks is what the control plane relies on: idempotence, finding by id, reasons of refusals, nothing left over.
package providertest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Options describe the site under test.
type Options struct {
	Host  string         // host on which everything is made
	Image provider.Image // an image that the host can fetch
	// Ready is text on the serial console of a guest of Image that has booted; "" skips what needs a booted guest.
	Ready string
	// Probe is what such a guest writes before what the address after probe= on its kernel's command line answers by HTTP,
	// "unreachable" without an answer; "" skips what needs it.
	Probe string
	// BootTimeout is how long a guest may take to be ready; default 2 minutes.
	BootTimeout time.Duration
	// Every is how often a guest's console is looked at; default 300 ms. A cloud works hard for each look.
	Every     time.Duration
	MemoryMiB int    // of test servers; default 192
	CIDR      string // of test networks; default 10.213.0.0/24
	// Prompt is what such a guest asks on its serial line before it takes a name; "" skips its consoles.
	Prompt string
	// Snapshots says that the backend snapshots running servers.
	Snapshots bool
	// Migrates says that the place has several hypervisors to move servers between.
	Migrates bool
	// GrowsDetached says that the storage refuses (Conflict) to grow a volume while a server has it.
	GrowsDetached bool
	// Leans says that the storage keeps a snapshot as long as volumes that were made from it are there.
	Leans bool
	// Content of volumes; nil: their sizes alone are compared.
	Content Content
	// Floating is an address that the host may hold; "": the place chooses by itself.
	Floating string
	// Events of the driver, when it has them.
	Events <-chan provider.Event
	// Together runs the parts beside each other: a backend makes one wait. They end after Exercise has returned.
	Together bool
}

// Exercise runs the suite. It makes and deletes its own objects, and leaves others of the host alone.
func Exercise(t *testing.T, driver provider.Driver, opts Options) {
	t.Helper()
	if opts.BootTimeout == 0 {
		opts.BootTimeout = 2 * time.Minute
	}
	if opts.Every == 0 {
		opts.Every = 300 * time.Millisecond
	}
	if opts.MemoryMiB == 0 {
		opts.MemoryMiB = 192
	}
	if opts.CIDR == "" {
		opts.CIDR = "10.213.0.0/24"
	}
	s := &suite{Driver: driver, Options: opts}
	s.drainEvents(t)
	t.Run("Host", s.host)
	t.Run("Image", s.image)
	for _, p := range []part{
		{"Network", s.network},
		{"Volume", s.volume},
		{"VolumeSnapshot", s.volumeSnapshot},
		{"VolumeBackup", s.volumeBackup},
		{"ServerBackup", s.serverBackup},
		{"VolumeTransfer", s.volumeTransfer},
		{"VolumeTier", s.volumeTier},
		{"Server", s.server},
		{"Router", s.router},
		{"FloatingIP", s.floating},
		{"ServerGroup", s.serverGroup},
		{"Power", s.power},
		{"Attach", s.attachWhileStopped},
		{"Resize", s.resize},
		{"Rebuild", s.rebuild},
		{"Migration", s.migration},
		{"Snapshot", s.snapshot},
		{"Guest", s.guest},
		{"Concurrency", s.concurrency},
		{"Refusals", s.refusals},
	} {
		p.run(t, opts.Together)
	}
}

// part is a part of a suite; parts know nothing of each other, and may run beside each other.
type part struct {
	name string
	test func(t *testing.T)
}

func (p part) run(t *testing.T, together bool) {
	t.Helper()
	t.Run(p.name, func(t *testing.T) {
		if together {
			t.Parallel()
		}
		p.test(t)
	})
}

type suite struct {
	provider.Driver
	Options

	mu   sync.Mutex
	seen []provider.Event
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	require.NoError(t, err)
	return id.String()
}

func requireReason(t *testing.T, want provider.Reason, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, provider.ReasonOf(err), err.Error())
}

func (s *suite) drainEvents(t *testing.T) {
	if s.Events == nil {
		return
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	t.Cleanup(func() { close(stop); <-done })
	go func() {
		defer close(done)
		for {
			select {
			case e, open := <-s.Events:
				if !open {
					return
				}
				s.mu.Lock()
				s.seen = append(s.seen, e)
				s.mu.Unlock()
			case <-stop:
				return
			}
		}
	}()
}

func (s *suite) requireEvent(t *testing.T, id, change string) {
	t.Helper()
	if s.Events == nil {
		return
	}
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, e := range s.seen {
			if e.Kind == "server" && e.ID == id && e.Change == change {
				return true
			}
		}
		return false
	}, 5*time.Second, 20*time.Millisecond, "event %s of %s", change, id)
}

func (s *suite) ensureImage(t *testing.T) {
	t.Helper()
	st, err := s.EnsureImage(t.Context(), s.Host, s.Image)
	require.NoError(t, err)
	require.Equal(t, s.Image.ID, st.ID)
}

func (s *suite) newServer(t *testing.T) provider.Server {
	t.Helper()
	s.ensureImage(t)
	want := provider.Server{
		ID: newID(t), Name: "conformance", Project: "providertest", VCPUs: 1, MemoryMiB: s.MemoryMiB,
		Disks: []provider.Disk{{Image: s.Image.ID}}, Power: provider.PowerStopped, Tags: map[string]string{"suite": "providertest"},
		Seed: provider.Seed{UserData: "#cloud-config\n{}\n", MetaData: "instance-id: conformance\nlocal-hostname: conformance\n"},
	}
	if s.Image.Kernel != nil {
		want.Boot.Image = s.Image.ID
	}
	t.Cleanup(func() { require.NoError(t, s.DeleteServer(context.Background(), s.Host, want.ID)) })
	return want
}

func (s *suite) ensureServer(t *testing.T, want provider.Server) provider.ServerState {
	t.Helper()
	st, err := s.EnsureServer(t.Context(), s.Host, want)
	require.NoError(t, err)
	require.Equal(t, want.ID, st.ID)
	require.Equal(t, want.Power, st.Power)
	require.Equal(t, want.HardwareDigest(), st.Digest)
	require.False(t, st.ObservedAt.IsZero())
	return st
}

func (s *suite) newVolume(t *testing.T) provider.Volume {
	t.Helper()
	want := provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1}
	t.Cleanup(func() { require.NoError(t, s.DeleteVolume(context.Background(), s.Host, want.ID)) })
	_, err := s.EnsureVolume(t.Context(), s.Host, want)
	require.NoError(t, err)
	return want
}
