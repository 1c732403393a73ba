package tenantnet

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

const namespaceDir = "/run/netns"

func namespacePath(name string) string { return filepath.Join(namespaceDir, name) }

// namespaceMounted tells a live namespace from the empty file a kill between create and mount leaves.
func namespaceMounted(name string) bool {
	var st unix.Statfs_t
	return unix.Statfs(namespacePath(name), &st) == nil && st.Type == unix.NSFS_MAGIC
}

func ensureNamespace(name string) error {
	if namespaceMounted(name) {
		return nil
	}
	if err := os.Remove(namespacePath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return provider.Errorf(provider.ReasonInternal, "", "remove stale namespace file: %w", err)
	}
	failed := make(chan error, 1)
	go func() {
		// The thread has left the root namespace: it is never unlocked, so the runtime ends it with the goroutine.
		runtime.LockOSThread()
		h, err := netns.NewNamed(name)
		if err == nil {
			err = h.Close()
		}
		failed <- err
	}()
	if err := <-failed; err != nil {
		return provider.Errorf(provider.ReasonInternal, "the agent needs CAP_SYS_ADMIN and CAP_NET_ADMIN", "create namespace %s: %w", name, err)
	}
	return nil
}

func deleteNamespace(name string) error {
	err := unix.Unmount(namespacePath(name), unix.MNT_DETACH)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return provider.Errorf(provider.ReasonInternal, "", "unmount namespace %s: %w", name, err)
	}
	if err := os.Remove(namespacePath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return provider.Errorf(provider.ReasonInternal, "", "remove namespace %s: %w", name, err)
	}
	return nil
}

// Within runs fn on a thread that is inside the namespace; sockets and processes made by fn belong to it.
func Within(name string, fn func() error) error {
	ns, err := netns.GetFromName(name)
	if err != nil {
		return err
	}
	defer ns.Close()
	return WithinHandle(ns, fn)
}

// WithinHandle does the same for a namespace that is open, and need have no name.
func WithinHandle(ns netns.NsHandle, fn func() error) error {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		failed <- func() error {
			home, err := netns.Get()
			if err != nil {
				return err
			}
			defer home.Close()
			if err := netns.Set(ns); err != nil {
				return err
			}
			err = fn()
			// Only a thread that is home again may be given back.
			if netns.Set(home) == nil {
				runtime.UnlockOSThread()
			}
			return err
		}()
	}()
	return <-failed
}
