package openstack

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// backupYard is a project of its own with one volume; nothing of it is left at the end.
type backupYard struct {
	last    *Driver
	project string
	volumes []string
	backups []string
	content func(volume string) (byte, bool)
	source  provider.Volume
}

func newBackupYard(t *testing.T) *backupYard {
	t.Helper()
	y := &backupYard{last: labDriver(t)}
	y.source = y.volume("", 1)
	y.project = "backup-" + y.source.ID[24:]
	y.source.Project = y.project
	t.Cleanup(func() { y.clear(t) })
	_, err := y.last.EnsureVolume(t.Context(), "", y.source)
	require.NoError(t, err)
	bytes := labContent(y.last, overNFS(t, y.last))
	if bytes != nil {
		bytes.Fill(t, y.source.ID, 0xe7)
	}
	y.content = func(volume string) (byte, bool) {
		if bytes == nil {
			return 0, false
		}
		return bytes.Value(t, volume), true
	}
	return y
}

func (y *backupYard) volume(backup string, sizeGiB int) provider.Volume {
	v := provider.Volume{ID: uuid.Must(uuid.NewV7()).String(), Name: "books", Project: y.project, SizeGiB: sizeGiB, Backup: backup}
	y.volumes = append(y.volumes, v.ID)
	return v
}

func (y *backupYard) backup() provider.Backup {
	x := provider.Backup{ID: uuid.Must(uuid.NewV7()).String(), Name: "nightly", Project: y.project, Volume: y.source.ID}
	y.backups = append(y.backups, x.ID)
	return x
}

func (y *backupYard) clear(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	for _, id := range y.volumes {
		require.NoError(t, y.last.DeleteVolume(ctx, "", id))
	}
	for _, id := range y.backups {
		require.NoError(t, y.last.DeleteBackup(ctx, "", id))
	}
	requireNothingLeft(t, y.last, y.project, y.source.ID)
	tenant, err := y.last.tenant(ctx, y.project)
	require.NoError(t, err)
	c, err := y.last.cloud.client(ctx, identity, "")
	require.NoError(t, err)
	require.NoError(t, projects.Delete(ctx, c, tenant).ExtractErr())
}

func (y *backupYard) requireContent(t *testing.T, volume string) {
	t.Helper()
	if value, known := y.content(volume); known {
		require.EqualValues(t, 0xe7, value)
	}
}

// requireSeen looks at the whole region, as drift does.
func (y *backupYard) requireSeen(t *testing.T, id, state string) {
	t.Helper()
	look, err := y.last.Discover(t.Context(), "")
	require.NoError(t, err)
	require.True(t, look.Read["backup"], look.Failed)
	i := slices.IndexFunc(look.Found, func(f provider.Found) bool { return f.Kind == "backup" && f.PlazaID == id })
	require.GreaterOrEqual(t, i, 0)
	require.Equal(t, provider.Facts{State: state, SizeGiB: 1}, look.Found[i].Facts)
}

// TestLabBackupCutOff ends calls in their middle, as the end of a plazad would: drivers with nothing in memory go on, and
// there is one backup and one volume of it in the end, with what was on the first.
func TestLabBackupCutOff(t *testing.T) {
	t.Parallel()
	y := newBackupYard(t)
	x := y.backup()
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureBackup(ctx, "", x); return err })
	all, err := y.last.backupsWith(t.Context(), x.ID)
	require.NoError(t, err)
	require.Len(t, all, 1)
	v := y.volume(x.ID, 2)
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureVolume(ctx, "", v); return err })
	made, err := y.last.everyVolumeOf(t.Context(), v.ID)
	require.NoError(t, err)
	require.Len(t, made, 1)
	require.Equal(t, "books", made[0].Name)
	require.Equal(t, map[string]string{idKey: v.ID, metaSole: "yes"}, made[0].Metadata)
	sources, err := y.last.everyVolumeOf(t.Context(), y.source.ID)
	require.NoError(t, err)
	require.Len(t, sources, 1, "what Cinder restores is not taken for its source")
	y.requireContent(t, v.ID)
}

// TestLabBackupServesOneVolumeAtATime asks for two at once, of a volume that is gone.
func TestLabBackupServesOneVolumeAtATime(t *testing.T) {
	t.Parallel()
	y := newBackupYard(t)
	x := y.backup()
	_, err := y.last.EnsureBackup(t.Context(), "", x)
	require.NoError(t, err)
	require.NoError(t, y.last.DeleteVolume(t.Context(), "", y.source.ID))
	wants := []provider.Volume{y.volume(x.ID, 1), y.volume(x.ID, 1)}
	errs := make([]error, len(wants))
	var both sync.WaitGroup
	for i := range wants {
		both.Go(func() { _, errs[i] = y.last.EnsureVolume(t.Context(), "", wants[i]) })
	}
	both.Wait()
	for i := range wants {
		require.NoError(t, errs[i])
		y.requireContent(t, wants[i].ID)
	}
}

// TestLabBackupThatIsSpoiltSaysSo lets Cinder call a backup an error, which an operator of the region can do.
func TestLabBackupThatIsSpoiltSaysSo(t *testing.T) {
	t.Parallel()
	y := newBackupYard(t)
	x := y.backup()
	_, err := y.last.EnsureBackup(t.Context(), "", x)
	require.NoError(t, err)
	all, err := y.last.backupsWith(t.Context(), x.ID)
	require.NoError(t, err)
	y.requireSeen(t, x.ID, "available")
	c, err := y.last.cloud.client(t.Context(), volume, "")
	require.NoError(t, err)
	require.NoError(t, backups.ResetStatus(t.Context(), c, all[0].ID, backups.ResetStatusOpts{Status: "error"}).ExtractErr())
	require.Eventually(t, func() bool {
		_, err := y.last.GetBackup(t.Context(), "", x.ID)
		return provider.ReasonOf(err) == provider.ReasonConflict
	}, 30*time.Second, time.Second, "it is there, and not to be relied on")
	y.requireSeen(t, x.ID, "error")
	_, err = y.last.EnsureVolume(t.Context(), "", y.volume(x.ID, 1))
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err))
}
