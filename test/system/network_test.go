package system

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// fetch asks a published port; a fresh connection each time, as rules hold for new ones.
func fetch(endpoint string) (string, error) {
	c := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext}}
	res, err := c.Get("http://" + endpoint + "/")
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return strings.TrimSpace(string(text)), err
}

// seen waits until the newest probe line on a guest's console is as wanted.
func seen(t *testing.T, p *rig.Plane, id, want string) time.Duration {
	t.Helper()
	return rig.Within(t, time.Minute, func() error {
		text := p.Console(t, id)
		i := strings.LastIndex(text, libvirttest.ProbeMark)
		if i < 0 {
			return errors.New("no probe yet: " + text)
		}
		if line, _, _ := strings.Cut(text[i+len(libvirttest.ProbeMark):], "\n"); strings.TrimSpace(line) != want {
			return fmt.Errorf("the guest sees %q, not %q", line, want)
		}
		return nil
	})
}

// TestTenantNetworks gives two projects the same CIDR on one host and tries to get from one to the other.
func TestTenantNetworks(t *testing.T) {
	t.Parallel()
	p, h, red := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	blue := p.Project(t, "blue")
	p.AddGuest(t, "prober", "probe=10.85.0.10")
	closed := p.Create(t, "securitygroups", red, "web", m{})
	for _, project := range []string{red, blue} {
		p.Create(t, "networks", project, "lan", m{"cidr": "10.85.0.0/24"})
	}
	publish := []m{{"port": 80}}
	web := p.Create(t, "servers", red, "web", server("lan", m{"address": "10.85.0.10", "securityGroups": []string{"web"}, "publish": publish}))
	friend := p.Create(t, "servers", red, "friend", server("lan", m{"image": "prober", "address": "10.85.0.11"}))
	stranger := p.Create(t, "servers", blue, "stranger", server("lan", m{"image": "prober", "address": "10.85.0.12"}))
	p.Booted(t, web.ID, friend.ID, stranger.ID)
	web = p.Get(t, "servers", web.ID)
	endpoint, since := rig.Status(web, "status.published.endpoint"), rig.Status(web, "status.since")
	require.True(t, strings.HasPrefix(endpoint, "127.0.0.1:"), endpoint)
	require.Len(t, h.Networks(), 2)
	require.Len(t, h.Domains(t), 3)

	_, err := fetch(endpoint)
	require.Error(t, err, "nothing may come in without a rule")
	seen(t, p, friend.ID, "unreachable")
	seen(t, p, stranger.ID, "unreachable")

	p.Patch(t, "securitygroups", closed.ID, "5s", m{"rules": []m{{"protocol": "tcp", "fromPort": 80}}})
	took := rig.Within(t, 3*time.Second, func() error {
		text, err := fetch(endpoint)
		if err == nil && text != "hello from web" {
			err = errors.New(text)
		}
		return err
	})
	t.Logf("open from outside %s after the rule", took.Round(time.Millisecond))
	seen(t, p, friend.ID, "hello from web")
	seen(t, p, stranger.ID, "unreachable")
	require.Equal(t, since, rig.Status(p.Get(t, "servers", web.ID), "status.since"), "the server was restarted")

	// A server of the other project at the same address is the one that project's guests see.
	p.Create(t, "securitygroups", blue, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.85.0.0/24"}}})
	twin := p.Create(t, "servers", blue, "twin", server("lan", m{"address": "10.85.0.10", "securityGroups": []string{"web"}}))
	p.Booted(t, twin.ID)
	seen(t, p, stranger.ID, "hello from twin")
	seen(t, p, friend.ID, "hello from web")

	p.Patch(t, "securitygroups", closed.ID, "5s", m{"rules": []m{}})
	rig.Within(t, 3*time.Second, func() error {
		if _, err := fetch(endpoint); err == nil {
			return errors.New("it is open still")
		}
		return nil
	})
	got := p.Refused(t, http.StatusConflict, resource.ReasonInUse, http.MethodDelete, "/v1/securitygroups/"+closed.ID, nil)
	require.Len(t, got.Candidates, 1)
	require.Equal(t, "web", got.Candidates[0].Name)
}
