//go:build image

package images_test

import (
	"testing"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/stretchr/testify/require"
)

// withData adds a disk of its own, which outlives the machine.
func (m *machine) withData(disk string) *machine {
	m.seed = append(m.seed, "-drive", "file="+disk+",if=virtio,format=qcow2,discard=unmap")
	return m
}

func dataNode(instance string) cloudinit.Seed {
	seed := databaseNode(instance)
	seed.UserData.Plaza.Volumes = []cloudinit.DataVolume{{Label: "data", Path: "/var/lib/postgresql"}}
	return seed
}

// A database keeps its data on a volume that outlives the guest: another guest, made anew, finds them there, also when the
// volume has grown, and when the first was cut off while it filled it.
func TestApplianceKeepsItsDatabaseOnAVolume(t *testing.T) {
	first := newMachine(t, "plaza-appliance", dataNode("i-1"))
	disk := first.path("data.qcow2")
	first.run("qemu-img", "create", "-q", "-f", "qcow2", disk, "1G")
	first.withData(disk).start(5432)
	first.await("plaza-init: volume data is new", bootBound)
	first.cut()
	first.start(5432)
	wall := first.await("plaza-init: READY", bootBound)
	t.Logf("first boot: volume mounted %.2f s, READY %.2f s guest time, %.2f s host time", first.stage("volume data on /var/lib/postgresql"), first.stage("READY"), wall)
	database := connect(t, first.address(0))
	_, err := database.Exec("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
	require.NoError(t, err)
	first.cut()
	require.NoError(t, database.Close())

	first.run("qemu-img", "resize", "-q", disk, "2G")
	second := newMachine(t, "plaza-appliance", dataNode("i-2")).withData(disk)
	second.start(5432)
	second.await("plaza-init: READY", bootBound)
	require.NotContains(t, second.console(), "volume data is new")
	database = connect(t, second.address(0))
	require.Equal(t, 1000, count(t, database, "SELECT count(*) FROM kept"))
	require.Equal(t, 1, count(t, database, "SELECT count(*) FROM seeded"), "the seed's statements are not repeated")
	require.NoError(t, database.Close())
	second.pressPower(bootBound)
	require.Contains(t, second.console(), "plaza-init: stopped")
	require.NotContains(t, second.console(), "read-only:")
}

// Nothing starts on what is not the volume's: neither on the root disk, nor on a disk of others.
func TestApplianceWaitsForItsVolume(t *testing.T) {
	m := newMachine(t, "plaza-appliance", dataNode("i-1"))
	disk := m.path("other.qcow2")
	m.run("qemu-img", "create", "-q", "-f", "qcow2", disk, "64M")
	m.run("qemu-io", "-c", "write -P 1 0 64k", disk)
	m.withData(disk).start(5432)
	m.await("no disk is labelled data, and none is blank", 2*bootBound)
	require.NotContains(t, m.console(), "service postgresql")
}
