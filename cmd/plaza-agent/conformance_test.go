package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

// The whole way the control plane goes: driver, bus, agent, libvirt, QEMU.
func TestDriverOverTheBusConforms(t *testing.T) {
	s := newSite(t)
	code, out := command(t, "enrol", "--server", s.server.URL, "--token", token, "--dir", s.agentDir())
	require.Equal(t, exitOK, code, out)
	events := make(chan provider.Event, 1000)
	require.NoError(t, s.plane.Subscribe(t.Context(), func(e provider.Event) { events <- e }))
	s.run(t)
	providertest.Exercise(t, s.plane, providertest.Options{
		Host: hostID, Image: libvirttest.Guest(t), Ready: libvirttest.ReadyMark, Prompt: libvirttest.LoginMark, Probe: libvirttest.ProbeMark, Snapshots: true, Events: events, Floating: "198.51.100.78",
	})
}
