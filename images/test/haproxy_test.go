//go:build image

package images_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/plazacloud/plaza/pkg/haproxy"
)

// TestApplianceBalances runs HAProxy before a web server of the same guest, as the nodes of load balancers do.
func TestApplianceBalances(t *testing.T) {
	config, err := haproxy.Config{Name: "shop", Health: haproxy.Health{Port: 8404, Path: "/plaza/x"}, Listeners: []haproxy.Listener{{
		Name: "web", Port: 80, Protocol: haproxy.HTTP, Algorithm: haproxy.RoundRobin,
		Check:   haproxy.Check{Path: "/", Interval: time.Second, Timeout: time.Second, Rise: 1, Fall: 1},
		Members: []haproxy.Member{{Name: "a", Address: "127.0.0.1", Port: 8080}},
	}}}.Render()
	require.NoError(t, err)
	m := newMachine(t, "plaza-appliance", cloudinit.Seed{
		MetaData: cloudinit.MetaData{InstanceID: "i"},
		UserData: cloudinit.UserData{
			WriteFiles: []cloudinit.File{{Path: "/etc/haproxy/haproxy.cfg", Content: config}, {Path: "/srv/www/index.html", Content: "hello\n"}},
			Plaza: &cloudinit.Plaza{Services: []cloudinit.Service{
				{Name: "web", Command: []string{"busybox", "httpd", "-f", "-p", "8080", "-h", "/srv/www"}},
				{Name: "haproxy", Command: []string{"/usr/sbin/haproxy", "-db", "-f", "/etc/haproxy/haproxy.cfg"}, Ready: &cloudinit.Ready{HTTP: "http://127.0.0.1:8404/plaza/x"}},
			}},
		},
	})
	m.start(80, 8404)
	m.await("plaza-init: READY", bootBound)
	t.Logf("READY after %.2f s of guest time, resident %d MiB", m.stage("READY"), m.residentMiB())
	require.Equal(t, "hello\n", get(t, "http://"+m.address(0)+"/"))
	response, err := http.Get("http://" + m.address(1) + "/plaza/other") //nolint:gosec // loopback
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusNotFound, response.StatusCode)
}
