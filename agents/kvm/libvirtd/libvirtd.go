// Package libvirtd runs a private libvirtd: own configuration, sockets and state, beside any other one of the machine.
// A host that has a libvirtd of its own does not need it; a developer's machine, a container or a test does.
package libvirtd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ended gives a process that ended well a reason to be missed.
func ended(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}

// Instance is a running private libvirtd.
type Instance struct {
	dir  string
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Command prepares dir and returns the command of a libvirtd in the foreground; whoever starts it ends it. The first
// start probes QEMU and may take half a minute on a busy machine; later ones use the cache in dir.
// Reasons: Invalid when libvirtd is not installed.
func Command(ctx context.Context, dir string) (*exec.Cmd, error) {
	bin, err := exec.LookPath("libvirtd")
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInvalid, "install libvirt-daemon and qemu-system-x86", "libvirtd is not installed: %w", err)
	}
	if dir, err = filepath.Abs(dir); err == nil {
		err = prepare(dir)
	}
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInternal, "", "prepare libvirtd folder: %w", err)
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", script, "libvirtd", dir, bin) //nolint:gosec // dir is an argument, not code
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Setpgid: true}
	return cmd, nil
}

// script runs in a mount namespace of its own. MS_PRIVATE keeps its mounts out of the host's; network namespaces and
// sockets below dir stay shared, so guests plug into the host's bridges.
const script = `set -e
for pair in /etc/libvirt:etc /run/libvirt:run /var/lib/libvirt:lib /var/cache/libvirt:cache /var/log/libvirt:log; do
	mkdir -p "${pair%%:*}"
	mount --bind "$1/${pair##*:}" "${pair%%:*}"
done
exec "$2" -f /etc/libvirt/libvirtd.conf --pid-file "$1/libvirtd.pid"`

func prepare(dir string) error {
	for _, d := range []string{"etc/qemu/networks", "etc/storage", "etc/nwfilter", "etc/secrets", "run", "lib/qemu", "cache", "log/qemu"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o711); err != nil { //nolint:gosec // QEMU may run as another user
			return err
		}
	}
	id, err := hostID(filepath.Join(dir, "uuid"))
	if err != nil {
		return err
	}
	conf := fmt.Sprintf(libvirtdConf, id)
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "etc/libvirtd.conf"), []byte(conf), 0o600),
		os.WriteFile(filepath.Join(dir, "etc/qemu.conf"), []byte(qemuConf), 0o600),
	)
}

// hostID is the instance's own: two libvirtd of one UUID refuse to migrate to each other.
func hostID(path string) (string, error) {
	if b, err := os.ReadFile(path); err == nil {
		if id, err := uuid.ParseBytes(bytes.TrimSpace(b)); err == nil {
			return id.String(), nil
		}
	}
	id := uuid.NewString()
	return id, os.WriteFile(path, []byte(id+"\n"), 0o600)
}

const libvirtdConf = `unix_sock_group = "root"
unix_sock_rw_perms = "0700"
auth_unix_ro = "none"
auth_unix_rw = "none"
listen_tls = 0
listen_tcp = 0
host_uuid = "%s"
log_outputs = "3:stderr"
`

// Without a systemd as PID 1 there is no machined to place guests in cgroups, and no virtlogd; as root, QEMU finds
// what probing found, so the capability cache holds.
const qemuConf = `user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
stdio_handler = "file"
namespaces = [ ]
cgroup_controllers = [ ]
max_core = 0
dump_guest_core = 0
`

// URI is how a client reaches the libvirtd of dir, running or not.
func URI(dir string) string { return "qemu+unix:///system?socket=" + socket(dir) }

func socket(dir string) string { return filepath.Join(dir, "run", "libvirt-sock") }

// Start runs a private libvirtd in dir and waits until it answers. It ends with ctx or Stop; guests go on.
// The path of dir must be short: a socket's path has at most 107 bytes.
func Start(ctx context.Context, dir string, log io.Writer) (*Instance, error) {
	cmd, err := Command(ctx, dir)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, provider.Errorf(provider.ReasonInternal, "a private libvirtd needs root", "start libvirtd: %w", err)
	}
	in := &Instance{dir: dir, cmd: cmd, done: make(chan struct{})}
	go func() { in.err = cmd.Wait(); close(in.done) }()
	if err := in.await(ctx); err != nil {
		in.Stop()
		return nil, err
	}
	return in, nil
}

func (in *Instance) await(ctx context.Context) error {
	for {
		if c, err := net.Dial("unix", socket(in.dir)); err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return provider.Errorf(provider.ReasonTimeout, "the first start probes QEMU: allow a minute", "libvirtd did not open its socket: %w", ctx.Err())
		case <-in.done:
			return provider.Errorf(provider.ReasonUnavailable, "see its log; the Debian package libvirt-daemon-system makes the user it asks for", "libvirtd ended at once: %w", ended(in.err))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// URI is how a client reaches the instance.
func (in *Instance) URI() string { return URI(in.dir) }

// Pid is the process id of libvirtd.
func (in *Instance) Pid() int { return in.cmd.Process.Pid }

// Done is closed when libvirtd has ended.
func (in *Instance) Done() <-chan struct{} { return in.done }

// Stop ends libvirtd and waits for it; guests go on.
func (in *Instance) Stop() {
	_ = in.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-in.done:
	case <-time.After(10 * time.Second):
		_ = in.cmd.Process.Kill()
		<-in.done
	}
}
