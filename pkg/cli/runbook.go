package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// addRunbookCommands puts run to the verbs of the kind.
func addRunbookCommands(a *app, noun *cobra.Command) { replace(noun, newRunbookRunCommand(a)) }

// addRunCommands puts follow and steps to the verbs of runs, and waits for their end instead of readiness.
func addRunCommands(a *app, noun *cobra.Command) {
	k := runs(a)
	k.waitInstead(noun, "Wait until runs are at their end; it fails for those that fail", k.runFollow)
	replace(noun, k.newFollowCommand(), k.newStepsCommand())
}

// runCommand is what there is of runs beyond the verbs of all kinds.
type runCommand struct{ *kindCommand }

func runs(a *app) runCommand {
	n, _ := client.FindNoun("run")
	return runCommand{&kindCommand{app: a, noun: n}}
}

type runOptions struct {
	name   string
	note   string
	params []string
	follow bool
	dryRun bool
}

func newRunbookRunCommand(a *app) *cobra.Command {
	var o runOptions
	book, _ := client.FindNoun("runbook")
	k := &kindCommand{app: a, noun: book}
	cmd := &cobra.Command{
		Use: "run NAME [--param KEY=VALUE]... [--follow]", Short: "Carry a runbook out", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		Long: `Carry a runbook out. Its steps go on without this command; --follow shows them until the end, and fails when the run does. A step that
waits for approval is approved by somebody else with: plaza run approve.`,
		Example: "  plaza runbook run host-maintenance --param host=kvm1 --param servers=stop --follow",
		RunE:    func(cmd *cobra.Command, args []string) error { return runs(a).runStart(cmd.Context(), args[0], o) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.params, "param", nil, "parameter, key=value; repeatable")
	f.StringVar(&o.name, "name", "", "name of the run (default: made from the runbook's)")
	f.StringVar(&o.note, "note", "", "why it is run")
	f.BoolVar(&o.follow, "follow", false, "show its steps until it is at its end")
	f.BoolVar(&o.dryRun, "dry-run", false, "check whether it could be started, and start nothing")
	cmd.MarkFlagsMutuallyExclusive("follow", "dry-run")
	return cmd
}

func (k runCommand) runStart(ctx context.Context, book string, o runOptions) error {
	params := map[string]any{}
	for _, text := range o.params {
		key, v, ok := strings.Cut(text, "=")
		if !ok {
			return usagef("--param %s: has the form key=value", text)
		}
		params[key] = v
	}
	if o.name == "" {
		o.name = runName(book)
	}
	d := &document{Kind: "run", Name: o.name, Spec: map[string]any{"runbook": book, "parameters": params}}
	if o.note != "" {
		d.Spec["note"] = o.note
	}
	d.noun = k.noun
	applied, err := k.create(ctx, d, o.dryRun)
	if err != nil {
		return err
	}
	if o.follow {
		return k.runFollow(ctx, []string{applied.Object.ID})
	}
	if k.plain() && !o.dryRun {
		fmt.Fprintf(k.Out, "run %s has begun; follow it with: plaza run follow %s\n", applied.Object.Name, applied.Object.Name)
		return nil
	}
	return k.finish(ctx, []outcome{{noun: k.noun, Applied: applied, verb: "started"}}, false)
}

// runName differs from that of the run before.
func runName(book string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(book), "-")
	return strings.Trim(name[:min(len(name), 57)], "-.") + "-" + strings.ToLower(rand.Text()[:5])
}

func (k runCommand) newFollowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "follow NAME", Short: "Show the steps of a run as they come, until its end", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		Example: "  plaza run follow host-maintenance-4xk2p",
		RunE:    func(cmd *cobra.Command, args []string) error { return k.runFollow(cmd.Context(), args) },
	}
}

