package cli

import (
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Check tells what is wrong with a command line, given without the word plaza, and runs nothing: nouns and verbs that do
// not exist, flags that are not there or do not take such a value, arguments too few or too many.
func Check(args []string) error {
	a := &app{Env: Env{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }, Now: time.Now, Version: "checked"}}
	return check(newCommand(a), args)
}

func check(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	switch words := cmd.Flags().Args(); {
	case cmd.HasSubCommands() && len(words) > 0 && cmd.Name() != "completion":
		return usagef("%s has no %q", cmd.CommandPath(), words[0])
	case cmd.Args == nil:
		return cobra.ArbitraryArgs(cmd, words)
	default:
		return cmd.ValidateArgs(words)
	}
}
