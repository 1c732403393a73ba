package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// run boots the guest, waits to be told to end, and ends it. It returns the reboot(2) command.
func (g *guest) run(ctx context.Context) int {
	asked := make(chan int, 4)
	watchPower(asked)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var services []*service
	booted := make(chan struct{})
	go func() {
		defer close(booted)
		services = g.boot(ctx)
	}()
	command := <-asked
	g.console.stage("stopping")
	cancel()
	select {
	case <-booted:
		stopServices(services)
	case <-time.After(stopLimit):
	}
	g.endRest()
	g.console.stage("stopped")
	return command
}

// boot does everything up to the services' start. A step that fails is reported and the boot goes on, since a guest that
// can be looked into beats one that cannot.
func (g *guest) boot(ctx context.Context) []*service {
	modules := make(chan struct{})
	go func() { defer close(modules); g.loadModules(&g.later) }()
	if err := os.MkdirAll("/run/plaza", 0o755); err != nil {
		g.console.failed("state", err)
	}
	grown, err := grow("/")
	g.report("grow", err)
	if grown {
		g.console.stage("root grown")
	}
	<-modules // the seed's file system and the network card are among them
	found, err := g.readOrders()
	g.report("seed", err)
	if found == nil {
		return nil
	}
	g.console.stage("seed " + found.meta.InstanceID)
	g.report("hostname", setHostname(found.hostname()))
	g.runCommands(ctx, "bootcmd", found.user.BootCmd)
	g.report("network", g.configureNetwork(ctx, found.network))
	g.console.stage("network")
	if err := g.mountAsked(ctx, found.user.Plaza); err != nil {
		g.console.failed("mounts", err)
		return nil
	}
	g.firstSteps(ctx, found)
	services := g.startServices(ctx, found.user.Plaza)
	go g.awaitReady(ctx, services)
	return services
}

// mountAsked mounts the volumes and shares of the seed; nothing starts without them.
func (g *guest) mountAsked(ctx context.Context, config *cloudinit.Plaza) error {
	if config == nil {
		config = &cloudinit.Plaza{}
	}
	return errors.Join(g.mountData(ctx, config.Volumes), g.mountShares(ctx, config.Shares))
}

func (g *guest) report(stage string, err error) {
	if err != nil {
		g.console.failed(stage, err)
	}
}

// firstSteps are those of a first boot of this instance-id. Files come before commands, as in cloud-init.
func (g *guest) firstSteps(ctx context.Context, found *orders) {
	if !found.fresh {
		return
	}
	for _, file := range found.user.WriteFiles {
		g.report("write_files", writeFile(file))
	}
	g.report("ssh keys", keepKeys(found.user.SSHAuthorizedKeys))
	g.runCommands(ctx, "runcmd", found.user.RunCmd)
	if found.script != nil {
		g.report("user-data", g.runScript(ctx, found.script))
	}
	if ctx.Err() == nil {
		g.report("state", found.settle())
	}
	g.console.stage("first boot done")
}

// keepKeys puts keys where an ssh server, if a command installs one, would look.
func keepKeys(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	if err := os.MkdirAll("/root/.ssh", 0o700); err != nil {
		return err
	}
	var text []byte
	for _, key := range keys {
		text = append(text, key+"\n"...)
	}
	return writeDurably("/root/.ssh/authorized_keys", text, 0o600)
}

// startServices starts PostgreSQL, then the others as their `after` allows. The result is in start order.
func (g *guest) startServices(ctx context.Context, config *cloudinit.Plaza) []*service {
	if config == nil {
		return nil
	}
	var started []*service
	byName := map[string]*service{}
	launch := func(s *service) {
		own, stop := context.WithCancel(context.WithoutCancel(ctx)) // stopped one by one, in order
		s.stop = stop
		started, byName[s.name] = append(started, s), s
		go g.supervise(own, s)
	}
	if database := config.PostgreSQL; database != nil && database.Enabled {
		s, err := g.postgresService(ctx, database)
		if err != nil {
			g.console.failed(cloudinit.PostgreSQLService, err)
		}
		launch(s)
	}
	for _, entry := range config.Services {
		var after []*service
		for _, name := range entry.After {
			after = append(after, byName[name])
		}
		launch(newService(entry, after))
	}
	return started
}

func (g *guest) awaitReady(ctx context.Context, services []*service) {
	for _, s := range services {
		select {
		case <-s.ready:
		case <-ctx.Done():
			return
		}
	}
	g.console.stage("READY")
}

// stopServices ends those that depend on others first: the reverse of the start order.
func stopServices(services []*service) {
	for i := len(services) - 1; i >= 0; i-- {
		services[i].stop()
		<-services[i].stopped
	}
}

// endRest stops what no service owns and detaches the disks, so that the next boot finds clean journals.
func (g *guest) endRest() {
	g.processes.signalAll(syscall.SIGTERM)
	time.Sleep(100 * time.Millisecond)
	g.processes.signalAll(syscall.SIGKILL)
	g.leaveShares()
	unix.Sync()
	for _, path := range append(mounted("ext4"), "/") {
		if err := unix.Mount("", path, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil && !errors.Is(err, unix.EBUSY) {
			g.console.warn(fmt.Sprintf("remount %s read-only: %v", path, err))
		}
	}
}
