package openstack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/nodes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// listener keeps what a watch tells.
type listener struct {
	mu     sync.Mutex
	events []provider.Event
	gaps   []string
}

func listen(t *testing.T, d *Driver) *listener {
	t.Helper()
	l := &listener{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- d.Watch(ctx, func(e provider.Event) { l.mu.Lock(); l.events = append(l.events, e); l.mu.Unlock() },
			func(cause string) { l.mu.Lock(); l.gaps = append(l.gaps, cause); l.mu.Unlock() })
	}()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	require.Eventually(t, func() bool { return len(l.told()) > 0 }, 20*time.Second, 50*time.Millisecond, "connected to the bus")
	return l
}

func (l *listener) told() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.gaps...)
}

// await returns the first event that fits, or fails after limit.
func (l *listener) await(t *testing.T, limit time.Duration, fits func(provider.Event) bool) provider.Event {
	t.Helper()
	var found provider.Event
	require.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range l.events {
			if fits(e) {
				found = e
				return true
			}
		}
		return false
	}, limit, 10*time.Millisecond)
	return found
}

// TestLabNotifications changes servers by Nova's own API and expects to be told of it.
func TestLabNotifications(t *testing.T) {
	d := labDriver(t)
	if d.set.Notifications == "" {
		t.Skip("PLAZA_LAB_AMQP is not set to the AMQP URL of the lab's message bus")
	}
	l := listen(t, d)
	ctx := t.Context()
	c, err := d.cloud.client(ctx, compute, "")
	require.NoError(t, err)
	flavor, image := labPieces(t, d)
	mine := uuid.Must(uuid.NewV7()).String()
	make1 := func(name string, meta map[string]string) string {
		opts := servers.CreateOpts{Name: name, FlavorRef: flavor, ImageRef: image, Networks: "none", Metadata: meta}
		s, err := servers.Create(ctx, c, opts, nil).Extract()
		require.NoError(t, err)
		t.Cleanup(func() { _ = servers.ForceDelete(context.Background(), c, s.ID).ExtractErr() })
		return s.ID
	}
	ours, foreign := make1("told-ours", map[string]string{idKey: mine}), make1("told-foreign", nil)
	for backend, id := range map[string]string{ours: mine, foreign: ""} {
		e := l.await(t, 90*time.Second, func(e provider.Event) bool {
			return e.Kind == "server" && e.Backend == backend && e.Change == "started"
		})
		require.Equal(t, id, e.ID)
		require.Equal(t, d.set.Place, e.Host)
		require.WithinDuration(t, time.Now(), e.At, 2*time.Minute)
	}
	require.NoError(t, servers.Stop(ctx, c, ours).ExtractErr())
	l.await(t, 90*time.Second, func(e provider.Event) bool { return e.ID == mine && e.Change == "stopped" })
	var stopped time.Time // by Nova's own account
	require.Eventually(t, func() bool {
		s, err := servers.Get(ctx, c, ours).Extract()
		if err == nil && s.Status == "SHUTOFF" && stopped.IsZero() {
			stopped = time.Now()
		}
		return !stopped.IsZero()
	}, 90*time.Second, 100*time.Millisecond)
	require.NoError(t, servers.ForceDelete(ctx, c, ours).ExtractErr())
	l.await(t, 60*time.Second, func(e provider.Event) bool { return e.ID == mine && e.Change == "undefined" })
}

