package kvm_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm"
	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/provider"
)

const crashEnv = "PLAZA_TEST_CRASH"

type crashPlan struct {
	Config kvm.Config
	Server provider.Server
	Backup *provider.Backup // instead of the server
	Whole  *provider.ServerBackup
}

// TestCrashHelper is no test: it is the process that is killed in the middle of its work.
func TestCrashHelper(t *testing.T) {
	plan := os.Getenv(crashEnv)
	if plan == "" {
		t.Skip("started by TestKilledInTheMiddle")
	}
	var p crashPlan
	require.NoError(t, json.Unmarshal([]byte(plan), &p))
	d, err := kvm.New(t.Context(), p.Config)
	require.NoError(t, err)
	_, _ = os.Stdout.WriteString("\nnow\n")
	switch {
	case p.Backup != nil:
		_, err = d.EnsureBackup(t.Context(), host, *p.Backup)
	case p.Whole != nil:
		_, err = d.BackupServer(t.Context(), host, *p.Whole)
	default:
		_, err = d.EnsureServer(t.Context(), host, p.Server)
	}
	require.NoError(t, err)
	select {} // until killed
}

func TestKilledInTheMiddle(t *testing.T) {
	b := newBench(t)
	img, n := b.image(t), b.network(t)
	warm := serverOf(img)
	b.ensure(t, warm) // so that the KVM verdict and QEMU's capabilities are known, and the moments below hit
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, warm.ID))
	moments := []int{0, 5, 20, 40, 70, 110, 160, 230, 350, 600}
	for i, ms := range moments {
		after := time.Duration(ms) * time.Millisecond
		s := serverOf(img)
		s.Interfaces = []provider.Interface{{Network: n.ID, MAC: "52:54:00:77:01:0a", Address: "10.77.0.20"}}
		if i%3 == 2 {
			s.Power = provider.PowerStopped
		}
		b.crash(t, s, after)
		before := b.footprint(t, s.ID)
		st, err := b.driver.EnsureServer(t.Context(), host, s)
		require.NoError(t, err)
		require.Equal(t, s.Power, st.Power)
		require.Equal(t, "define,disk0.qcow2,seed.iso,server.json", b.footprint(t, s.ID))
		t.Logf("killed after %s: found %q", after, before)
		require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
		require.Empty(t, b.footprint(t, s.ID))

		b.crash(t, s, after)
		// libvirtd may still work on the last call of the dead process: a delete that came before it is repeated.
		require.Eventually(t, func() bool {
			return b.driver.DeleteServer(context.Background(), host, s.ID) == nil && b.footprint(t, s.ID) == ""
		}, 5*time.Second, 200*time.Millisecond)
		require.NotContains(t, nftTables(t), tenantnet.TapName(s.ID, s.Interfaces[0].MAC))
	}
}

func (b *bench) crash(t *testing.T, s provider.Server, after time.Duration) {
	t.Helper()
	b.kill(t, crashPlan{Server: s}, after)
}

func (b *bench) kill(t *testing.T, p crashPlan, after time.Duration) {
	t.Helper()
	p.Config = b.cfg
	p.Config.Logger = nil
	plan, err := json.Marshal(p)
	require.NoError(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashHelper$")
	cmd.Env = append(os.Environ(), crashEnv+"="+string(plan))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	for scan := bufio.NewScanner(out); scan.Scan(); {
		if scan.Text() == "now" {
			break
		}
	}
	time.Sleep(after)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
}

// footprint names what there is of a server: its definitions and its lasting files.
func (b *bench) footprint(t *testing.T, id string) string {
	t.Helper()
	var found []string
	for range strings.Count(b.virsh(t, "list", "--all", "--uuid"), id) {
		found = append(found, "define")
	}
	files, err := os.ReadDir(filepath.Join(b.cfg.PoolDir, "servers", id))
	if err != nil {
		require.ErrorIs(t, err, os.ErrNotExist)
	}
	for _, f := range files {
		if f.Name() != "console.log" && f.Name() != "power.json" {
			found = append(found, f.Name())
		}
	}
	return strings.Join(found, ",")
}
