package openstack

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

// TestLabMachines runs the suite on Ironic's own fake hardware: its state machine and conductor are the real ones.
func TestLabMachines(t *testing.T) {
	d := labDriver(t)
	there, err := d.cloud.has(t.Context(), baremetal)
	require.NoError(t, err)
	if !there {
		t.Skip("the lab has no bare metal service")
	}
	guest := libvirttest.Guest(t)
	_, err = d.EnsureImage(t.Context(), d.set.Place, guest)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.DeleteImage(context.Background(), d.set.Place, guest.ID)) })
	providertest.ExerciseMachines(t, d, providertest.MachineOptions{
		Place:    d.set.Place,
		Machine:  provider.Machine{Driver: "fake-hardware", ResourceClass: "conformance", Arch: "x86_64", CPUs: 4, MemoryMiB: 8192, DiskGiB: 100},
		Image:    guest.ID,
		Steps:    []provider.MachineStep{{Interface: "bios", Step: "factory_reset"}},
		StepTime: 3 * time.Minute, Rescue: true,
	})
}
