package libvirtd_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
)

func TestPrivateInstanceAnswersAndEnds(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a private libvirtd needs root")
	}
	dir, err := os.MkdirTemp("", "plv")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	in, err := libvirtd.Start(ctx, dir, t.Output())
	require.NoError(t, err)
	out, err := exec.Command("virsh", "-c", in.URI(), "list", "--all").CombinedOutput()
	require.NoError(t, err, string(out))
	in.Stop()
	<-in.Done()
	out, err = exec.Command("virsh", "-c", in.URI(), "list").CombinedOutput()
	require.Error(t, err, string(out))
}
