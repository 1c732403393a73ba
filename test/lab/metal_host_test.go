package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
)

// TestMachineFromBlankToHost makes a machine with an empty disk a host of servers, with nobody at its console, and then
// compares it with a server of its own by the page of benchmarks. Packages that an emulated machine installs, and a server
// that it emulates in turn, take most of half an hour, so it is run when asked for: make lab-test-long.
func TestMachineFromBlankToHost(t *testing.T) {
	if os.Getenv("PLAZA_LAB_LONG") == "" {
		t.Skip("PLAZA_LAB_LONG is not set: make lab-test-long runs it")
	}
	d := newDesk(t)
	s := d.site(t, d.plane)
	s.registerBuilt(t, "debian", "debian-12")
	machine := s.fromBlank(t, "metal1", 41)
	s.becomesHost(t, d, machine.address)
	s.compares(t, d, machine.address)
	d.run(t, "ssh metal1 systemctl disable --now plaza-agent; plaza host delete metal1 --wait", time.Minute)
	machine.back(t)
}

// compares follows the page of benchmarks: the machine is to do more by itself than a server on it.
func (s *site) compares(t *testing.T, d *desk, address string) {
	t.Helper()
	images, err := filepath.Abs("../../build/images")
	require.NoError(t, err)
	d.run(t, fmt.Sprintf("ssh metal1 mkdir -p %[1]s; scp -q %[1]s/plaza-appliance.* metal1:%[1]s", images), 5*time.Minute) // a host reads what is file:// by itself
	s.registerBuilt(t, "plaza-appliance", "plaza-appliance")
	d.names = strings.NewReplacer("metal1.example.net", address, "trial/shop", "g-shop/shop")
	d.follow(t, "benchmarks.md", 40*time.Minute)
	results := map[string]map[string]float64{}
	for _, r := range decode[[]kinds.Measurement](t, []byte(d.run(t, "plaza flavor get db.small -o jq=.spec.measured", time.Minute))) {
		if results[r.What] == nil {
			results[r.What] = map[string]float64{}
		}
		results[r.What][r.On] = r.Value
	}
	t.Logf("transactions a second: %v", results)
	require.Len(t, results, 2)
	for what, r := range results {
		assert.Greater(t, r["baremetal"], r["server"], what)
	}
	d.run(t, "plaza server delete db1 --project trial/shop --wait; plaza network delete store --project trial/shop --wait", 5*time.Minute)
}

// becomesHost makes the machine a host of servers by the playbook.
func (s *site) becomesHost(t *testing.T, d *desk, address string) {
	t.Helper()
	begin := time.Now()
	d.checkout(t)
	config, err := os.ReadFile(filepath.Join(d.dir, "ssh.conf"))
	require.NoError(t, err)
	d.write(t, "ssh.conf", strings.Replace(string(config), "Host lab-*", "Host metal1\n  HostName "+address+"\nHost lab-* metal1", 1))
	d.write(t, "ansible/inventories/mine/metal1.yml", fmt.Sprintf("all:\n  hosts:\n    metal1: {ansible_host: %s}\n  children:\n    kvm: {hosts: {metal1: }}\n", address))
	d.reach(t, "metal1")
	d.run(t, `token=$(plaza host enrol-token --site store1 --name metal1 -o jq=.token)
cd ansible
ansible-playbook -i inventories/mine plaza.yml --limit metal1 --tags plaza_agent -e plaza_url=https://plaza.example.net -e plaza_agent_site=store1 -e plaza_agent_token=$token
plaza host wait metal1 --for status.alive=true`, 25*time.Minute)
	t.Logf("it is a host %s later", time.Since(begin).Round(time.Second))
}
