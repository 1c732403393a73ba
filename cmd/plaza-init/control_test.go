package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const hostPostgres = "/usr/lib/postgresql/15/bin/"

// asPostgres runs a PostgreSQL program, none of which wants to be root.
func asPostgres(t *testing.T, program string, args ...string) string {
	t.Helper()
	command := exec.Command(hostPostgres+program, args...)
	command.Env = []string{"PATH=" + searchPath, "LC_ALL=C", "TZ=UTC"}
	if os.Geteuid() == 0 {
		uid, gid, err := ownerIDs(postgresUser)
		require.NoError(t, err)
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	}
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// clusterDir is a place that user postgres may reach, as t.TempDir is not.
func clusterDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("", "plaza-init-cluster")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(parent)) })
	if os.Geteuid() == 0 {
		uid, gid, err := ownerIDs(postgresUser)
		require.NoError(t, err)
		require.NoError(t, os.Chown(parent, int(uid), int(gid)))
	}
	return filepath.Join(parent, "main")
}

func TestSealedClustersAreEqualUntilIdentified(t *testing.T) {
	made := time.Unix(1686355200, 0)
	var controls [2][]byte
	var dirs [2]string
	for i := range controls {
		dirs[i] = clusterDir(t)
		asPostgres(t, "initdb", "-D", dirs[i], "-U", "postgres", "--no-sync", "--locale=C", "--encoding=UTF8")
		require.NoError(t, sealCluster(dirs[i], made))
		control, err := os.ReadFile(filepath.Join(dirs[i], "global", "pg_control"))
		require.NoError(t, err)
		controls[i] = control
		require.Contains(t, asPostgres(t, "pg_controldata", dirs[i]), "Time of latest checkpoint:            Sat Jun 10 00:00:00 2023")
	}
	require.Equal(t, controls[0], controls[1])

	id, err := newIdentity(time.Unix(1800000000, 123456000), 42)
	require.NoError(t, err)
	require.NoError(t, rewriteControl(dirs[0], id))
	asPostgres(t, "pg_resetwal", "-f", "-D", dirs[0])
	report := asPostgres(t, "pg_controldata", dirs[0])
	require.NotContains(t, report, "WARNING")
	require.Contains(t, report, "7730941133305675818") // 1800000000<<32 | 123456<<12 | 42
}

func TestControlOfAnotherVersionIsRefused(t *testing.T) {
	_, err := withIdentity(make([]byte, 8192), identity{})
	require.ErrorContains(t, err, "not of PostgreSQL 15")
	control := make([]byte, 8192)
	control[8], control[9] = 0x14, 0x05 // 1300
	control[300] = 1
	_, err = withIdentity(control, identity{})
	require.ErrorContains(t, err, "no valid CRC")
}
