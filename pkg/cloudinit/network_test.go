package cloudinit_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

func TestParseNetworkConfigBareAndNested(t *testing.T) {
	bare := `version: 2
ethernets:
  tenant:
    match: {macaddress: "52:54:00:00:00:01"}
    set-name: eth0
    addresses: [10.1.0.5/24]
    gateway4: 10.1.0.1
    routes: [{to: default, via: "fd00::1"}]
    nameservers: {addresses: [10.1.0.2], search: [plaza.internal]}
    mtu: 1450
`
	config, err := cloudinit.ParseNetworkConfig([]byte(bare))
	require.NoError(t, err)
	tenant := config.Ethernets["tenant"]
	require.Equal(t, "52:54:00:00:00:01", tenant.Match.MACAddress)
	require.Equal(t, 1450, tenant.MTU)
	require.Equal(t, []cloudinit.Route{{To: "default", Via: "fd00::1"}, {To: "0.0.0.0/0", Via: "10.1.0.1"}}, tenant.AllRoutes())
	prefix, err := tenant.Routes[0].Prefix()
	require.NoError(t, err)
	require.Equal(t, "::/0", prefix.String())

	data, err := config.Marshal()
	require.NoError(t, err)
	again, err := cloudinit.ParseNetworkConfig(append([]byte("network:\n"), indent(data)...))
	require.NoError(t, err)
	require.Equal(t, config, again)
}

func indent(data []byte) []byte {
	out := []byte("  ")
	for _, b := range data {
		out = append(out, b)
		if b == '\n' {
			out = append(out, "  "...)
		}
	}
	return out
}

func TestParseNetworkConfigExplainsMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1": "version 1 is not supported",
		"version: 2\nethernets: {a: {addresses: [10.0.0.1]}}":               "needs a prefix length",
		"version: 2\nethernets: {a: {match: {macaddress: zz}}}":             "not a MAC address",
		"version: 2\nethernets: {a: {routes: [{to: x, via: 10.0.0.1}]}}":    "neither a prefix",
		"version: 2\nethernets: {a: {routes: [{to: default}]}}":             "is not an address",
		"version: 2\nethernets: {a: {nameservers: {addresses: [dns.one]}}}": "nameserver",
	} {
		_, err := cloudinit.ParseNetworkConfig([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
	config, err := cloudinit.ParseNetworkConfig(nil)
	require.NoError(t, err)
	require.Nil(t, config)
}
