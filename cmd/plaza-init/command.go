package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const searchPath = "/opt/plaza/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func baseEnv() []string {
	return []string{"PATH=" + searchPath, "HOME=/root", "LANG=C.UTF-8", "TERM=linux"}
}

// lookPath resolves a command name by the PATH in env.
func lookPath(name string, env []string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, entry := range env {
		path, ok := strings.CutPrefix(entry, "PATH=")
		if !ok {
			continue
		}
		for _, dir := range filepath.SplitList(path) {
			candidate := filepath.Join(dir, name)
			if info, err := os.Stat(candidate); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
				return candidate, nil
			}
		}
	}
	return "", &fs.PathError{Op: "find", Path: name, Err: fs.ErrNotExist}
}

// runLogged runs a program to its end, its output going to the console and a log called name.
func (g *guest) runLogged(ctx context.Context, name string, s spec) error {
	sink, err := g.openOutput(name)
	if err != nil {
		return err
	}
	s.output = sink.writer
	child, err := g.processes.start(s)
	sink.closeWriter()
	if err != nil {
		sink.wait()
		return err
	}
	err = child.wait(ctx)
	sink.wait()
	return err
}

// runCommands carries out bootcmd or runcmd; like cloud-init, one that fails does not stop the rest.
func (g *guest) runCommands(ctx context.Context, section string, commands []cloudinit.Command) {
	for i, command := range commands {
		if err := g.runLogged(ctx, section, spec{argv: command.Argv(), env: baseEnv(), dir: "/"}); err != nil {
			g.console.failed(fmt.Sprintf("%s[%d]", section, i), err)
		}
	}
}

// runScript runs user-data that is itself a program.
func (g *guest) runScript(ctx context.Context, script []byte) error {
	path := stateDir + "/user-data.script"
	if err := writeDurably(path, bytes.ReplaceAll(script, []byte("\r\n"), []byte("\n")), 0o700); err != nil {
		return err
	}
	return g.runLogged(ctx, "user-data", spec{argv: []string{path}, env: baseEnv(), dir: "/"})
}
