package lab

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestFloatingAddressMovesBetweenServersApart holds an address, leads it to one server of a group that must not meet and on
// to the other, each with a further card. Who answers on it, and the stock client, are the witnesses.
func TestFloatingAddressMovesBetweenServersApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	front := s.Create(t, "networks", s.project, "front", m{"cidr": "10.94.0.0/24"})
	back := s.Create(t, "networks", s.project, "back", m{"cidr": "10.95.0.0/24"})
	g := s.Create(t, "securitygroups", s.project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80}}})
	group := s.Create(t, "servergroups", s.project, "pair", m{"policy": "anti-affinity"})
	address := s.Create(t, "floatingips", s.project, "shop", m{"host": "east"})
	outside := rig.Status(address, "status.address")

	var servers []resource.Raw
	for i, name := range []string{"one", "two"} {
		port := s.Create(t, "ports", s.project, name, m{"network": back.ID, "address": fmt.Sprintf("10.95.0.%d", 50+i)})
		spec := server(front.ID, m{"securityGroups": []string{g.ID}, "serverGroup": group.ID, "ports": []string{port.ID}})
		a := rig.Call[rig.Applied](t, s.Client, http.MethodPost, "/v1/servers", rig.Body(s.project, name, spec))
		t.Logf("server %s after %s", name, s.Succeeded(t, a.Operation.ID, 5*time.Minute).Round(time.Millisecond))
		servers = append(servers, s.Get(t, "servers", a.Object.ID))
	}
	require.NotEqual(t, rig.Status(servers[0], "status.node"), rig.Status(servers[1], "status.node"))
	other := s.list(t, "port", "")
	require.Contains(t, fmt.Sprint(other), "10.95.0.50")
	require.Contains(t, fmt.Sprint(other), "10.95.0.51")

	for i, o := range servers {
		s.Patch(t, "floatingips", address.ID, "90s", m{"server": o.ID})
		rig.Within(t, 2*time.Minute, func() error { return answers(outside+":80", "hello from") })
		inside := rig.Status(s.Get(t, "servers", o.ID), "status.address")
		rig.Within(t, time.Minute, func() error { return answers(outside+":80", strings.ReplaceAll(inside, ".", "-")) })
		rows := s.list(t, "floating ip", "--long")
		require.Len(t, rows, 1)
		require.Equal(t, inside, rows[0]["Fixed IP Address"], "%d: %v", i, rows)
	}
	s.empty(t)
	s.nothingLeft(t)
	for _, row := range s.lab.openstack(t, "server group list --all-projects") {
		require.NotContains(t, fmt.Sprint(row), group.ID)
	}
}
