package system

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestRouter joins the networks of running guests, loses the router to someone, and parts them again.
func TestRouter(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	p.AddGuest(t, "prober", "probe=10.86.0.10")
	front := p.Create(t, "networks", project, "front", m{"cidr": "10.87.0.0/24"})
	back := p.Create(t, "networks", project, "back", m{"cidr": "10.86.0.0/24"})
	group := p.Create(t, "securitygroups", project, "from-front", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.87.0.0/24"}}})
	db := p.Create(t, "servers", project, "db", server("back", m{"address": "10.86.0.10", "securityGroups": []string{"from-front"}}))
	web := p.Create(t, "servers", project, "web", server("front", m{"image": "prober"}))
	p.Booted(t, db.ID, web.ID)
	seen(t, p, web.ID, "unreachable")

	r := p.Create(t, "routers", project, "core", m{"networks": []string{"front", "back"}})
	took := seen(t, p, web.ID, "hello from db")
	t.Logf("a running guest is reached %s after the router was made", took.Round(time.Millisecond))
	p.Patch(t, "securitygroups", group.ID, "5s", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.88.0.0/24"}}})
	seen(t, p, web.ID, "unreachable")
	p.Patch(t, "securitygroups", group.ID, "5s", m{"rules": []m{{"protocol": "tcp", "fromPort": 80, "cidr": "10.87.0.0/24"}}})
	seen(t, p, web.ID, "hello from db")
	got := p.Refused(t, http.StatusConflict, resource.ReasonInUse, http.MethodDelete, "/v1/networks/"+back.ID, nil)
	require.NotEmpty(t, got.Candidates)

	// Someone takes the router's namespace away, with the agent running, and with the agent gone.
	lose := func() {
		path := "/run/netns/" + tenantnet.RouterName(r.ID)
		require.NoError(t, unix.Unmount(path, unix.MNT_DETACH))
		require.NoError(t, os.Remove(path))
	}
	lose()
	time.Sleep(5 * time.Second)
	seen(t, p, web.ID, "hello from db")
	h.KillAgent()
	lose()
	h.StartAgent(t)
	time.Sleep(5 * time.Second)
	seen(t, p, web.ID, "hello from db")

	p.Delete(t, "routers", r.ID)
	seen(t, p, web.ID, "unreachable")
	require.NoFileExists(t, "/run/netns/"+tenantnet.RouterName(r.ID))
	for _, id := range []string{db.ID, web.ID} {
		p.Delete(t, "servers", id)
	}
	p.Delete(t, "networks", back.ID)
	p.Delete(t, "networks", front.ID)
	require.Empty(t, h.Networks())
}
