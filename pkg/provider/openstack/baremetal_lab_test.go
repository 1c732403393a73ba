package openstack

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	providertest.ExerciseMachines(t, d, providertest.MachineOptions{
		Place:    d.set.Place,
		Machine:  provider.Machine{Driver: "fake-hardware", ResourceClass: "conformance", Arch: "x86_64", CPUs: 4, MemoryMiB: 8192, DiskGiB: 100},
		Image:    provider.File{URL: "file:///var/lib/ironic/images/none.img", SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		Steps:    []provider.MachineStep{{Interface: "bios", Step: "factory_reset"}},
		StepTime: 3 * time.Minute, Rescue: true,
	})
}
