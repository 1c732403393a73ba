//go:build ceph

package ceph_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/agents/ceph"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/ceph/cephtest"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newDriver(t *testing.T, cfg ceph.Config) *ceph.Driver {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	d := ceph.New(cfg)
	t.Cleanup(d.Close)
	return d
}

func TestConformance(t *testing.T) {
	d := newDriver(t, ceph.Config{ConfFile: cephtest.Conf(t), User: cephtest.User()})
	providertest.ExerciseStorage(t, providertest.Storage{Block: d, Files: d, Cluster: d}, cephtest.Options("cluster-1"))
}

// A cluster without monitors is told as such, soon, and again without waiting.
func TestNoMonitors(t *testing.T) {
	conf := t.TempDir() + "/ceph.conf"
	require.NoError(t, writeConf(conf, "127.0.0.1:9"))
	d := newDriver(t, ceph.Config{ConfFile: conf})
	began := time.Now()
	for range 3 {
		_, err := d.GetCluster(t.Context(), "cluster-1")
		require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
	}
	require.Less(t, time.Since(began), 30*time.Second)
	_, err := newDriver(t, ceph.Config{ConfFile: conf + ".not"}).GetCluster(t.Context(), "cluster-1")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
}
