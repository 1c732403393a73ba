package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	shareEvery = 2 * time.Second // between tries of a share whose cluster does not answer
	shareLeave = 3 * time.Second // to take leave of a cluster at the end
)

// mountShares mounts directories that others have, too. They are waited for, as what runs here keeps its data there.
func (g *guest) mountShares(ctx context.Context, shares []cloudinit.Share) error {
	if len(shares) == 0 {
		g.ceph.drop()
		return nil
	}
	g.loadModules(&g.ceph)
	for _, s := range shares {
		if err := g.mountShare(ctx, s); err != nil {
			return fmt.Errorf("share on %s: %w", s.Path, err)
		}
		g.console.stage("share on " + s.Path)
	}
	return nil
}

func (g *guest) mountShare(ctx context.Context, s cloudinit.Share) error {
	if err := os.MkdirAll(s.Path, 0o755); err != nil {
		return err
	}
	flags := uintptr(unix.MS_NOATIME | unix.MS_NOSUID | unix.MS_NODEV)
	if s.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	source, options := shareMount(s)
	for told := false; ; told = true {
		err := unix.Mount(source, s.Path, "ceph", flags, options)
		if err == nil {
			return nil
		}
		if !told {
			g.console.warn(fmt.Sprintf("share on %s: %v; trying on", s.Path, err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(shareEvery):
		}
	}
}

// shareMount is what mount(2) takes: monitors and path, and who mounts which file system.
func shareMount(s cloudinit.Share) (source, options string) {
	return strings.Join(s.Monitors, ",") + ":" + s.Source,
		fmt.Sprintf("name=%s,secret=%s,mds_namespace=%s", strings.TrimPrefix(s.Client, "client."), s.Key, s.FS)
}

// leaveShares gives locks and caches back; a cluster that does not answer is not waited for.
func (g *guest) leaveShares() {
	for _, path := range mounted("ceph") {
		left := make(chan error, 1)
		go func() { left <- unix.Unmount(path, 0) }()
		select {
		case err := <-left:
			if err == nil {
				continue
			}
			g.console.warn(fmt.Sprintf("unmount %s: %v", path, err))
		case <-time.After(shareLeave):
			g.console.warn(fmt.Sprintf("unmount %s: its cluster does not answer", path))
		}
		_ = unix.Unmount(path, unix.MNT_FORCE|unix.MNT_DETACH) // the last that can be done
	}
}
