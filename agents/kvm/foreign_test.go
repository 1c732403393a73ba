package kvm_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

func TestDomainsOfOthersAreSeen(t *testing.T) {
	b := newBench(t)
	id := uuid.NewString()
	c, err := libvirt.NewConnect(b.libvirt.URI())
	require.NoError(t, err)
	defer func() { _, _ = c.Close() }()
	dom, err := c.DomainDefineXML(`<domain type="qemu"><name>mail</name><uuid>` + id + `</uuid><memory unit="MiB">96</memory><vcpu>2</vcpu>
		<os><type arch="x86_64">hvm</type></os><devices/></domain>`)
	require.NoError(t, err)
	defer func() { _ = dom.Undefine(); _ = dom.Free() }()

	found, err := b.driver.ListForeign(t.Context(), host)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "mail", found[0].Name)
	require.Equal(t, id, found[0].Backend)
	require.Empty(t, found[0].PlazaID)
	require.Equal(t, provider.PowerStopped, found[0].Power)
	require.Equal(t, 2, found[0].VCPUs)
	require.Equal(t, 96, found[0].MemoryMiB)
	ours, err := b.driver.ListServers(t.Context(), host)
	require.NoError(t, err)
	require.Empty(t, ours)
	_, err = b.driver.ListForeign(t.Context(), "elsewhere")
	require.Error(t, err)
}
