package lab

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// blank is a machine with nothing on it but a controller that speaks IPMI.
type blank struct{ name, controller, mac string }

// blank makes one for the test.
func (l place) blank(t *testing.T, name string, number int) blank {
	t.Helper()
	b := blank{name, fmt.Sprint(l.subnet(), ".", number), fmt.Sprintf("52:54:00:b1:00:%02x", number)}
	l.tool(t, "metal", "rm", name)
	l.tool(t, "metal", "up", name, b.controller, b.mac, "8", "2304") // a host keeps 1 GiB of it for itself
	t.Cleanup(func() {
		if t.Failed() {
			said, err := os.ReadFile(filepath.Join(l.dir, "metal", name, "console"))
			t.Logf("its console: %v\n%s", err, last20(string(said)))
		}
		l.tool(t, "metal", "rm", name)
	})
	return b
}

func last20(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// enrolled is what Plaza is told of it.
func (s *site) enrolled(b blank) m {
	return m{"region": "east", "driver": "ipmi", "resourceClass": "blank", "cpus": 1, "memoryMiB": 2048, "diskGiB": 6, "macs": []string{b.mac}, "state": "available",
		"driverInfo": m{"ipmi_address": b.controller, "ipmi_username": "plaza", "ipmi_password": "opensesame", "ipmi_cipher_suite": "3"}}
}

// reaches waits until a machine is where an order wants it, telling the steps on its way.
func (s *site) reaches(t *testing.T, a rig.Applied, limit time.Duration, provision string) resource.Raw {
	t.Helper()
	begin, said := time.Now(), ""
	rig.Within(t, limit, func() error {
		o := s.Get(t, "baremetals", a.Object.ID)
		now := rig.Status(o, "status.provision") + " " + rig.Status(o, "status.step")
		if now != said {
			said = now
			t.Logf("after %s: %s", time.Since(begin).Round(time.Second), now)
		}
		require.NotEqual(t, resource.PhaseFailed, o.Phase, o.Condition("Ready").Message)
		return errorIf(!o.Settled() || rig.Status(o, "status.provision") != provision, now+": "+o.Condition("Ready").Message+rig.Status(o, "status.error"))
	})
	return s.Get(t, "baremetals", a.Object.ID)
}

// forget takes all machines out of the region, in whatever state they are.
func (s *site) forget(t *testing.T) {
	t.Helper()
	for _, o := range s.List(t, "baremetals") {
		a := rig.Call[rig.Applied](t, s.Client, http.MethodDelete, "/v1/baremetals/"+o.ID, nil)
		s.Succeeded(t, a.Operation.ID, 8*time.Minute)
	}
}

// TestMachineFromBlankAndBack takes a machine with an empty disk through its life by nothing but its controller and the
// network it boots from: cleaned, written, Debian on it, taken back and cleaned again. Nobody is at its console.
// TestMachineFromBlankToHost puts databases and servers on one.
func TestMachineFromBlankAndBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.registerBuilt(t, "debian", "debian-12")
	machine := s.fromBlank(t, "metal1", 41)
	out, err := s.lab.enter(machine.address, "systemctl is-active ssh; findmnt -no SOURCE,FSTYPE /; . /etc/os-release; echo $VERSION_CODENAME", time.Minute)
	require.NoError(t, err, out)
	for _, want := range []string{"active", "ext4", "bookworm"} {
		require.Contains(t, out, want)
	}
	machine.back(t)
}

// deployed is a machine with Debian on it.
type deployed struct {
	*site
	id, address string
}

// fromBlank enrols a machine with an empty disk, and has Debian written on it that lets the lab's key in.
func (s *site) fromBlank(t *testing.T, name string, number int) deployed {
	t.Helper()
	b := s.lab.blank(t, name, number)
	t.Cleanup(func() { s.forget(t) })
	o := s.reaches(t, rig.Call[rig.Applied](t, s.Client, http.MethodPost, "/v1/baremetals", rig.Body("", name, s.enrolled(b))), 8*time.Minute, "available")
	require.Equal(t, "true", rig.Status(o, "status.usable"))
	d := deployed{s, o.ID, ""}
	s.reaches(t, d.change(t, m{"state": "active", "image": "debian", "userData": s.firstBoot(t)}), 12*time.Minute, "active")
	booted := rig.Within(t, 5*time.Minute, func() error {
		d.address = s.lab.leased(t, b.mac)
		out, err := s.lab.enter(d.address, "cloud-init status --wait; cat /etc/hostname", 3*time.Minute)
		return errorIf(err != nil || !strings.Contains(out, name), out)
	})
	t.Logf("it runs Debian %s later", booted.Round(time.Second))
	return d
}

func (d deployed) change(t *testing.T, spec m) rig.Applied {
	t.Helper()
	return rig.Call[rig.Applied](t, d.Client, http.MethodPatch, "/v1/baremetals/"+d.id, m{"spec": spec})
}

// back has it cleaned, and with the others in the pool.
func (d deployed) back(t *testing.T) {
	t.Helper()
	d.reaches(t, d.change(t, m{"state": "available"}), 8*time.Minute, "available")
}

// firstBoot lets the lab's key in, and finds the lab's packages.
func (s *site) firstBoot(t *testing.T) string {
	t.Helper()
	key, err := os.ReadFile(s.lab.env["LAB_KEY"] + ".pub")
	require.NoError(t, err)
	return fmt.Sprintf(`#cloud-config
users:
- name: root
  ssh_authorized_keys: [%q]
write_files:
- path: /etc/apt/apt.conf.d/proxy
  content: Acquire::http::Proxy "http://%s.1:%s";
`, strings.TrimSpace(string(key)), s.lab.subnet(), first(os.Getenv("LAB_PROXY_PORT"), "3148"))
}

// leased is the address that the region gave a card; "" without one.
func (l place) leased(t *testing.T, mac string) string {
	t.Helper()
	for line := range strings.Lines(l.shell(t, l.env["LAB_CONTROL"], "cat /var/lib/ironic/dhcp/leases")) {
		if f := strings.Fields(line); len(f) > 2 && f[1] == mac {
			return f[2]
		}
	}
	return ""
}
