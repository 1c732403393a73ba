package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newManCommand writes the manual from what the commands say of themselves.
func newManCommand(a *app) *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use: "man [COMMAND...]", Short: "Write the manual page of a command, or of all into a folder", Hidden: true,
		Example: `  plaza man server create | man -l -
  plaza man --dir /usr/local/share/man/man1`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.runMan(cmd.Root(), args, dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", "", "folder to write the pages of all commands into; it is made when it is not there")
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

func (a *app) runMan(root *cobra.Command, words []string, dir string) error {
	illustrate(root)
	root.DisableAutoGenTag = true // the same page from the same version
	header := &doc.GenManHeader{Section: "1", Source: "plaza " + a.Version, Manual: "Plaza"}
	if dir == "" {
		cmd, rest, err := root.Find(words)
		if err != nil || len(rest) > 0 {
			return usagef("there is no command %q", strings.Join(words, " "))
		}
		return doc.GenMan(cmd, header, a.Out)
	}
	if len(words) > 0 {
		return usagef("--dir is for the pages of all commands")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- for all to read
		return err
	}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "the manual is in %s; read it with: man %s/plaza.1\n", dir, dir)
	return nil
}
