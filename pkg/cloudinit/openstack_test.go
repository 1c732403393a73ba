package cloudinit_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// What Nova 26 writes for a server with a card on a network with DHCP, one on a network without, and IPv6.
// Nova leaves the MTU to DHCP where there is DHCP.
const (
	novaMetaData = `{"uuid": "83679162-1378-4288-a2d4-70e13ec132aa", "meta": {"plaza-id": "0198", "role": "db"},
"public_keys": {"b": "ssh-ed25519 BBBB b\n", "a": "ssh-rsa AAAA a"}, "keys": [{"name": "a", "type": "ssh", "data": "ssh-rsa AAAA a"}],
"hostname": "app-1.novalocal", "name": "app 1", "launch_index": 0, "availability_zone": "nova", "random_seed": "blob",
"project_id": "f7ac731cc11f40efbc03a9f9e1d1d21f", "devices": [], "dedicated_cpus": [], "admin_pass": "x"}`

	novaNetworkData = `{
"links": [
 {"id": "tap9ee1a2b3-4c", "vif_id": "9ee1a2b3-4c5d-4e6f-8a9b-0c1d2e3f4a5b", "type": "bridge", "mtu": null, "ethernet_mac_address": "fa:16:3e:9c:bf:3d"},
 {"id": "tapcd9f6d46-4a", "vif_id": "cd9f6d46-4a3a-43ab-a466-994af9db96fc", "type": "ovs", "mtu": 1450, "ethernet_mac_address": "fa:16:3e:D4:57:AD"}],
"networks": [
 {"id": "network0", "type": "ipv4_dhcp", "link": "tap9ee1a2b3-4c", "network_id": "da5bb487-5193-4a65-a3df-4a0055a8c0d7"},
 {"id": "network1", "type": "ipv4", "link": "tapcd9f6d46-4a", "ip_address": "10.2.0.5", "netmask": "255.255.240.0",
  "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.2.0.1"}, {"network": "192.168.7.9", "netmask": "255.255.255.0", "gateway": "10.2.0.9"}],
  "services": [{"type": "dns", "address": "10.2.0.2"}, {"type": "ntp", "address": "10.2.0.3"}], "network_id": "b1f3"},
 {"id": "network2", "type": "ipv6", "link": "tapcd9f6d46-4a", "ip_address": "2001:db8::3257:9652", "netmask": "ffff:ffff:ffff:ffff::",
  "routes": [{"network": "::", "netmask": "::", "gateway": "2001:db8::1"}], "services": [], "network_id": "b1f3"},
 {"id": "network3", "type": "ipv6_slaac", "link": "tap9ee1a2b3-4c", "network_id": "da5b"},
 {"id": "network4", "type": "ipv6_dhcpv6-stateful", "link": "tap9ee1a2b3-4c", "ip_address": "fd00::7", "netmask": "64", "routes": [], "services": []}],
"services": [{"type": "dns", "address": "10.2.0.2"}, {"type": "dns", "address": "9.9.9.9"}]}`
)