// TestLabNotificationsAreSoon measures from the moment of the change: a pause is done when the call's work is.
func TestLabNotificationsAreSoon(t *testing.T) {
	d := labDriver(t)
	if d.set.Notifications == "" {
		t.Skip("PLAZA_LAB_AMQP is not set to the AMQP URL of the lab's message bus")
	}
	l := listen(t, d)
	ctx := t.Context()
	c, err := d.cloud.client(ctx, compute, "")
	require.NoError(t, err)
	flavor, image := labPieces(t, d)
	mine := uuid.Must(uuid.NewV7()).String()
	s, err := servers.Create(ctx, c, servers.CreateOpts{Name: "told-soon", FlavorRef: flavor, ImageRef: image, Networks: "none", Metadata: map[string]string{idKey: mine}}, nil).Extract()
	require.NoError(t, err)
	t.Cleanup(func() { _ = servers.ForceDelete(context.Background(), c, s.ID).ExtractErr() })
	l.await(t, 90*time.Second, func(e provider.Event) bool { return e.ID == mine && e.Change == "started" })
	for _, step := range []struct {
		act    func() error
		change string
	}{
		{func() error { return servers.Pause(ctx, c, s.ID).ExtractErr() }, "suspended"},
		{func() error { return servers.Unpause(ctx, c, s.ID).ExtractErr() }, "resumed"},
		{func() error { return servers.Stop(ctx, c, s.ID).ExtractErr() }, "stopped"},
	} {
		l.mu.Lock()
		l.events = nil
		l.mu.Unlock()
		asked := time.Now()
		require.NoError(t, step.act())
		e := l.await(t, 60*time.Second, func(e provider.Event) bool { return e.ID == mine && e.Change == step.change })
		after := time.Since(e.At)
		t.Logf("%s: told %s after Nova wrote it, %s after it was asked for", step.change, after.Round(time.Millisecond), time.Since(asked).Round(time.Millisecond))
		require.Less(t, after, 2*time.Second)
	}
}

// TestLabOwnDeedsAreNoNews makes a network through the driver, of which nothing is told, and then changes it as others do.
func TestLabOwnDeedsAreNoNews(t *testing.T) {
	d := labDriver(t)
	if d.set.Notifications == "" {
		t.Skip("PLAZA_LAB_AMQP is not set to the AMQP URL of the lab's message bus")
	}
	l := listen(t, d)
	id := uuid.Must(uuid.NewV7()).String()
	t.Cleanup(func() { require.NoError(t, d.DeleteNetwork(context.Background(), "", id)) })
	_, err := d.EnsureNetwork(t.Context(), "", provider.Net{ID: id, Name: "own", CIDR: "10.97.0.0/24", Gateway: "10.97.0.1", Egress: "none"})
	require.NoError(t, err)
	n, err := d.findNetwork(t.Context(), id)
	require.NoError(t, err)
	stock, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{IdentityEndpoint: d.set.AuthURL, Username: d.set.Username, Password: d.set.Password,
		DomainName: d.set.UserDomain, TenantName: d.set.Project})
	require.NoError(t, err)
	others, err := openstack.NewNetworkV2(stock, gophercloud.EndpointOpts{Region: d.set.Region})
	require.NoError(t, err)
	name := "renamed"
	_, err = networks.Update(t.Context(), others, n.ID, networks.UpdateOpts{Name: &name}).Extract()
	require.NoError(t, err)
	l.await(t, 10*time.Second, func(e provider.Event) bool { return e.Kind == "network" && e.ID == id })
	l.mu.Lock()
	defer l.mu.Unlock()
	var of []provider.Event
	for _, e := range l.events {
		if e.ID == id {
			of = append(of, e)
		}
	}
	require.Len(t, of, 1, "%v", of)
}

