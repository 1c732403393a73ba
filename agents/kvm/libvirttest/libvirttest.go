// Package libvirttest gives tests a private libvirtd and a guest that boots in seconds without KVM.
package libvirttest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/plazacloud/plaza/agents/kvm/initramfs"
	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
	"github.com/plazacloud/plaza/pkg/provider"
)

// Need skips the test in short runs and without root, and fails it where a program is missing.
func Need(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("libvirt tests are slow")
	}
	if os.Geteuid() != 0 {
		t.Skip("a private libvirtd needs root")
	}
	for _, bin := range []string{"libvirtd", "qemu-system-x86_64", "qemu-img", "dnsmasq", "nft"} {
		if _, err := exec.LookPath(bin); err != nil {
			t.Fatalf("%s is not installed; deploy/local/packages.txt lists what is needed", bin)
		}
	}
}

// Dir is a short folder that other users may enter: sockets have short paths, and dnsmasq has a user of its own.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "plz")
	if err == nil {
		err = os.Chmod(dir, 0o755) //nolint:gosec // see above
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// Start runs a private libvirtd until the test ends.
func Start(t testing.TB, dir string) *libvirtd.Instance {
	t.Helper()
	log, err := os.CreateTemp(dir, "libvirtd-*.log")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(2*time.Minute, cancel)
	in, err := libvirtd.Start(ctx, dir, log)
	if !timer.Stop() || err != nil {
		cancel()
		t.Fatalf("private libvirtd: %v", err)
	}
	t.Cleanup(func() { in.Stop(); cancel() })
	return in
}

// Marks that the guest prints on its console.
const (
	ReadyMark = "PLAZA-GUEST-READY"
	PowerMark = "PLAZA-GUEST-POWER-BUTTON"
	LoginMark = " login: "          // on the serial line, once it is ready
	DisksMark = "PLAZA-GUEST-DISKS" // when they change
	ProbeMark = "PLAZA-GUEST-PROBE" // each second, with what probe= of the kernel's command line answers by HTTP
)

// guestModules in the order they are inserted: virtio's PCI transport, disk, card, power button.
var guestModules = []string{
	"virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci",
	"failover", "net_failover", "virtio_net", "virtio_blk", "button", "evdev",
}

// cmdline leaves out what an emulated guest waits for; without no_timer_check the kernel of one that gets little CPU panics.
const cmdline = "console=ttyS0 quiet panic=-1 no_timer_check mitigations=off cryptomgr.notests i8042.noaux i8042.nokbd"

const guestInit = `#!/bin/sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for m in $(cat /modules/order); do insmod /modules/$m.ko; done
for e in /dev/input/event*; do
	(dd if=$e bs=24 count=1 >/dev/null 2>&1 && echo ` + PowerMark + ` >/dev/console && poweroff -f) &
done
ip link set lo up
if ip link set eth0 up 2>/dev/null; then udhcpc -q -n -t 20 -T 1 -i eth0 -s /bin/lease >/dev/null 2>&1; fi
echo "hello from $(hostname)" > /www/index.html
httpd -p 80 -h /www
echo "` + ReadyMark + ` disks=$(ls /sys/block | tr '\n' ',') address=$(ip -4 -o addr show dev eth0 2>/dev/null | awk '{print $4}')"
(while true; do setsid getty -L 0 ttyS0 vt100; sleep 1; done) &
[ -z "$busy" ] || (while true; do :; done) &
seen=$(ls /sys/block | tr '\n' ',')
while true; do
	disks=$(ls /sys/block | tr '\n' ',')
	[ "$disks" = "$seen" ] || { seen=$disks; echo "` + DisksMark + ` $disks"; }
	[ -z "$probe" ] || echo "` + ProbeMark + ` $(printf 'GET / HTTP/1.0\r\n\r\n' | timeout 4 nc -w 2 $probe 80 2>/dev/null | grep hello || echo unreachable)"
	sleep 1
done
`

const guestLease = `#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ifconfig $interface $ip netmask $subnet
[ -n "$router" ] && route add default gw $router
[ -n "$hostname" ] && hostname $hostname
[ -n "$dns" ] && echo "nameserver $dns" > /etc/resolv.conf
`

// Guest returns an image of a Debian cloud kernel with a busybox userland: it takes an address by DHCP, serves HTTP on
// port 80, heeds the power button and prints ReadyMark; with busy=yes on its command line it takes all the CPU it gets. The kernel package is downloaded once into the user's cache.
func Guest(t testing.TB) provider.Image {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	root := filepath.Join(cache, "plaza-test-kernel")
	if err := ensureKernel(root); err != nil {
		t.Fatalf("no test kernel: %v", err)
	}
	img, err := buildGuest(root, Dir(t))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// ensureKernel unpacks Debian's cloud kernel; a second process waits by losing the rename.
func ensureKernel(root string) error {
	if _, err := os.Stat(root); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil { //nolint:gosec // a cache
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(root), "plaza-kernel")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	const script = `set -e; cd "$1"
p=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: *//p' | head -1); test -n "$p"
apt-get download -qq "$p"; mkdir root; dpkg-deb -x ./*.deb root`
	if out, err := exec.Command("sh", "-c", script, "sh", tmp).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if err := os.Rename(filepath.Join(tmp, "root"), root); err != nil {
		if _, serr := os.Stat(root); serr != nil {
			return err
		}
	}
	return nil
}

func buildGuest(root, dir string) (provider.Image, error) {
	kernels, err := filepath.Glob(filepath.Join(root, "boot", "vmlinuz-*"))
	if err != nil || len(kernels) == 0 {
		return provider.Image{}, fmt.Errorf("no kernel in %s", root)
	}
	initrd, err := userland(root)
	if err != nil {
		return provider.Image{}, err
	}
	initrdPath, diskPath := filepath.Join(dir, "initrd"), filepath.Join(dir, "disk.qcow2")
	if err := os.WriteFile(initrdPath, initrd, 0o644); err != nil { //nolint:gosec // read by QEMU
		return provider.Image{}, err
	}
	if out, err := exec.Command("qemu-img", "create", "-q", "-f", "qcow2", diskPath, "64M").CombinedOutput(); err != nil {
		return provider.Image{}, fmt.Errorf("%w: %s", err, out)
	}
	img := provider.Image{ID: uuid.Must(uuid.NewV7()).String(), Name: "busybox", Format: "qcow2", Cmdline: cmdline}
	disk, err1 := fileOf(diskPath)
	kernel, err2 := fileOf(kernels[len(kernels)-1])
	ram, err3 := fileOf(initrdPath)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return img, err
		}
	}
	img.Disk, img.Kernel, img.Initrd = disk, &kernel, &ram
	return img, nil
}

