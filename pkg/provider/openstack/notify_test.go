package openstack

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// recorded says what each notification recorded from a cloud is: kind and change, "" for what is passed over.
var recorded = map[string]string{
	"baremetal.node.create.end": "machine created", "baremetal.node.delete.end": "machine undefined", "baremetal.node.maintenance_set.end": "machine changed",
	"baremetal.node.power_set.end": "machine changed", "baremetal.node.provision_set.end": "machine manageable", "baremetal.node.provision_set.error": "machine clean failed",
	"compute.instance.create.end": "server started", "compute.instance.delete.end": "server undefined", "compute.instance.delete.start": "",
	"compute.instance.pause.end": "server suspended", "compute.instance.power_off.end": "server stopped", "compute.instance.power_on.end": "server started",
	"compute.instance.reboot.end": "server started", "compute.instance.shutdown.end": "server stopped", "compute.instance.unpause.end": "server resumed",
	"compute.instance.update": "server changed",
	"instance.create.end":     "server started", "instance.delete.end": "server undefined", "instance.pause.end": "server suspended", "instance.power_off.end": "server stopped",
	"instance.power_on.end": "server started", "instance.reboot.end": "server started", "instance.shutdown.end": "server stopped", "instance.unpause.end": "server resumed",
	"instance.update":       "server changed",
	"floatingip.create.end": "network changed", "floatingip.delete.end": "network changed",
	"identity.project.created": "", "identity.project.deleted": "",
	"image.activate": "image changed", "image.create": "image created", "image.delete": "image undefined", "image.update": "image changed", "image.upload": "image changed",
	"network.create.end": "network created", "network.delete.end": "network undefined", "subnet.create.end": "network changed",
	"port.create.end": "network changed", "port.delete.end": "server changed", "port.update.end": "server changed",
	"router.create.end": "", "router.delete.end": "", "router.update.end": "", "router.interface.create": "network changed", "router.interface.delete": "network changed",
	"security_group.create.end": "", "security_group.delete.end": "", "security_group_rule.create.end": "", "service.update": "host changed", "tag.create.end": "network changed",
}

func TestRecordedNotifications(t *testing.T) {
	files, err := filepath.Glob("testdata/notifications/*.json")
	require.NoError(t, err)
	require.Greater(t, len(files), 30)
	for _, path := range files {
		body, err := os.ReadFile(path)
		require.NoError(t, err)
		name, _, _ := strings.Cut(filepath.Base(path), "@")
		want, known := recorded[name]
		require.True(t, known, name)
		e, _, ok, err := decode(body)
		require.NoError(t, err, name)
		require.Equal(t, want != "", ok, name)
		if !ok {
			continue
		}
		require.Equal(t, want, e.Kind+" "+e.Change, name)
		require.NotEmpty(t, e.Backend+e.ID, name)

		require.Equal(t, 2026, e.At.Year(), name)
		require.Contains(t, e.Reason, strings.Split(name, ".")[0])
		require.NotContains(t, string(body), "auth_token")
	}
}

