package openstack

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	idA = "0198c5a0-0000-7000-8000-00000000000a"
	idB = "0198c5a0-0000-7000-8000-00000000000b"
)

func TestFlavorAndTraitNames(t *testing.T) {
	require.Equal(t, "plaza.2c.512m.10g", flavorName(2, 512, 10, nil))
	a, b := flavorName(1, 64, 1, map[string]string{"trait:CUSTOM_A": "required"}), flavorName(1, 64, 1, map[string]string{"trait:CUSTOM_B": "required"})
	require.NotEqual(t, a, b)
	require.Regexp(t, `^plaza\.1c\.64m\.1g\.[0-9a-f]{8}$`, a)
	require.Equal(t, "CUSTOM_DISK_NVME_2", provider.TraitName("disk", "nvme-2"))
	require.Equal(t, "CUSTOM_GPU", provider.TraitName("gpu", ""))
}

func TestRulesDifference(t *testing.T) {
	want := []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}, {Protocol: "TCP", FromPort: 80, ToPort: 80, CIDR: "0.0.0.0/0"},
		{Protocol: "icmp", FromPort: 8, ToPort: 8}, {Protocol: "udp", CIDR: "10.1.2.3/8"}}
	for i, r := range want {
		n, err := normal(r)
		require.NoError(t, err)
		want[i] = n
	}
	have := []rules.SecGroupRule{
		{ID: "egress", Direction: "egress", EtherType: "IPv4"},
		{ID: "kept", Direction: "ingress", EtherType: "IPv4", Protocol: "tcp", PortRangeMin: 80, PortRangeMax: 80, RemoteIPPrefix: "0.0.0.0/0"},
		{ID: "old", Direction: "ingress", EtherType: "IPv4", Protocol: "tcp", PortRangeMin: 22, PortRangeMax: 22},
		{ID: "six", Direction: "ingress", EtherType: "IPv6", Protocol: "icmp"},
		{ID: "group", Direction: "ingress", EtherType: "IPv4", Protocol: "icmp", RemoteGroupID: "g"},
	}
	missing, extra := difference(have, want)
	require.Equal(t, []provider.Rule{{Protocol: "icmp"}, {Protocol: "udp", CIDR: "10.0.0.0/8"}}, missing)
	require.Equal(t, []string{"old", "six", "group"}, extra)
	for _, bad := range []provider.Rule{{Protocol: "gre"}, {Protocol: "tcp", FromPort: 9, ToPort: 8}, {Protocol: "tcp", ToPort: 70000}, {Protocol: "tcp", CIDR: "all"}, {Protocol: "tcp", CIDR: "fd00::/8"}} {
		_, err := normal(bad)
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), bad)
	}
}

func TestFloatingLabels(t *testing.T) {
	text := label(idA, netip.MustParseAddr("10.1.0.5"), []int{80, 443})
	require.Equal(t, "plaza-id="+idA+" for 10.1.0.5 ports 80,443", text)
	network, inside, open, ok := parseLabel(text)
	require.True(t, ok)
	require.Equal(t, idA, network)
	require.Equal(t, "10.1.0.5", inside.String())
	require.Equal(t, []int{80, 443}, open)
	for _, other := range []string{"", "mine", "plaza-id=x for y ports 1", "x for 10.0.0.1 ports 1", "plaza-id=x for 10.0.0.1 ports one"} {
		_, _, _, ok := parseLabel(other)
		require.False(t, ok, other)
	}
}

func TestHeldLabels(t *testing.T) {
	for _, want := range []held{{id: idA}, {id: idA, network: idB, inside: "10.1.0.5"}} {
		got, ok := parseHeld(floatingips.FloatingIP{Description: heldLabel(want.id, want.network, want.inside)})
		require.True(t, ok)
		require.Equal(t, []string{want.id, want.network, want.inside}, []string{got.id, got.network, got.inside})
	}
	for _, other := range []string{"", "mine", "plaza-id=x", "plaza-id=" + idA + " for 10.1.0.5 ports 80", label(idA, netip.MustParseAddr("10.1.0.5"), []int{80})} {
		_, ok := parseHeld(floatingips.FloatingIP{Description: other})
		require.False(t, ok, other)
	}
}

