// Package bound runs commands that must not outlive the agent: one that went on after a kill would redo what the
// next agent has just undone.
package bound

import (
	"os/exec"
	"runtime"
	"syscall"
)

// Run runs cmd; the kernel kills it when this process dies.
func Run(cmd *exec.Cmd) error {
	// The death signal is tied to the thread that forks.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return cmd.Run()
}