func drive(files map[string]string) fstest.MapFS {
	mounted := fstest.MapFS{}
	for name, text := range files {
		mounted["openstack/latest/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return mounted
}

func TestConfigDriveSaysWhatNoCloudWould(t *testing.T) {
	seed, err := cloudinit.ReadConfigDrive(drive(map[string]string{
		"meta_data.json": novaMetaData, "network_data.json": novaNetworkData, "user_data": "#!/bin/sh\r\necho\n", "vendor_data.json": "{}"}))
	require.NoError(t, err)
	require.Equal(t, cloudinit.MetaData{
		InstanceID: "83679162-1378-4288-a2d4-70e13ec132aa", LocalHostname: "app-1",
		PublicKeys: []string{"ssh-rsa AAAA a", "ssh-ed25519 BBBB b"}, Meta: map[string]string{"plaza-id": "0198", "role": "db"},
	}, seed.MetaData)
	require.Equal(t, "#!/bin/sh\r\necho\n", string(seed.Raw))
	require.Equal(t, &cloudinit.NetworkConfig{Version: 2, Ethernets: map[string]cloudinit.Ethernet{
		"tap9ee1a2b3-4c": {
			Match: &cloudinit.Match{MACAddress: "fa:16:3e:9c:bf:3d"}, DHCP4: true, Addresses: []string{"fd00::7/64"},
			Nameservers: cloudinit.Nameservers{Addresses: []string{"9.9.9.9"}},
		},
		"tapcd9f6d46-4a": {
			Match: &cloudinit.Match{MACAddress: "fa:16:3e:D4:57:AD"}, MTU: 1450, Addresses: []string{"10.2.0.5/20", "2001:db8::3257:9652/64"},
			Routes: []cloudinit.Route{{To: "0.0.0.0/0", Via: "10.2.0.1", Metric: 100}, {To: "192.168.7.0/24", Via: "10.2.0.9"},
				{To: "::/0", Via: "2001:db8::1", Metric: 200}},
			Nameservers: cloudinit.Nameservers{Addresses: []string{"10.2.0.2"}},
		},
	}}, seed.Network)

	documents, err := seed.Documents()
	require.NoError(t, err)
	meta, err := cloudinit.ParseMetaData(documents[cloudinit.MetaDataFile])
	require.NoError(t, err)
	require.Equal(t, seed.MetaData, *meta)
	network, err := cloudinit.ParseNetworkConfig(documents[cloudinit.NetworkFile])
	require.NoError(t, err)
	require.Equal(t, seed.Network, network)
	require.Equal(t, seed.Raw, documents[cloudinit.UserDataFile])
}

func TestConfigDriveWithNothingButMetaData(t *testing.T) {
	seed, err := cloudinit.ReadConfigDrive(drive(map[string]string{"meta_data.json": `{"uuid": "u", "name": "n"}`}))
	require.NoError(t, err)
	require.Equal(t, cloudinit.MetaData{InstanceID: "u", LocalHostname: "n"}, seed.MetaData)
	require.Nil(t, seed.Network)
	documents, err := seed.Documents()
	require.NoError(t, err)
	require.Empty(t, documents[cloudinit.UserDataFile])
	require.NotContains(t, documents, cloudinit.NetworkFile)
}

func TestConfigDriveExplainsMistakes(t *testing.T) {
	for text, want := range map[string]string{`{`: "meta_data.json", `{"name": "n"}`: "uuid is missing", "": "meta_data.json"} {
		seed, err := cloudinit.ReadConfigDrive(drive(map[string]string{"meta_data.json": text}))
		require.ErrorContains(t, err, want)
		require.Nil(t, seed)
	}
	_, err := cloudinit.ReadConfigDrive(drive(nil))
	require.ErrorContains(t, err, "meta_data.json is missing")
}

// One network that cannot be had leaves the others usable.
func TestNetworkDataKeepsWhatItCan(t *testing.T) {
	const link = `{"id": "a", "type": "phy", "ethernet_mac_address": "52:54:00:00:00:01", "mtu": 9000}`
	network := func(text string) string {
		return `{"links": [` + link + `], "networks": [{"id": "n", "link": "a", ` + text + `}, {"id": "dhcp", "link": "a", "type": "ipv4_dhcp"}]}`
	}
	for text, want := range map[string]string{
		`{"links": [` + link + `, {"id": "v", "type": "vlan"}], "networks": [{"id": "dhcp", "link": "a", "type": "ipv4_dhcp"}]}`:                           "no vlan interfaces",
		`{"links": [` + link + `, {"id": "v", "ethernet_mac_address": "52:54"}], "networks": [{"id": "dhcp", "link": "a", "type": "ipv4_dhcp"}]}`:          "not a MAC address",
		`{"links": [` + link + `, {"id": "v"}], "networks": [{"id": "dhcp", "link": "a", "type": "ipv4_dhcp"}, {"id": "n", "link": "q", "type": "ipv4"}]}`: `no link "q"`,
		network(`"type": "ipv9"`): `type "ipv9"`,
		network(`"type": "ipv4", "ip_address": "10.0.0.300", "netmask": "255.0.0.0"`):                                                                  "10.0.0.300",
		network(`"type": "ipv4", "ip_address": "10.0.0.3", "netmask": "255.0.255.0"`):                                                                  "has a hole",
		network(`"type": "ipv4", "ip_address": "10.0.0.3", "netmask": "wide"`):                                                                         "neither a mask nor a length",
		network(`"type": "ipv4", "ip_address": "10.0.0.3", "netmask": "64"`):                                                                           "does not fit",
		network(`"type": "ipv4", "ip_address": "10.0.0.3/8", "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "router.novalocal"}]`): "is not an address",
	} {
		config, err := cloudinit.ParseNetworkData([]byte(text))
		require.ErrorContains(t, err, want, text)
		require.Equal(t, map[string]cloudinit.Ethernet{"a": {
			Match: &cloudinit.Match{MACAddress: "52:54:00:00:00:01"}, MTU: 9000, DHCP4: true}}, config.Ethernets, text)
		require.NoError(t, config.Validate())
	}
	config, err := cloudinit.ParseNetworkData([]byte(`{"links": [], "networks": [], "services": []}`))
	require.NoError(t, err)
	require.Nil(t, config)
	_, err = cloudinit.ParseNetworkData([]byte(`[]`))
	require.ErrorContains(t, err, "network_data.json")
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, err := writer.Write(data)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return out.Bytes()
}

func TestInflateIsBounded(t *testing.T) {
	text := []byte(strings.Repeat("#cloud-config\n", 5000))
	plain, err := cloudinit.Inflate(gzipped(t, text))
	require.NoError(t, err)
	require.Equal(t, text, plain)
	same, err := cloudinit.Inflate(text)
	require.NoError(t, err)
	require.Equal(t, text, same)
	_, err = cloudinit.Inflate(gzipped(t, make([]byte, 17<<20)))
	require.ErrorContains(t, err, "more than 16 MiB")
	_, err = cloudinit.Inflate(gzipped(t, text)[:40])
	require.ErrorContains(t, err, "user-data")
}

// Whatever a drive says, what is taken from it can be written down and read again.
func FuzzReadConfigDrive(f *testing.F) {
	f.Add([]byte(novaMetaData), []byte(novaNetworkData), []byte(""))
	f.Add([]byte(`{"uuid":"u","hostname":"."}`), []byte(`{"links":[{"id":"a","ethernet_mac_address":"52:54:00:00:00:01"}],"networks":[{"type":"ipv6","link":"a","ip_address":"fe80::1%1","netmask":"::"}]}`), gzipped(f, []byte("x")))
	f.Fuzz(func(t *testing.T, meta, network, user []byte) {
		seed, err := cloudinit.ReadConfigDrive(drive(map[string]string{"meta_data.json": string(meta), "network_data.json": string(network), "user_data": string(user)}))
		if seed == nil {
			require.Error(t, err)
			return
		}
		documents, err := seed.Documents()
		require.NoError(t, err)
		again, err := cloudinit.ParseMetaData(documents[cloudinit.MetaDataFile])
		require.NoError(t, err)
		require.Equal(t, seed.MetaData.InstanceID, again.InstanceID)
		config, err := cloudinit.ParseNetworkConfig(documents[cloudinit.NetworkFile])
		require.NoError(t, err)
		if seed.Network != nil {
			require.Len(t, config.Ethernets, len(seed.Network.Ethernets))
		}
	})
}