func TestLegLabels(t *testing.T) {
	for _, does := range []string{joining, parting} {
		router, did, ok := parseLeg(legLabel(idA, does))
		require.True(t, ok)
		require.Equal(t, [2]string{idA, does}, [2]string{router, did})
	}
	for _, other := range []string{"", idTag(idA), idTag(idA) + " joins", "plaza-id=x joins networks", idTag(idA) + " has networks", heldLabel(idA, idB, "10.1.0.5")} {
		_, _, ok := parseLeg(other)
		require.False(t, ok, other)
	}
	_, own := cutID(legLabel(idA, joining))
	require.False(t, own, "it is not taken for a network's own")
}

func TestUserData(t *testing.T) {
	plain, err := userData("#cloud-config\n{}\n")
	require.NoError(t, err)
	require.Equal(t, "#cloud-config\n{}\n", decoded(t, plain))
	// What happens to be base64 must not be taken for encoded.
	odd, err := userData("aGVsbG8=")
	require.NoError(t, err)
	require.Equal(t, "aGVsbG8=", decoded(t, odd))
	long := strings.Repeat("runcmd: [true]\n", 5000)
	packed, err := userData(long)
	require.NoError(t, err)
	r, err := gzip.NewReader(strings.NewReader(decoded(t, packed)))
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, long, string(data))
	noise := make([]byte, 60<<10)
	for i := range noise {
		noise[i] = byte(rand.IntN(256)) //nolint:gosec // noise
	}
	_, err = userData(string(noise))
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	none, err := userData("")
	require.NoError(t, err)
	require.Nil(t, none)
}

func decoded(t *testing.T, data []byte) string {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(string(data))
	require.NoError(t, err)
	return string(text)
}

func TestMetaData(t *testing.T) {
	m, err := metaDataOf(`{"instance-id":"x","local-hostname":"till","public-keys":["ssh-ed25519 AAAA me"],"plaza":{"project":"p","metadata":{"role":"db"}}}`)
	require.NoError(t, err)
	require.Equal(t, "till", m.Hostname)
	require.Equal(t, []string{"ssh-ed25519 AAAA me"}, m.PublicKeys)
	require.Equal(t, map[string]string{"role": "db"}, m.Plaza.Metadata)
	_, err = metaDataOf("")
	require.NoError(t, err)
	_, err = metaDataOf("- a\n: b")
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	require.Equal(t, "web-1-example", hostname("Web_1.example-"))
	require.Empty(t, hostname("a"))
}

func TestPowerOfServers(t *testing.T) {
	for _, c := range []struct {
		status, vm, task string
		power            servers.PowerState
		want             provider.PowerState
		reason           string
	}{
		{"BUILD", "building", "spawning", 0, provider.PowerUnknown, "spawning"},
		{"ACTIVE", "active", "", novaRunning, provider.PowerRunning, "active"},
		{"ACTIVE", "active", "powering-off", novaRunning, provider.PowerStopped, "powering-off"},
		{"ACTIVE", "active", "", novaShutdown, provider.PowerStopped, "active"},
		{"ACTIVE", "active", "", novaCrashed, provider.PowerCrashed, "active"},
		{"SHUTOFF", "stopped", "", novaShutdown, provider.PowerStopped, "stopped"},
		{"PAUSED", "paused", "", novaPaused, provider.PowerPaused, "paused"},
		{"SUSPENDED", "suspended", "", novaShutdown, provider.PowerSuspended, "suspended"},
		{"ERROR", "error", "", 0, provider.PowerCrashed, "disk is gone"},
		{"SHELVED_OFFLOADED", "shelved_offloaded", "", 0, provider.PowerShelved, "shelved_offloaded"},
		{"VERIFY_RESIZE", "resized", "", novaShutdown, provider.PowerStopped, "resized"},
	} {
		s := servers.Server{Status: c.status, VmState: c.vm, TaskState: c.task, PowerState: c.power, Fault: servers.Fault{Message: "disk is gone"}}
		power, reason := powerOf(s)
		require.Equal(t, c.want, power, c.vm)
		require.Equal(t, c.reason, reason, c.vm)
	}
	require.True(t, neverRan(servers.Server{Status: "ERROR"}))
	require.False(t, neverRan(servers.Server{Status: "ERROR", LaunchedAt: time.Now()}), "a server that ran has a disk worth keeping")
}

