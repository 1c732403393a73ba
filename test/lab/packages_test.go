package lab

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dpkg marks configuration files with a c; what else differs from its package is somebody's change.
var configuration = regexp.MustCompile(`^\S+\s+c /`)

// TestBackendsAreUnmodified compares every installed file of OpenStack, Ceph, libvirt and QEMU with its package.
func TestBackendsAreUnmodified(t *testing.T) {
	t.Parallel()
	l := needLab(t)
	for _, node := range append(strings.Fields(l.env["LAB_CONTROL"]), strings.Fields(l.env["LAB_COMPUTES"])...) {
		list := l.shell(t, node, `dpkg-query -W -f '${Package} ${Source} ${db:Status-Status}\n' | awk '$NF == "installed" {print $1}' | `+
			`grep -E '^(python3-)?(nova|neutron|cinder|glance|keystone|placement|ironic|oslo)|^ceph|^radosgw|^librados|^librbd|^libcephfs|^libvirt|^qemu' | sort`)
		packages := strings.Fields(list)
		require.NotEmpty(t, packages)
		out, _ := l.try(node, "dpkg -V "+strings.Join(packages, " ")) // dpkg -V fails where anything differs, configuration included
		var changed []string
		for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
			if line != "" && !configuration.MatchString(line) {
				changed = append(changed, line)
			}
		}
		require.Empty(t, changed, node)
		t.Logf("%s: %d packages are as they came, but for configuration", node, len(packages))
	}
}
