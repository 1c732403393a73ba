package openstack

import (
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"
	blockservices "github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/services"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// While Cinder restores, a volume has the labels of the one that the backup is of: it must be taken for neither its twin,
// which would be deleted, nor be lost.
func TestRestoredVolumeIsItselfByItsName(t *testing.T) {
	now := time.Now()
	source := volumes.Volume{ID: "source", Name: "books", CreatedAt: now, Metadata: map[string]string{idKey: idA, metaSole: "yes"}}
	waiting := volumes.Volume{ID: "copy", Name: restoreName(idB), CreatedAt: now.Add(time.Hour), Metadata: map[string]string{idKey: idB, metaRestore: "backup"}}
	written := waiting
	written.Metadata = source.Metadata
	for name, v := range map[string]volumes.Volume{"waiting": waiting, "written": written} {
		require.Equal(t, idB, plazaVolume(v), name)
		all := []volumes.Volume{v, source}
		require.Equal(t, []volumes.Volume{source}, ranked([]volumes.Volume{v, source}, idA), name)
		require.Equal(t, []volumes.Volume{v}, ranked(all, idB), name)
	}
	require.Equal(t, idA, plazaVolume(source))
	foreign := volumes.Volume{Name: restoreName(idB)}
	require.Empty(t, plazaVolume(foreign), "a name alone makes no volume Plaza's")
	require.Equal(t, idA, plazaVolume(volumes.Volume{Name: "plaza-restore-" + idB, Metadata: source.Metadata}), "a name that Plaza's volumes may have")
}

func TestRegionWithoutABackupServiceIsRefused(t *testing.T) {
	require.NoError(t, serving([]blockservices.Service{{Host: "a", Status: "enabled", State: "down"}, {Host: "b", Status: "enabled", State: "up"}}))
	err := serving(nil)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
	require.ErrorContains(t, err, "no backup service")
	err = serving([]blockservices.Service{{Host: "a", Status: "disabled", State: "up"}, {Host: "b", Status: "enabled", State: "down"}})
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "it is tried again")
	require.ErrorContains(t, err, "a is disabled and up, b is enabled and down")
	d := &Driver{}
	for _, old := range []string{"", "3.42"} {
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(d.keepsBackups(t.Context(), old)), old)
	}
}

func TestBackupSaysWhatCinderSays(t *testing.T) {
	for reason, want := range map[string]provider.Reason{"": provider.ReasonInternal, "No space left on device": provider.ReasonNoSpace, "Cannot connect to Ceph": provider.ReasonInternal} {
		err := backupFailure("take backup nightly", reason)
		require.Equal(t, want, provider.ReasonOf(err), reason)
		require.ErrorContains(t, err, "take backup nightly: "+reason)
	}
	for status, want := range map[string]bool{"available": true, "restoring": true, "creating": false, "error": false, "deleting": false} {
		require.Equal(t, want, finished(backups.Backup{Status: status}), status)
	}
	d := &Driver{set: Settings{Place: "region"}}
	labels := map[string]string{idKey: idA, metaVolume: idB}
	at := time.Now().UTC()
	require.Equal(t, provider.BackupState{ID: idA, Host: "region", Volume: idB, SizeGiB: 3, CreatedAt: at}, d.backupState(backups.Backup{ID: "x", Size: 3, Metadata: &labels, CreatedAt: at}))
	require.Equal(t, "x", d.ids.backendOf("backup", idA))
	require.Nil(t, labelsOf(backups.Backup{}))
}
