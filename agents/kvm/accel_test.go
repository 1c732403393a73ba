package kvm

import (
	"bytes"
	"context"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/agents/machine"
)

func TestProbeProgramRunsOnThisKernel(t *testing.T) {
	text := strings.Repeat("it runs ", 64) + "\n" // its length needs more than one byte
	program := probeInit(text)
	_, err := elf.NewFile(bytes.NewReader(program))
	require.NoError(t, err)
	if machine.Arch() != "x86_64" {
		t.Skip("the program is for x86_64")
	}
	path := filepath.Join(t.TempDir(), "init")
	require.NoError(t, os.WriteFile(path, program, 0o700))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond) // it never ends by itself
	defer cancel()
	out, err := exec.CommandContext(ctx, path).Output()
	require.Error(t, err)
	require.Equal(t, text, string(out))
}

func TestVerdictIsBootedOnceAndRemembered(t *testing.T) {
	libvirttest.Need(t)
	kernel := filepath.Join(t.TempDir(), "vmlinuz")
	guest := libvirttest.Guest(t)
	require.NoError(t, os.Symlink(guest.Kernel.URL[len("file://"):], kernel))
	a := accelerator{timeout: time.Minute, cache: t.TempDir()}
	require.Contains(t, a.known().Reason, "not probed")
	begin := time.Now()
	first, err := a.decide(t.Context(), kernel)
	require.NoError(t, err)
	t.Logf("%s after %s: %s", first.Accel, time.Since(begin), first.Reason)
	require.Contains(t, []string{accelKVM, accelTCG}, first.Accel)
	require.NotEmpty(t, first.Reason)
	again := accelerator{timeout: time.Nanosecond, cache: a.cache}
	require.Equal(t, first.Accel, again.known().Accel)
	second, err := again.decide(t.Context(), kernel)
	require.NoError(t, err)
	require.Equal(t, first.Reason, second.Reason)
}

func TestVerdictIsNotWaitedForLongerThanACall(t *testing.T) {
	kernel := filepath.Join(t.TempDir(), "vmlinuz")
	require.NoError(t, os.WriteFile(kernel, nil, 0o600))
	a := accelerator{cache: t.TempDir(), probing: make(chan struct{})} // it runs, and does not end
	hurried, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := a.decide(hurried, kernel)
	require.ErrorContains(t, err, "still being tried")
}

func TestWithoutKernelItIsTCG(t *testing.T) {
	a := accelerator{cache: t.TempDir()}
	for _, kernel := range []string{"", "/nowhere"} {
		v, err := a.decide(t.Context(), kernel)
		require.NoError(t, err)
		require.Equal(t, accelTCG, v.Accel)
	}
}

// TestProbeGuestIsSeen shows that the probe says yes where guests boot: with TCG every kernel does.
func TestProbeGuestIsSeen(t *testing.T) {
	libvirttest.Need(t)
	guest := libvirttest.Guest(t)
	initrd := filepath.Join(t.TempDir(), "probe.cpio")
	require.NoError(t, os.WriteFile(initrd, probeInitramfs(probeMarker), 0o600))
	kernel := guest.Kernel.URL[len("file://"):]
	require.NoError(t, bootProbe(t.Context(), kernel, initrd, "-accel", accelTCG, "-cpu", "max"))
}
