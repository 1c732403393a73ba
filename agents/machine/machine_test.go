package machine

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStateIsTheMachines(t *testing.T) {
	s := State()
	out, err := exec.Command("uname", "-rm").Output()
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(out)), s.Kernel+" "+s.Arch)
	require.Positive(t, s.CPUs)
	require.Positive(t, s.MemoryFreeMiB)
	require.Less(t, s.MemoryFreeMiB, s.MemoryMiB)
	require.WithinDuration(t, time.Now(), s.ObservedAt, time.Second)
	require.True(t, s.BootedAt.After(time.Unix(0, 0)) && s.BootedAt.Before(time.Now()))
}
