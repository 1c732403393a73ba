// Package cli is the command plaza: `plaza <noun> <verb>`. One file per noun; the nouns of kinds come from the client's
// table, so that a new kind needs no edit here.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/plazacloud/plaza/pkg/client"
)

// Env is what a command sees of the world.
type Env struct {
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Getenv  func(string) string
	Now     func() time.Time
	Version string
}

// System is the environment of the process.
func System(version string) Env {
	return Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now, Version: version}
}

// app is one run of the command.
type app struct {
	Env
	o      globals
	config *Config // read when first needed
	client *client.Client
	nodes  map[string]string // full names of nodes by id, once read
	sent   sent              // last, of what was to change something
	ran    bool              // flags and arguments were in order
}

// globals are the flags of every command.
type globals struct {
	server   string
	token    string
	context  string
	ca       string
	insecure bool
	project  string
	output   string
	debug    bool
	timeout  time.Duration
}

func (g *globals) AddFlags(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.StringVar(&g.server, "server", "", "URL of the server (PLAZA_SERVER)")
	f.StringVar(&g.token, "token", "", "session or API token (PLAZA_TOKEN)")
	f.StringVar(&g.context, "context", "", "context to use (PLAZA_CONTEXT)")
	f.StringVar(&g.ca, "ca", "", "PEM file of the server's authority (PLAZA_CA)")
	f.BoolVar(&g.insecure, "insecure", false, "trust any certificate of the server")
	f.StringVar(&g.project, "project", "", "project by full name, such as group/brand/shop, or id (PLAZA_PROJECT)")
	f.StringVarP(&g.output, "output", "o", "table", "table, wide, json, yaml, csv, name or jq=EXPRESSION")
	f.BoolVar(&g.debug, "debug", false, "show every request as a curl command, secrets masked (PLAZA_DEBUG=1)")
	f.DurationVar(&g.timeout, "timeout", 10*time.Minute, "how long to wait for what takes time")
}

const about = `plaza manages a Plaza installation from the command line: plaza <noun> <verb>.

Begin with: plaza login --server https://plaza.example.net --user NAME

Every kind of resource is a noun with the verbs list, get, create, apply, edit, delete, wait, history and operations,
and a verb for each of its actions. Names and ids are both understood. -o json prints an array of whole objects for
lists and one object for a single one.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 not found; 4 conflict, stale or in use; 5 not signed in or not allowed;
6 quota exceeded or nothing left that fits; 7 unavailable or timed out.`

// newCommand has every command.
func newCommand(a *app) *cobra.Command {
	return newCommandFor(a, func(string, ...string) bool { return true })
}

// newCommandFor has those commands of kinds that are meant, and of other kinds the name alone: all of them take longer to
// make than most commands take.
func newCommandFor(a *app, meant func(name string, aliases ...string) bool) *cobra.Command {
	root := &cobra.Command{
		Use: "plaza", Short: "Manage a Plaza installation", Long: about, SilenceErrors: true, SilenceUsage: true,
		Version: a.Version,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmp.Or(cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups()); err != nil {
				return err // cobra looks at them after this
			}
			a.ran = true
			return a.checkOutput()
		},
	}
	a.o.AddFlags(root)
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.AddGroup(&cobra.Group{ID: "kinds", Title: "Resources:"}, &cobra.Group{ID: "tenancy", Title: "People and tenants:"},
		&cobra.Group{ID: "work", Title: "Work and capacity:"}, &cobra.Group{ID: "session", Title: "Session:"})
	for i := range client.Nouns {
		n := &client.Nouns[i]
		cmd := &cobra.Command{Use: n.Name, Short: strings.TrimSuffix(n.Doc, "."), Run: func(*cobra.Command, []string) {}}
		if meant(n.Name, n.Plural) {
			cmd = newKindCommand(a, n)
		}
		cmd.GroupID = "kinds"
		root.AddCommand(cmd)
	}
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("kinds", newApplyCommand(a), newBlueprintCommand(a), newSearchCommand(a))
	add("tenancy", newNodeCommand(a), newUserCommand(a), newBindingCommand(a), newRoleCommand(a), newAccessCommand(a), newTokenCommand(a), newSessionCommand(a), newTotpCommand(a),
		newProviderCommand(a))
	add("work", newOperationCommand(a), newAuditCommand(a), newQuotaCommand(a), newPoolCommand(a), newPlacementCommand(a), newLedgerCommand(a), newTopologyCommand(a), newOverviewCommand(a), newDpathCommand(a))
	add("session", newLoginCommand(a), newLogoutCommand(a), newWhoamiCommand(a), newContextCommand(a), newVersionCommand(a), newAPICommand(a), newAcceptCommand(a))
	root.AddCommand(newManCommand(a))
	closeGroups(root)
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		illustrate(root)
		help(cmd, args)
	})
	_ = root.RegisterFlagCompletionFunc("project", a.completeProjects)
	_ = root.RegisterFlagCompletionFunc("context", a.completeContexts)
	_ = root.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "wide", "json", "yaml", "csv", "name", "jq="}, cobra.ShellCompDirectiveNoFileComp))
	return root
}

// newGroup makes a noun without a meaning of its own.
func newGroup(use, short string, aliases ...string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Aliases: aliases}
}

// closeGroups makes an unknown verb an error; cobra alone would show the help and succeed.
func closeGroups(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		closeGroups(c)
	}
	if cmd.Runnable() || !cmd.HasSubCommands() {
		return
	}
	cmd.Args = cobra.ArbitraryArgs
	cmd.SuggestionsMinimumDistance = 2
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		text := fmt.Sprintf("%s has no %q", cmd.CommandPath(), args[0])
		if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
			text += "; did you mean " + strings.Join(like, " or ") + "?"
		}
		return usagef("%s", text)
	}
}

// Run executes a command line and returns its exit code.
func Run(ctx context.Context, args []string, env Env) int {
	a := &app{Env: env}
	root := newCommandFor(a, meantBy(args))
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if !a.ran && !errors.As(err, new(*usageError)) {
		err = &usageError{err}
	}
	a.explain(cmd, err)
	return exitCode(err)
}

// meantBy tells what a command line may mean: a kind that it does not name is not among it. The manual is of all commands.
func meantBy(args []string) func(string, ...string) bool {
	manual := slices.Contains(args, "man")
	return func(name string, aliases ...string) bool {
		return manual || slices.Contains(args, name) || slices.ContainsFunc(aliases, func(alias string) bool { return slices.Contains(args, alias) })
	}
}

// terminal tells whether a stream is one that a person looks at.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// styled tells whether a stream may carry colours.
func (a *app) styled(stream any) bool {
	return terminal(stream) && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb"
}
