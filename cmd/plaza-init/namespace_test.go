package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netns"
)

// inNamespace runs a test in a network namespace that goes away with it.
func inNamespace(t *testing.T, test func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, err := netns.Get()
	require.NoError(t, err)
	defer before.Close()
	inside, err := netns.New()
	require.NoError(t, err)
	defer inside.Close()
	defer func() { require.NoError(t, netns.Set(before)) }()
	test()
}
