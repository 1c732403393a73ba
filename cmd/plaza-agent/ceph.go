//go:build ceph

package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/plazacloud/plaza/agents/agent"
	agentceph "github.com/plazacloud/plaza/agents/ceph"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/ceph"
)

// The role comes with librados, which a KVM host need not have: it is in builds with the tag ceph alone.
func init() { starters[ceph.Role] = startCeph }

func startCeph(_ context.Context, o runOptions, _ agent.Identity, log *slog.Logger) (service, error) {
	driver := agentceph.New(agentceph.Config{ConfFile: o.cephConf, User: o.cephUser, Pool: o.cephPool, FS: o.cephFS, Logger: log})
	report := func(ctx context.Context, session, cause string) any {
		r := provider.ClusterReport{Session: session, Cause: cause, StartedAt: time.Now().UTC()}
		state, err := driver.GetCluster(ctx, "")
		if r.State = state; err != nil {
			r.Error = err.Error()
		}
		return r
	}
	role := agent.Role{Name: ceph.Role, Methods: ceph.Methods(driver), Topic: ceph.TopicCluster, Report: report}
	return service{Role: role, close: func() error { driver.Close(); return nil }}, nil
}
