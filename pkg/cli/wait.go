package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// outcome is what a write did to an object.
type outcome struct {
	client.Applied
	noun *client.Noun
	verb string // what it is called when it is done
}

// say puts the outcome in a sentence.
func (o outcome) say() string {
	name := o.noun.Name + " " + o.Object.Name
	switch {
	case o.DryRun && o.Changed:
		return name + " could be " + o.verb + charged(o.Charges) + "; nothing was written"
	case o.DryRun:
		return name + " would not change; nothing was written"
	case o.Operation != nil && o.Operation.EndedAt == nil:
		return name + " is accepted; follow it with: plaza operation wait " + o.Operation.Id
	case !o.Changed && o.Operation == nil:
		return name + " is unchanged"
	}
	return name + " " + o.verb
}

func charged(charges map[string]int64) string {
	var parts []string
	for metric, n := range charges {
		parts = append(parts, fmt.Sprintf("%s %d", metric, n))
	}
	slices.Sort(parts)
	if parts == nil {
		return ""
	}
	return ", taking " + strings.Join(parts, ", ")
}

// finish waits if asked to, and tells what was done.
func (a *app) finish(ctx context.Context, done []outcome, wait bool) error {
	for i := range done {
		if !wait || done[i].DryRun {
			continue
		}
		var err error
		if done[i].Applied, err = a.await(ctx, done[i]); err != nil {
			return err
		}
	}
	switch {
	case a.plain():
		for _, d := range done {
			fmt.Fprintln(a.Out, d.say())
		}
		return nil
	case a.o.output == "name":
		for _, d := range done {
			fmt.Fprintln(a.Out, d.Object.Name)
		}
		return nil
	}
	list := make([]any, 0, len(done))
	for _, d := range done {
		if d.DryRun {
			dry := map[string]any{"object": d.Object, "created": d.Created, "changed": d.Changed, "dryRun": true, "charges": d.Charges}
			if d.Plan != nil {
				dry["plan"] = d.Plan
			}
			list = append(list, dry)
			continue
		}
		list = append(list, d.Object)
	}
	if a.o.output == "csv" {
		return a.csvOutcomes(done)
	}
	if len(list) == 1 {
		return a.printData(list[0])
	}
	return a.printData(list)
}

func (a *app) csvOutcomes(done []outcome) error {
	r := report{header: []string{"KIND", "NAME", "ID", "CHANGED"}}
	for _, d := range done {
		r.add(d.Object.Name, d.noun.Name, d.Object.Name, d.Object.ID, fmt.Sprint(d.Changed))
	}
	return a.print(r)
}

// await follows an outcome's operation to its end and reads what became of the object.
func (a *app) await(ctx context.Context, o outcome) (client.Applied, error) {
	if o.Operation == nil || o.Operation.EndedAt != nil {
		return o.Applied, nil
	}
	op, err := a.follow(ctx, o.Operation.Id)
	if err != nil {
		return o.Applied, err
	}
	o.Operation = &op
	c, err := a.connect()
	if err != nil {
		return o.Applied, err
	}
	after, err := client.Read[client.Object](o.noun.Get(ctx, c, client.Target{ID: o.Object.ID}))
	switch {
	case err == nil:
		o.Object = after
	case client.ReasonOf(err) != "NotFound":
		return o.Applied, err
	}
	return o.Applied, nil
}

const (
	pollEvery = "1s"
	comeBack  = time.Second // between tries to reach a server that went away
)

// follow waits for an operation's end and shows how it goes. A server that restarts meanwhile is waited for.
func (a *app) follow(ctx context.Context, id string) (client.Operation, error) {
	ctx, cancel := context.WithTimeout(ctx, a.o.timeout)
	defer cancel()
	c, err := a.connect()
	if err != nil {
		return client.Operation{}, err
	}
	uid, err := uuid.Parse(id)
	if err != nil {
		return client.Operation{}, usagef("%q is not the id of an operation", id)
	}
	line := a.newProgress()
	defer line.end()
	every := pollEvery
	for {
		op, err := client.Read[client.Operation](c.GetOperation(ctx, uid, &client.GetOperationParams{Wait: &every}))
		switch {
		case ctx.Err() != nil:
			return op, a.late(ctx)
		case client.ReasonOf(err) == client.ReasonUnreachable:
			line.tell("the server is away: %s", err)
			if err := pause(ctx, comeBack); err != nil {
				return op, a.late(ctx)
			}
			continue
		case err != nil:
			return op, err
		}
		if op.EndedAt != nil {
			return op, op.Failure()
		}
		line.tell("%s %s: %s %d %%%s", op.Kind, op.ObjectName, op.Verb, op.Progress, colon(value(op.Message)))
	}
}

