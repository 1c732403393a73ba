//go:build ceph

package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/ceph"
	"github.com/plazacloud/plaza/pkg/provider/ceph/cephtest"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

// The whole way the control plane goes: driver, bus, agent, librados; and the gateway. No libvirt is there.
func TestStorageOverTheBusConforms(t *testing.T) {
	conf := cephtest.Conf(t)
	endpoint, access, secret := cephtest.Gateway(t)
	s := newBus(t, t.TempDir())
	code, out := command(t, "enrol", "--server", s.server.URL, "--token", token, "--dir", s.agentDir(), "--roles", "ceph")
	require.Equal(t, exitOK, code, out)
	d, err := ceph.New(s.nc)
	require.NoError(t, err)
	d.Connect("cluster-1", provider.StorageSettings{Hosts: []string{hostID}, Endpoint: endpoint, AccessKey: access, SecretKey: secret})
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	reports, beats := make(chan provider.ClusterReport, 1000), make(chan kvm.Heartbeat, 1000)
	require.NoError(t, d.Reports(t.Context(), func(r provider.ClusterReport) { reports <- r }))
	require.NoError(t, s.plane.Heartbeats(t.Context(), func(h kvm.Heartbeat) { beats <- h }))
	s.start(t, runOptions{dir: s.agentDir(), roles: []string{"ceph"}, cephConf: conf, cephUser: cephtest.User(), logLevel: "error"})
	report, _ := next(t, reports, 20*time.Second, func(r provider.ClusterReport) bool { return r.Error == "" })
	require.NotEmpty(t, report.State.FSID)
	beat, _ := next(t, beats, 20*time.Second, func(h kvm.Heartbeat) bool { return h.State != nil })
	require.Positive(t, beat.State.MemoryMiB)
	code, out = command(t, "status", "--dir", s.agentDir())
	require.Equal(t, exitOK, code, out)
	require.Contains(t, out, "ceph")
	require.NotContains(t, out, "libvirt")
	providertest.ExerciseStorage(t, providertest.Storage{Block: d, Files: d, Cluster: d, Objects: d}, cephtest.Options("cluster-1"))
}