// runFollow tells of each step once it changes. It succeeds only when the runs do.
func (k runCommand) runFollow(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, k.o.timeout)
	defer cancel()
	for _, name := range names {
		if err := k.followRun(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (k runCommand) followRun(ctx context.Context, name string) error {
	line := k.newProgress()
	defer line.end()
	shown := map[string]string{}
	for {
		o, err := k.get(ctx, name)
		switch {
		case ctx.Err() != nil:
			return k.late(ctx)
		case client.ReasonOf(err) == client.ReasonUnreachable:
			line.tell("the server is away: %s", err)
		case err != nil:
			return err
		default:
			if done, err := k.tellRun(o, line, shown); done || err != nil {
				return err
			}
		}
		if pause(ctx, 300*time.Millisecond) != nil {
			return k.late(ctx)
		}
	}
}

// tellRun says what is new about a run, and whether it is at its end.
func (k runCommand) tellRun(o client.Object, line *progress, shown map[string]string) (bool, error) {
	r, err := readRun(o)
	if err != nil {
		return true, err
	}
	for _, s := range r.Status.Steps {
		if text := s.say(); s.State != "pending" && shown[s.Name] != s.State {
			shown[s.Name] = s.State
			if k.plain() {
				line.end()
				fmt.Fprintln(k.Out, text)
			}
		}
	}
	switch r.Status.State {
	case "done":
		if k.plain() {
			fmt.Fprintf(k.Out, "run %s: done\n", o.Name)
			return true, nil
		}
		return true, k.printData(o)
	case "failed", "cancelled":
		return true, &client.Problem{Reason: "Conflict", Detail: fmt.Sprintf("run %s is %s%s", o.Name, r.Status.State, colon(r.Status.Message)), Hint: opt("see: plaza run steps " + o.Name + "; then: plaza run retry " + o.Name)}
	}
	line.tell("run %s: %s", o.Name, first(r.Status.Message, "step "+r.Status.Step))
	return false, nil
}

// runView is what is shown of a run.
type runView struct {
	Status struct {
		State, Step, Message string
		Steps                []stepView
	}
}

type stepView struct {
	Name, State, ApprovedBy string
	Work                    struct {
		Attempts           int
		StartedAt, EndedAt *time.Time
		Message, Output    string
	}
}

func readRun(o client.Object) (runView, error) {
	var r runView
	return r, o.Into(&r)
}

func (s stepView) say() string {
	text := fmt.Sprintf("step %s: %s", s.Name, s.State)
	if s.ApprovedBy != "" {
		text += ", approved by " + s.ApprovedBy
	}
	return text + colon(s.Work.Message)
}

func (k runCommand) newStepsCommand() *cobra.Command {
	var log bool
	cmd := &cobra.Command{
		Use: "steps NAME", Short: "Show what became of each step of a run", Args: cobra.ExactArgs(1), ValidArgsFunction: k.completeNames,
		Example: "  plaza run steps host-maintenance-4xk2p --log",
		RunE:    func(cmd *cobra.Command, args []string) error { return k.runSteps(cmd.Context(), args[0], log) },
	}
	cmd.Flags().BoolVar(&log, "log", false, "and what commands said")
	return cmd
}

func (k runCommand) runSteps(ctx context.Context, name string, log bool) error {
	o, err := k.get(ctx, name)
	if err != nil {
		return err
	}
	run, err := readRun(o)
	if err != nil {
		return err
	}
	r := report{header: []string{"STEP", "STATE", "TRIES", "TOOK", "APPROVED BY", "MESSAGE"}, data: run.Status.Steps}
	for _, s := range run.Status.Steps {
		took := ""
		if s.Work.StartedAt != nil && s.Work.EndedAt != nil {
			took = s.Work.EndedAt.Sub(*s.Work.StartedAt).Round(100 * time.Millisecond).String()
		}
		r.add(s.Name, s.Name, s.State, fmt.Sprint(s.Work.Attempts), took, s.ApprovedBy, s.Work.Message)
	}
	if err := k.print(r); err != nil || !log || !k.plain() {
		return err
	}
	for _, s := range run.Status.Steps {
		if s.Work.Output != "" {
			fmt.Fprintf(k.Out, "\n== %s\n%s\n", s.Name, printable(s.Work.Output))
		}
	}
	return nil
}

// printable is what a command said, without what would steer the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.TrimRight(text, "\n"))
}