func userland(root string) ([]byte, error) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return nil, err
	}
	entries := initramfs.Console()
	for _, d := range []string{"bin", "etc", "proc", "sys", "modules", "www", "www/cgi-bin"} {
		entries = append(entries, initramfs.Entry{Name: d, Mode: fs.ModeDir | 0o755})
	}
	program, err := os.ReadFile(busybox)
	if err != nil {
		return nil, err
	}
	entries = append(entries,
		initramfs.Entry{Name: "bin/busybox", Mode: 0o755, Data: program},
		initramfs.Entry{Name: "bin/sh", Mode: fs.ModeSymlink | 0o777, Data: []byte("busybox")},
		initramfs.Entry{Name: "bin/lease", Mode: 0o755, Data: []byte(guestLease)},
		initramfs.Entry{Name: "init", Mode: 0o755, Data: []byte(guestInit)},
		initramfs.Entry{Name: "modules/order", Mode: 0o644, Data: []byte(strings.Join(guestModules, "\n"))})
	entries = append(entries, gauges()...)
	found := map[string]string{}
	err = filepath.WalkDir(filepath.Join(root, "lib", "modules"), func(path string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".ko"); ok {
			found[name] = path
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, m := range guestModules {
		data, err := os.ReadFile(found[m])
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", m, err)
		}
		entries = append(entries, initramfs.Entry{Name: "modules/" + m + ".ko", Mode: 0o644, Data: data})
	}
	return initramfs.Build(entries), nil
}

func fileOf(path string) (provider.File, error) {
	data, err := os.ReadFile(path)
	sum := sha256.Sum256(data)
	return provider.File{URL: "file://" + path, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(data))}, err
}
