//go:build image

package images_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/stretchr/testify/require"
)

type object = map[string]any

// configDrive is what Nova tells a guest.
type configDrive struct {
	meta, network object
	user          []byte
}

// Buses that Nova puts its CD-ROM on: IDE is for the machine type pc, SCSI is what the image's properties ask for.
var (
	ideCD  = []string{"-device", "ide-cd,drive=cd,bus=ide.0"}
	scsiCD = []string{"-device", "virtio-scsi-pci,id=scsi0", "-device", "scsi-cd,drive=cd,bus=scsi0.0"}
)

// newNovaMachine has the devices of a Nova server, no random number generator among them.
func newNovaMachine(t *testing.T, image, board string, bus []string, drive configDrive) *machine {
	t.Helper()
	m := unseededMachine(t, image)
	m.board = board
	folder := m.path("drive/openstack/latest")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	for name, document := range map[string]object{"meta_data.json": drive.meta, "network_data.json": drive.network, "vendor_data.json": {}} {
		data, err := json.Marshal(document)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "user_data"), drive.user, 0o600))
	// As nova/virt/configdrive.py does it.
	m.run("genisoimage", "-o", m.path("seed.iso"), "-ldots", "-allow-lowercase", "-allow-multidot", "-l",
		"-publisher", "OpenStack Nova", "-quiet", "-J", "-r", "-V", "config-2", "-input-charset", "utf-8", m.path("drive"))
	m.seed = append([]string{"-drive", "file=" + m.path("seed.iso") + ",if=none,id=cd,media=cdrom,format=raw,readonly=on"}, bus...)
	return m
}

func novaMeta(keys object) object {
	return object{"uuid": "5c8a5f0e-6c1a-4f0e-9d5e-0a2f7c1b3d4e", "hostname": "db-1.novalocal", "name": "db-1", "launch_index": 0,
		"availability_zone": "nova", "project_id": "f7ac731cc11f40efbc03a9f9e1d1d21f", "meta": object{"plaza-id": "i-1"},
		"public_keys": keys, "keys": []object{}, "devices": []object{}, "dedicated_cpus": []int{}}
}

func novaNetwork(network object) object {
	network["id"], network["link"], network["network_id"] = "network0", "tap1a2b3c4d-5e", "da5bb487-5193-4a65-a3df-4a0055a8c0d7"
	return object{
		"links": []object{{"id": "tap1a2b3c4d-5e", "vif_id": "1a2b3c4d-5e6f-4a0b-8c9d-0e1f2a3b4c5d", "type": "bridge", "mtu": 1450,
			"ethernet_mac_address": "52:54:00:12:34:56"}},
		"networks": []object{network},
		"services": []object{{"type": "dns", "address": "10.0.2.3"}},
	}
}

func userData(t *testing.T) []byte {
	t.Helper()
	user := databaseNode("").UserData
	user.Hostname = "" // it is Nova's
	user.RunCmd = append(user.RunCmd, cloudinit.Shell("echo mtu $(cat /sys/class/net/eth0/mtu) host $(hostname); cat /root/.ssh/authorized_keys /etc/resolv.conf || true"))
	data, err := user.Marshal()
	require.NoError(t, err)
	return data
}

func packed(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, err := writer.Write(data)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return out.Bytes()
}

