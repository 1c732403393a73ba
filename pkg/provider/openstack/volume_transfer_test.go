package openstack

import (
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func TestEncryptedVolumeIsHandedOverByNewerCinderAlone(t *testing.T) {
	plain, secret := volumes.Volume{Name: "books", Status: "available"}, volumes.Volume{Name: "books", Status: "available", Encrypted: true}
	for microversion, wants := range map[string]bool{"": false, "3.59": false, "3.69": false, "3.70": true, "3.71": true} {
		require.NoError(t, transferable(plain, microversion))
		err := transferable(secret, microversion)
		require.Equal(t, wants, err == nil, microversion)
		if err != nil {
			require.Equal(t, provider.ReasonUnsupported, provider.ReasonOf(err))
			require.ErrorContains(t, err, "does not hand its key")
		}
	}
	used := plain
	used.Attachments = []volumes.Attachment{{ServerID: "s"}}
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(transferable(used, "3.70")))
}

func TestTransfersAreOfTheNewerKindWhereThereIsOne(t *testing.T) {
	for microversion, want := range map[string]string{"3.54": "http://c/os-volume-transfer/x/accept", "3.55": "http://c/volume-transfers/x/accept"} {
		c := &gophercloud.ServiceClient{Endpoint: "http://c/", Microversion: microversion, ProviderClient: &gophercloud.ProviderClient{}}
		require.Equal(t, want, transfersURL(c, "x", "accept"))
	}
}

// What Nova copies to the snapshots that others take of a restored server must be taken for no backup.
func TestBackupOfAServerIsKnownByNameAndLabels(t *testing.T) {
	d := &Driver{set: Settings{Place: "region"}}
	x := images.Image{ID: "x", Name: ownBackupName(idA), MinDiskGigabytes: 4, Properties: map[string]any{propID: idA, propPart: partBackup, propServer: idB, propConsistency: "apart"}}
	require.Equal(t, provider.BackupState{ID: idA, Host: "region", Server: idB, SizeGiB: 4, CreatedAt: x.CreatedAt.UTC(), Consistency: provider.Apart}, d.ownBackupState(x))
	for reason, want := range map[provider.Reason]bool{provider.ReasonTimeout: true, provider.ReasonUnavailable: true, provider.ReasonNoSpace: false, provider.ReasonInternal: false} {
		require.Equal(t, want, passing(provider.Errorf(reason, "", "x")), reason)
	}
}