func TestStateOfAServer(t *testing.T) {
	d := &Driver{set: Settings{Place: "region"}}
	root := "/dev/vda"
	s := servers.Server{
		ID: "nova", Tags: &[]string{"other", idTag(idA)}, Status: "ACTIVE", VmState: "active", PowerState: novaRunning, HypervisorHostname: "cn1", RootDeviceName: &root,
		Flavor: map[string]any{"vcpus": float64(2), "ram": float64(512), "disk": float64(3)}, Metadata: map[string]string{metaDigest: "d", metaImage: idB},
		AttachedVolumes: []servers.AttachedVolume{{ID: "ours"}, {ID: "theirs"}},
	}
	a := around{macs: map[string][]string{"nova": {"52:54:00:00:00:01"}}, snapshots: map[string][]string{idA: {"s"}}, volumes: map[string]volumes.Volume{
		"ours":   {ID: "ours", Size: 4, Metadata: map[string]string{idKey: idB}, Attachments: []volumes.Attachment{{ServerID: "nova", Device: "/dev/vdb"}}},
		"theirs": {ID: "theirs"},
	}}
	st := d.state(s, a)
	require.Equal(t, idA, st.ID)
	require.Equal(t, []provider.Disk{{Image: idB, SizeGiB: 3, Device: "vda"}, {Volume: idB, SizeGiB: 4, Device: "vdb"}}, st.Disks)
	require.Equal(t, [4]any{2, 512, "cn1", "tcg"}, [4]any{st.VCPUs, st.MemoryMiB, st.Node, st.Accel})
	require.Equal(t, []string{"52:54:00:00:00:01"}, st.MACs)
	require.Equal(t, []string{"s"}, st.Snapshots)
	d.accels.learn("cn1", "kvm")
	require.Equal(t, "kvm", d.state(s, a).Accel)
}

func TestMicroversions(t *testing.T) {
	require.Equal(t, "2.90", newestOfBoth("2.93", 2, 90))
	require.Equal(t, "2.93", newestOfBoth("2.93", 2, 93))
	require.Equal(t, "2.93", newestOfBoth("2.93", 2, 100))
	require.Equal(t, "2.87", withinAmounts("2.93"))
	require.Equal(t, "2.60", withinAmounts("2.60"))
	require.Equal(t, "http://c:8776/v3/p/", versioned("http://c:8776/v3/p", "v3/"))
	require.Equal(t, "http://c:9696/v2.0/", versioned("http://c:9696", "v2.0/"))
}

func TestContentFailsAtItsEndWhenItIsNotWhatWasPromised(t *testing.T) {
	head := make([]byte, 64)
	copy(head, "QFI\xfb")
	binary.BigEndian.PutUint64(head[24:], 5<<30+1)
	path := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.WriteFile(path, head, 0o600))
	const sum = "7c1d3aa2bf61c2c5a1b8e9ba1cfd9c0e4d30a1fa7a0b56be0c5ae8fc5b2b9d0a"
	c, err := open(t.Context(), provider.File{URL: "file://" + path, SHA256: sum}, nil)
	require.NoError(t, err)
	defer c.close()
	data, err := io.ReadAll(c)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	require.Equal(t, err, c.err)
	require.True(t, bytes.Equal(head, data))
	require.Equal(t, 6, c.virtualGiB())
	_, err = open(t.Context(), provider.File{URL: "ftp://x/y"}, nil)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	_, err = open(t.Context(), provider.File{URL: "file:///nowhere/at/all"}, nil)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
}

func TestServersThatARegionCannotHave(t *testing.T) {
	good := provider.Server{ID: idA, Name: "s", VCPUs: 1, MemoryMiB: 128, Power: provider.PowerStopped, Disks: []provider.Disk{{Image: idB}}}
	require.NoError(t, checkServer(good))
	for name, spoil := range map[string]func(*provider.Server){
		"two own disks": func(s *provider.Server) { s.Disks = append(s.Disks, provider.Disk{Image: idB}) },
		"an empty disk": func(s *provider.Server) { s.Disks = []provider.Disk{{SizeGiB: 3}} },
		"nothing":       func(s *provider.Server) { s.Disks = nil },
		"a network's name": func(s *provider.Server) {
			s.Interfaces = []provider.Interface{{MAC: "52:54:00:00:00:01", Network: "lan"}}
		},
	} {
		s := good
		spoil(&s)
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(checkServer(s)), name)
	}
}
