//go:build image

package images_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

// debianBound is for an emulated CPU on a busy host; a calm one needs a minute.
const debianBound = 6 * time.Minute

func newKey(t *testing.T) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	return signer, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
}

func shell(t *testing.T, address string, signer ssh.Signer, command string) string {
	t.Helper()
	client, err := ssh.Dial("tcp", address, &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, Timeout: 30 * time.Second,
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the guest made its key a moment ago
	})
	require.NoError(t, err)
	defer client.Close()
	session, err := client.NewSession()
	require.NoError(t, err)
	defer session.Close()
	out, err := session.CombinedOutput(command)
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

func TestDebianTakesItsSeedAndBootsFromItsOwnDisk(t *testing.T) {
	signer, key := newKey(t)
	m := newMachine(t, "debian-12", cloudinit.Seed{
		MetaData: cloudinit.MetaData{InstanceID: "i-1", LocalHostname: "deb-1"},
		UserData: cloudinit.UserData{
			SSHAuthorizedKeys: []string{key},
			WriteFiles:        []cloudinit.File{{Path: "/etc/motd", Content: "tab\t end \n"}},
			RunCmd:            []cloudinit.Command{cloudinit.Exec("sh", "-c", "echo plaza: runcmd done > /dev/console")},
		},
		Network: &cloudinit.NetworkConfig{Version: 2, Ethernets: map[string]cloudinit.Ethernet{"eth0": {
			Match: &cloudinit.Match{MACAddress: "52:54:00:12:34:56"}, SetName: "eth0",
			Addresses: []string{"10.0.2.15/24"}, Gateway4: "10.0.2.2",
		}}},
	})
	m.ramMiB, m.cpus = 1024, 2
	m.start(22)
	login := m.await("login:", debianBound)
	done := m.await("plaza: runcmd done", debianBound)
	t.Logf("direct boot: login prompt %.1f s, cloud-init done %.1f s, resident %d MiB", login, done, m.residentMiB())
	require.Equal(t, "deb-1", shell(t, m.address(0), signer, "hostname"))
	require.Equal(t, "tab\t end", shell(t, m.address(0), signer, "cat /etc/motd"))
	require.Equal(t, "4", shell(t, m.address(0), signer, `df --output=size -BG / | tail -1 | tr -dc 0-9`), "the root fills its disk")
	t.Logf("power button to off: %.1f s", m.pressPower(debianBound).Seconds())

	m.bios = true
	m.start(22)
	login = m.await("login:", debianBound)
	t.Logf("second boot, by BIOS from disk: login prompt %.1f s", login)
	require.Equal(t, "deb-1", shell(t, m.address(0), signer, "hostname"))
}