// late tells a deadline of our own from an interruption.
func (a *app) late(ctx context.Context) error {
	if ctx.Err() == context.Canceled {
		return context.Canceled
	}
	return &client.Problem{Reason: client.ReasonTimeout, Title: "Not in time", Detail: fmt.Sprintf("not done within %s; what was begun goes on", a.o.timeout),
		Hint: opt("wait longer with --timeout")}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// colon leads over to a text that may be empty.
func colon(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// progress is a line that moves where a person looks on, and plain lines elsewhere.
type progress struct {
	*app
	live  bool
	last  string
	shown int
}

func (a *app) newProgress() *progress { return &progress{app: a, live: a.styled(a.Err)} }

func (p *progress) tell(format string, args ...any) {
	text := clean(fmt.Sprintf(format, args...))
	if text == p.last {
		return
	}
	p.last = text
	if !p.live {
		fmt.Fprintln(p.Err, text)
		return
	}
	fmt.Fprintf(p.Err, "\r\x1b[K%s", text)
	p.shown++
}

func (p *progress) end() {
	if p.live && p.shown > 0 {
		fmt.Fprint(p.Err, "\r\x1b[K")
	}
}

func (k *kindCommand) newWaitCommand() *cobra.Command {
	var goal string
	cmd := &cobra.Command{
		Use: "wait NAME...", Short: "Wait until " + k.noun.Plural + " are ready, gone, or have a value", Args: cobra.MinimumNArgs(1), ValidArgsFunction: k.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return k.runWait(cmd.Context(), args, goal) },
	}
	cmd.Flags().StringVar(&goal, "for", "ready", "ready, gone, or path=value such as status.power=stopped")
	_ = cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions([]string{"ready", "gone", "status."}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
	return cmd
}

func (k *kindCommand) runWait(ctx context.Context, names []string, goal string) error {
	if goal != "ready" && goal != "gone" && !strings.Contains(goal, "=") {
		return usagef("--for %s is not ready, gone or path=value", goal)
	}
	ctx, cancel := context.WithTimeout(ctx, k.o.timeout)
	defer cancel()
	for _, name := range names {
		if err := k.waitFor(ctx, name, goal); err != nil {
			return err
		}
		if k.plain() {
			fmt.Fprintf(k.Out, "%s %s: %s\n", k.noun.Name, name, goal)
		}
	}
	return nil
}

// waitFor looks again and again; what failed does not become ready by itself.
func (k *kindCommand) waitFor(ctx context.Context, name, goal string) error {
	line := k.newProgress()
	defer line.end()
	for {
		o, err := k.get(ctx, name)
		switch {
		case ctx.Err() != nil:
			return k.late(ctx)
		case client.ReasonOf(err) == "NotFound" && goal == "gone":
			return nil
		case client.ReasonOf(err) == client.ReasonUnreachable:
			line.tell("the server is away: %s", err)
		case err != nil:
			return err
		case reached(o, goal):
			return nil
		case goal == "ready" && o.Phase == "Failed":
			return &client.Problem{Reason: "Conflict", Detail: fmt.Sprintf("%s %s failed%s", k.noun.Name, name, colon(o.Message())),
				Hint: opt("see: plaza " + k.noun.Name + " operations " + name)}
		default:
			line.tell("%s %s: %s%s", k.noun.Name, name, o.Phase, colon(o.Message()))
		}
		if pause(ctx, 300*time.Millisecond) != nil {
			return k.late(ctx)
		}
	}
}

func reached(o client.Object, goal string) bool {
	if path, v, ok := strings.Cut(goal, "="); ok {
		return slices.Contains(o.Lookup(path), v)
	}
	return goal == "ready" && o.Phase == "Ready" && o.ObservedGeneration == o.Generation && o.DeletingAt == nil
}
