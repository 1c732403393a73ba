package kvm_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

var _ providertest.RootContent = content{}

func (c content) rootPath(server string) string {
	return filepath.Join(c.cfg.PoolDir, "servers", server, "disk0.qcow2")
}

func (c content) FillRoot(t *testing.T, server string) {
	t.Helper()
	run(t, "qemu-io", "-f", "qcow2", "-c", "write -P 0x5a 0 4k", c.rootPath(server))
}

func (c content) FilledRoot(t *testing.T, server string) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "qemu-io", "-r", "-f", "qcow2", "-c", "read -P 0x5a 0 4k", c.rootPath(server)).CombinedOutput()
	require.Contains(t, string(out), "read 4096/4096 bytes", "%v", err)
	return err == nil
}