func TestApplianceBootsAsANovaServerWithAFixedAddress(t *testing.T) {
	m := newNovaMachine(t, "plaza-appliance", "pc", ideCD, configDrive{
		meta: novaMeta(object{"ops": "ssh-ed25519 AAAA ops"}), user: userData(t),
		network: novaNetwork(object{"type": "ipv4", "ip_address": "10.0.2.77", "netmask": "255.255.255.0",
			"routes":   []object{{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.0.2.2"}},
			"services": []object{{"type": "dns", "address": "10.0.2.3"}}}),
	})
	m.guest = "10.0.2.77"
	m.start(5432, 8080)
	wall := m.await("plaza-init: READY", bootBound)
	t.Logf("Nova's layout, IDE: seed %.2f s, READY %.2f s guest time, %.2f s host time", m.stage("seed 5c8a5f0e-6c1a-4f0e-9d5e-0a2f7c1b3d4e"), m.stage("READY"), wall)
	for _, line := range []string{"runcmd: mtu 1450 host db-1\n", "runcmd: ssh-ed25519 AAAA ops\n", "runcmd: nameserver 10.0.2.3\n"} {
		require.Contains(t, m.console(), line)
	}
	for _, bad := range []string{"leased", "FAILED", "warning: module"} {
		require.NotContains(t, m.console(), bad)
	}
	require.Equal(t, 1, count(t, connect(t, m.address(0)), "SELECT count(*) FROM seeded"))
	require.Equal(t, "hello from db-1\n", get(t, "http://"+m.address(1)+"/"))
	m.pressPower(bootBound)

	m.start(8080) // the same instance
	m.await("plaza-init: READY", bootBound)
	require.NotContains(t, m.console(), "first boot done")
	require.Equal(t, "ran\n", get(t, "http://"+m.address(0)+"/runs"))
}

func TestApplianceBootsAsANovaServerWithDHCP(t *testing.T) {
	for name, layout := range map[string]struct {
		board string
		bus   []string
	}{"ide": {"pc", ideCD}, "scsi": {"q35", scsiCD}} {
		t.Run(name, func(t *testing.T) {
			m := newNovaMachine(t, "plaza-appliance", layout.board, layout.bus, configDrive{
				meta: novaMeta(nil), network: novaNetwork(object{"type": "ipv4_dhcp"}), user: packed(t, userData(t)),
			})
			m.start(8080)
			wall := m.await("plaza-init: READY", bootBound)
			t.Logf("Nova's layout: READY %.2f s guest time, %.2f s host time", m.stage("READY"), wall)
			require.Contains(t, m.console(), "eth0 leased 10.0.2.15/24")
			require.Contains(t, m.console(), "runcmd: mtu 1450 host db-1\n")
			require.NotContains(t, m.console(), "FAILED")
			require.Equal(t, "hello from db-1\n", get(t, "http://"+m.address(0)+"/"))
		})
	}
}

// A network that the image cannot have leaves the rest of the seed, and DHCP on nothing: the console tells.
func TestApplianceReportsANetworkItCannotHave(t *testing.T) {
	network := novaNetwork(object{"type": "ipv4_dhcp"})
	network["links"] = append(network["links"].([]object), object{"id": "vlan7", "type": "vlan", "vlan_link": "tap1a2b3c4d-5e", "vlan_id": 7})
	m := newNovaMachine(t, "plaza-appliance", "pc", ideCD, configDrive{meta: novaMeta(nil), network: network, user: userData(t)})
	m.start()
	m.await("plaza-init: READY", bootBound)
	require.Contains(t, m.console(), "link vlan7: this image has no vlan interfaces")
	require.Contains(t, m.console(), "eth0 leased 10.0.2.15/24")
}

func TestDebianTakesItsConfigDrive(t *testing.T) {
	signer, key := newKey(t)
	m := newNovaMachine(t, "debian-12", "pc", ideCD, configDrive{
		meta: novaMeta(object{"ops": key}),
		user: []byte("#cloud-config\nruncmd:\n  - [sh, -c, 'echo plaza: runcmd done > /dev/console']\n"),
		network: novaNetwork(object{"type": "ipv4", "ip_address": "10.0.2.77", "netmask": "255.255.255.0",
			"routes": []object{{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.0.2.2"}}}),
	})
	m.guest, m.ramMiB, m.cpus = "10.0.2.77", 1024, 2
	m.start(22)
	done := m.await("plaza: runcmd done", debianBound)
	t.Logf("Nova's layout: cloud-init done %.1f s", done)
	require.Equal(t, "db-1", shell(t, m.address(0), signer, "hostname"))
	require.Equal(t, "config-disk", shell(t, m.address(0), signer, "cloud-init query subplatform | cut -d' ' -f1"))
	require.Equal(t, "1450", shell(t, m.address(0), signer, "cat /sys/class/net/eth0/mtu"))
}
