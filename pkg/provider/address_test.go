package provider_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func TestAddressesOfThePlaceItself(t *testing.T) {
	for cidr, want := range map[string][2]string{
		"10.0.0.0/24": {"10.0.0.251", "10.0.0.254"}, "10.0.0.0/29": {"10.0.0.6", "10.0.0.6"}, "10.1.0.0/16": {"10.1.255.251", "10.1.255.254"}, "10.0.0.16/28": {"10.0.0.29", "10.0.0.30"},
	} {
		first, last := provider.OwnAddresses(netip.MustParsePrefix(cidr))
		require.Equal(t, want, [2]string{first.String(), last.String()}, cidr)
	}
}