func TestEventsTellTheirPlazaID(t *testing.T) {
	const id, other = "0193a1f0-0000-7000-8000-00000000abcd", "0193a1f0-0000-7000-8000-00000000beef"
	message := func(event, payload string) []byte {
		return fmt.Appendf(nil, `{"event_type":%q,"timestamp":"2026-11-25 22:15:04.775106","_context_user_name":"eve","payload":%s}`, event, payload)
	}
	for _, c := range []struct{ event, payload, kind, change, backend, id string }{
		{"compute.instance.power_off.end", `{"instance_id":"u1","metadata":{"plaza-id":"` + id + `"}}`, "server", "stopped", "u1", id},
		{"compute.instance.delete.end", `{"instance_id":"u1","metadata":[]}`, "server", "undefined", "u1", ""},
		{"instance.update", `{"nova_object.data":{"uuid":"u1","state":"error","metadata":{}}}`, "server", "crashed", "u1", ""},
		{"instance.create.error", `{"nova_object.data":{"uuid":"u1","tags":["plaza-id=` + id + `"],"fault":{"nova_object.data":{"exception_message":"no room"}}}}`, "server", "failed", "u1", id},
		{"instance.live_migration_post_dest.end", `{"nova_object.data":{"uuid":"u1"}}`, "server", "changed", "u1", ""},
		{"volume.delete.end", `{"volume_id":"v1","metadata":[{"key":"plaza-id","value":"` + id + `"}]}`, "volume", "undefined", "v1", id},
		{"volume.attach.end", `{"volume_id":"v1","metadata":{"plaza-id":"` + id + `"}}`, "volume", "attached", "v1", id},
		{"snapshot.delete.end", `{"volume_id":"v1","snapshot_id":"s1"}`, "volume", "changed", "v1", ""},
		{"network.delete.end", `{"network_id":"n1"}`, "network", "undefined", "n1", ""},
		{"network.update.end", `{"network":{"id":"n1","description":"plaza-id=` + id + `"}}`, "network", "changed", "n1", id},
		{"router.delete.end", `{"router_id":"r1","router":{"id":"r1","description":"plaza-id=` + id + `"}}`, "network", "changed", "", id},
		{"router.delete.end", `{"router_id":"r1","router":{"id":"r1","description":"plaza-id=` + id + ` joins networks"}}`, "router", "changed", "", id},
		{"port.update.end", `{"port":{"device_owner":"network:router_interface","network_id":"n1","description":"plaza-id=` + id + ` parts networks"}}`, "router", "changed", "", id},
		{"floatingip.delete.end", `{"floatingip":{"description":"plaza-id=` + id + `"}}`, "network", "changed", "", id},
		{"port.delete.end", `{"port":{"device_owner":"compute:nova","device_id":"u1","network_id":"n1","tags":["plaza-id=` + id + `"]}}`, "server", "changed", "u1", id},
		{"tag.create.end", `{"parent_resource":"networks","parent_resource_id":"n1","tags":["plaza-id=` + id + `"]}`, "network", "changed", "n1", id},
		{"tag.create.end", `{"parent_resource":"ports","parent_resource_id":"p1","tags":["plaza-id=` + id + `"]}`, "server", "changed", "", id},
		{"image.delete", `{"id":"i1","properties":{"plaza_id":"` + id + `"}}`, "image", "undefined", "i1", id},
		{"baremetal.node.provision_set.error", `{"ironic_object.data":{"uuid":"b1","provision_state":"clean failed","last_error":"no","extra":{"plaza-id":"` + id + `"}}}`, "machine", "clean failed", "b1", id},
		{"service.update", `{"nova_object.data":{"host":"osd"}}`, "host", "changed", "osd", ""},
	} {
		e, _, ok, err := decode(message(c.event, c.payload))
		require.NoError(t, err)
		require.True(t, ok, c.event)
		require.Equal(t, [4]string{c.kind, c.change, c.backend, c.id}, [4]string{e.Kind, e.Change, e.Backend, e.ID}, c.event)
		require.Contains(t, e.Reason, c.event+" by eve")
		require.Equal(t, time.Date(2026, 11, 25, 22, 15, 4, 775106000, time.UTC), e.At)
	}
	e, _, _, err := decode(message("instance.create.error", `{"nova_object.data":{"uuid":"u1","fault":{"nova_object.data":{"exception_message":"no room"}}}}`))
	require.NoError(t, err)
	require.Contains(t, e.Reason, "no room")
	for _, none := range []string{"compute.instance.exists.start", "identity.user.created", "scheduler.select_destinations.end", "x", ""} {
		_, _, ok, err := decode(message(none, `{"instance_id":"u1"}`))
		require.NoError(t, err)
		require.False(t, ok, none)
	}
	_, _, _, err = decode([]byte("no JSON"))
	require.Error(t, err)
}

