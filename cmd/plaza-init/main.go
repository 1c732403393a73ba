// Command plaza-init is PID 1 of Plaza's appliance guests: it mounts what a guest needs, reads the seed, NoCloud's or
// OpenStack's config drive, sets up network, files and PostgreSQL, supervises the services the seed names, and shuts
// them down in order.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if filepath.Base(os.Args[0]) == leaseHook {
		if err := applyLease(os.Args[1:], os.Environ()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if os.Getpid() == 1 {
		pid1()
	}
	if len(os.Args) == 4 && os.Args[1] == "seal-cluster" {
		if err := sealAt(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	fmt.Fprintln(os.Stderr, "plaza-init runs as PID 1 of a guest; image builds call: plaza-init seal-cluster DIR UNIX-SECONDS")
	os.Exit(2)
}

func sealAt(cluster, seconds string) error {
	made, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	return sealCluster(cluster, time.Unix(made, 0))
}

// pid1 never returns: a PID 1 that exits panics the kernel.
func pid1() {
	console := newConsole(os.Stdout)
	host := &guest{console: console, processes: newProcesses(), logs: logDir}
	command := unix.LINUX_REBOOT_CMD_POWER_OFF
	if err := host.enter(); err != nil {
		console.failed("root", err)
		time.Sleep(5 * time.Second)
	} else {
		go host.processes.reap(context.Background())
		command = host.run(context.Background())
	}
	console.stage("halt")
	unix.Sync()
	_ = unix.Reboot(command)
	select {}
}
