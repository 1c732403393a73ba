package lab

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/test/system/rig"
)

// backend finds a server of the cloud by the id that Plaza gave it.
func (s *site) backend(t *testing.T, id string) (servers.Server, bool) {
	t.Helper()
	pages, err := servers.List(s.cloud.compute(t), servers.ListOpts{AllTenants: true, Tags: "plaza-id=" + id}).AllPages(t.Context())
	require.NoError(t, err)
	found, err := servers.ExtractServers(pages)
	require.NoError(t, err)
	require.LessOrEqual(t, len(found), 1, "never two servers of one id")
	if len(found) == 0 {
		return servers.Server{}, false
	}
	return found[0], true
}

func (s *site) stopBehindPlaza(t *testing.T, id string) {
	t.Helper()
	b, there := s.backend(t, id)
	require.True(t, there)
	require.NoError(t, servers.Stop(t.Context(), s.cloud.compute(t), b.ID).ExtractErr())
}

// TestServerWithVolumeAndFloatingAddress is the whole way of a tenant's order through the region.
func TestServerWithVolumeAndFloatingAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	n := s.Create(t, "networks", s.project, "front", m{"cidr": "10.90.0.0/24", "egress": "nat"})
	g := s.Create(t, "securitygroups", s.project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80}, {"protocol": "icmp"}}})
	v := s.Create(t, "volumes", s.project, "data", m{"sizeGiB": 1})
	begin := time.Now()
	o := s.Create(t, "servers", s.project, "web", server(n.ID, m{"volumes": []string{v.ID}, "securityGroups": []string{g.ID}, "publish": []m{{"port": 80}}}))
	t.Logf("ready after %s on %s", time.Since(begin).Round(time.Millisecond), rig.Status(o, "status.node"))
	require.Equal(t, s.region.ID, rig.Status(o, "status.host"))
	b, there := s.backend(t, o.ID)
	require.True(t, there)
	require.Equal(t, "ACTIVE", b.Status)
	require.Equal(t, "web", b.Name)
	require.Len(t, b.AttachedVolumes, 1)
	v = s.Get(t, "volumes", v.ID)
	rig.Within(t, 10*time.Second, func() error {
		return errorIf(rig.Status(s.Get(t, "volumes", v.ID), "status.attachedTo") != o.ID, "the volume does not know its server")
	})

	endpoint := rig.Status(o, "status.published.endpoint")
	rig.Within(t, 2*time.Minute, func() error { return answers(endpoint, "hello from") })

	list := rig.Call[struct{ Text string }](t, s.Client, http.MethodGet, "/v1/servers/"+o.ID+"/console", nil)
	require.Contains(t, list.Text, "PLAZA-GUEST-READY")
	s.Delete(t, "servers", o.ID)
	_, there = s.backend(t, o.ID)
	require.False(t, there)
	require.Empty(t, rig.Status(s.Get(t, "volumes", v.ID), "status.attachedTo"))
}

// TestOutsideChangeShows stops and deletes servers with Nova's own API: Plaza notices, says so, and puts it right.
func TestOutsideChangeShows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if s.lab.env["LAB_AMQP_URL"] == "" {
		t.Skip("this lab's message bus is not told of")
	}
	n := s.Create(t, "networks", s.project, "front", m{"cidr": "10.90.0.0/24"})
	o := s.Create(t, "servers", s.project, "web", server(n.ID, nil))
	begin := time.Now()
	s.stopBehindPlaza(t, o.ID)
	asked := time.Since(begin)
	b, _ := s.backend(t, o.ID)
	took := rig.Within(t, 90*time.Second, func() error {
		now := s.Get(t, "servers", o.ID)
		return errorIf(now.Phase == "Ready" && rig.Status(now, "status.since") == rig.Status(o, "status.since"), "nothing was noticed; Nova says "+b.Status)
	})
	t.Logf("Nova took %s to accept; shown %s later", asked.Round(time.Millisecond), took.Round(time.Millisecond))
	rig.Within(t, 2*time.Minute, func() error {
		now := s.Get(t, "servers", o.ID)
		return errorIf(!now.Settled() || rig.Status(now, "status.power") != "running", "the server is not back: "+string(now.Phase))
	})
	var notes []string
	for _, a := range s.History(t, "servers", o.ID) {
		notes = append(notes, a.Verb)
	}
	require.Contains(t, strings.Join(notes, " "), "drift")
}

func errorIf(is bool, text string) error {
	if is {
		return missing(text)
	}
	return nil
}

type missing string

func (m missing) Error() string { return string(m) }

// answers wants an HTTP answer that holds text.
func answers(endpoint, text string) error {
	client := http.Client{Timeout: 3 * time.Second}
	res, err := client.Get("http://" + endpoint + "/") //nolint:noctx // the client has a timeout
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4096))
	if err == nil && !strings.Contains(string(body), text) {
		return missing(endpoint + " says: " + string(body))
	}
	return err
}