// FuzzDecode: whatever comes from the bus, it is decoded without a panic, to a kind that is known and a sound id.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/notifications/*.json")
	require.NoError(f, err)
	for _, path := range files {
		body, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Add([]byte(`{"event_type":"port.x.end","payload":{"port":[1],"tags":[{}],"metadata":[[]]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		e, _, ok, err := decode(body)
		if err != nil || !ok {
			return
		}
		require.Contains(t, []string{"server", "volume", "network", "image", "machine", "host"}, e.Kind)
		require.NotEmpty(t, e.Change)
		require.False(t, e.At.IsZero())
		require.True(t, e.ID == "" || isID(e.ID), e.ID)
		require.NotEqual(t, "", e.ID+e.Backend)
	})
}

func TestOwners(t *testing.T) {
	ids := &identities{}
	o := newOwners(ids)
	_, known := o.plaza("server", "u1")
	require.False(t, known)
	o.learn("server", "u1", "")
	id, known := o.plaza("server", "u1")
	require.True(t, known, "a stranger is not asked for again at once")
	require.Empty(t, id)
	ids.put("server", "u1", "0193a1f0-0000-7000-8000-00000000abcd") // the driver made it meanwhile
	id, known = o.plaza("server", "u1")
	require.True(t, known)
	require.Equal(t, "0193a1f0-0000-7000-8000-00000000abcd", id)
}

func TestOwnDeedsAreNoNews(t *testing.T) {
	known := newOwners(&identities{}) // its cache lives outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var told []string
		began := time.Now()
		d := &deeds{}
		s := &subscription{watcher: &watcher{news: &news{}, deeds: d, owners: known, tell: func(e provider.Event) {
			told = append(told, fmt.Sprintf("%s %s %s", e.Kind, e.Change, time.Since(began)))
		}}, late: make(chan lateEvent, 4)}
		go func() { _ = s.tellLate(ctx) }()
		answered := func(id string) {
			req, resp := httptest.NewRequest(http.MethodPost, "/", nil), &http.Response{Header: http.Header{}}
			resp.Header.Set("X-Openstack-Request-Id", id)
			d.note(req, resp)
		}
		network := provider.Event{Kind: "network", ID: "n", Change: "created"}
		card := provider.Event{Kind: "server", ID: "s", Backend: "b", Change: "changed"}
		started := provider.Event{Kind: "server", ID: "s", Backend: "b", Change: "started"}
		s.sift(network, "req-1")
		s.sift(card, "req-2")
		s.sift(provider.Event{Kind: "network", ID: "n", Change: "changed"}, "req-of-others")
		s.sift(started, "req-3")
		time.Sleep(100 * time.Millisecond)
		for _, id := range []string{"req-1", "req-2", "req-3"} {
			answered(id) // after its notification
		}
		time.Sleep(time.Second)
		wake, leave := s.news.listen("b")
		s.sift(card, "req-of-nova") // while the driver has its eye on it
		require.Empty(t, wake)
		s.sift(started, "req-3")
		require.Len(t, wake, 1)
		<-wake
		s.sift(provider.Event{Kind: "server", ID: "s", Backend: "b", Change: "stopped"}, "req-of-others")
		require.Len(t, wake, 1)
		leave()
		s.sift(started, "req-3") // nobody waits for it any more
		time.Sleep(time.Second)
		cancel()
		require.Equal(t, []string{"server started 0s", "network changed 500ms", "server stopped 1.1s", "server started 1.1s"}, told)
		for i := range deedsKept {
			answered(fmt.Sprint("req-x", i))
		}
		require.False(t, d.has("req-1"))
		require.Len(t, d.ids, deedsKept)
	})
}

func TestWatchWithoutBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	w := &watcher{place: "p", urls: brokers(" , "), log: slog.New(slog.DiscardHandler)}
	require.NoError(t, w.run(ctx), "it waits for the end, and does not come back at once to be called again")
	require.Error(t, ctx.Err())
	require.Equal(t, []string{"amqp://a", "amqp://b"}, brokers("amqp://a, amqp://b"))
}