// TestLabNotificationsComeBack cuts the connection to the bus, and keeps it away for a while.
func TestLabNotificationsComeBack(t *testing.T) {
	d := labDriver(t)
	if d.set.Notifications == "" {
		t.Skip("PLAZA_LAB_AMQP is not set to the AMQP URL of the lab's message bus")
	}
	to, err := url.Parse(d.set.Notifications)
	require.NoError(t, err)
	broker := to.Host
	wire, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer wire.Close()
	var away atomic.Bool
	cuts := make(chan net.Conn, 16)
	go func() {
		for {
			near, err := wire.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", broker)
			if err != nil || away.Load() {
				_ = near.Close()
				continue
			}
			cuts <- near
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
		}
	}()
	to.Host = wire.Addr().String()
	d.set.Notifications = to.String()
	l := listen(t, d)
	away.Store(true)
	require.NoError(t, (<-cuts).Close())
	time.Sleep(2 * time.Second)
	require.Len(t, l.told(), 1)
	away.Store(false)
	require.Eventually(t, func() bool { return len(l.told()) == 2 }, 20*time.Second, 50*time.Millisecond, "it is told that events were lost")
	require.Equal(t, []string{"connected", "connected"}, l.told())

	c, err := d.cloud.client(t.Context(), baremetal, "")
	require.NoError(t, err)
	id := uuid.Must(uuid.NewV7()).String()
	_, err = d.EnsureMachine(t.Context(), "", provider.Machine{ID: id, Name: "told-" + id[24:], Driver: "fake-hardware", ResourceClass: "conformance"})
	require.NoError(t, err)
	require.NoError(t, nodes.SetMaintenance(t.Context(), c, id, nodes.MaintenanceOpts{Reason: "told"}).ExtractErr())
	e := l.await(t, 10*time.Second, func(e provider.Event) bool { return e.Kind == "machine" && e.ID == id })
	require.Less(t, time.Since(e.At), 5*time.Second)
	require.NoError(t, d.DeleteMachine(t.Context(), "", id))
	l.await(t, 10*time.Second, func(e provider.Event) bool { return e.ID == id && e.Change == "undefined" })
}

// labPieces are a small flavor and a bootable image.
func labPieces(t *testing.T, d *Driver) (flavor, img string) {
	t.Helper()
	flavor, err := d.ensureFlavor(t.Context(), provider.Server{VCPUs: 1, MemoryMiB: 96}, 1)
	require.NoError(t, err)
	guest := libvirttest.Guest(t)
	_, err = d.EnsureImage(t.Context(), "", guest)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return d.DeleteImage(context.Background(), "", guest.ID) == nil }, time.Minute, time.Second, "its servers are going")
	})
	x, err := d.diskImage(t.Context(), guest.ID)
	require.NoError(t, err)
	return flavor, x.ID
}

// TestLabRecordNotifications writes a sample of each type that passes while it listens; PLAZA_LAB_RECORD says how long.
func TestLabRecordNotifications(t *testing.T) {
	limit, err := time.ParseDuration(os.Getenv("PLAZA_LAB_RECORD"))
	if err != nil {
		t.Skip("PLAZA_LAB_RECORD is not set to a duration")
	}
	d := labDriver(t)
	w := &watcher{place: "record", urls: brokers(d.set.Notifications), log: slog.Default(), owners: newOwners(&d.ids), news: &d.news}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	conn, err := w.dial(ctx, w.urls[0])
	require.NoError(t, err)
	defer conn.Close()
	s := &subscription{watcher: w, conn: conn, bound: map[string]bool{}}
	deliveries, err := s.open()
	require.NoError(t, err)
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-deliveries:
			record(t, m.RoutingKey, m.Body)
			require.NoError(t, m.Ack(false))
		}
	}
}

// strip removes what is nobody's business: the caller's token and rights.
var strip = regexp.MustCompile(`(?i)^_context_|token|password|secret|credential|user_data|admin_pass|service_catalog|fixed_ips_`)

func record(t *testing.T, topic string, body []byte) {
	t.Helper()
	var outer map[string]string
	if json.Unmarshal(body, &outer) != nil {
		return
	}
	var inner map[string]any
	require.NoError(t, json.Unmarshal([]byte(outer["oslo.message"]), &inner))
	user, request := inner["_context_user_name"], inner["_context_request_id"]
	clean(inner)
	inner["_context_user_name"], inner["_context_request_id"] = user, request
	text, err := json.Marshal(inner)
	require.NoError(t, err)
	outer["oslo.message"] = string(text)
	name := fmt.Sprintf("%s@%s.json", inner["event_type"], strings.Split(topic, ".")[0])
	out, err := json.MarshalIndent(outer, "", " ")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join("testdata", "notifications", name), append(out, '\n'), 0o600))
}

func clean(v any) {
	switch x := v.(type) {
	case map[string]any:
		for key, inner := range x {
			if strip.MatchString(key) {
				delete(x, key)
			} else {
				clean(inner)
			}
		}
	case []any:
		for _, inner := range x {
			clean(inner)
		}
	}
}
