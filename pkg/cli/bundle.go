package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// bundleTime is how long deploying a whole service may take, unless --timeout says otherwise.
const bundleTime = 30 * time.Minute

// addBundleCommands puts plan, apply, status and destroy to the verbs of the kind; apply takes orders, not documents.
func addBundleCommands(a *app, noun *cobra.Command) {
	replace(noun, newBundlePlanCommand(a), newBundleApplyCommand(a), newBundleStatusCommand(a), newBundleDestroyCommand(a))
}

type orderOptions struct {
	blueprint string
	size      string
	params    []string
}

func (o *orderOptions) AddFlags(a *app, cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.blueprint, "blueprint", "", "what to deploy (default: what is deployed, or the blueprint by the bundle's name)")
	f.StringVar(&o.size, "size", "", "size of the blueprint (default: the one deployed)")
	f.StringArrayVar(&o.params, "param", nil, "parameter, key=value (@FILE reads a file); repeatable")
	f.StringArrayVar(&o.params, "set", nil, "the same as --param")
	_ = f.MarkHidden("set")
	_ = cmd.RegisterFlagCompletionFunc("blueprint", a.completeBlueprints)
	_ = cmd.RegisterFlagCompletionFunc("size", a.completeSizes)
}

func bundles(a *app) *kindCommand {
	n, _ := client.FindNoun("bundle")
	return &kindCommand{app: a, noun: n}
}

// order completes what the command line says by what is deployed. The object is nil when there is none.
func (o *orderOptions) order(ctx context.Context, a *app, name string) (client.Order, *client.Object, error) {
	project, err := a.someProject(ctx)
	if err != nil {
		return client.Order{}, nil, err
	}
	a.o.project = project
	out := client.Order{Project: project, Name: name, Blueprint: o.blueprint, Size: o.size}
	params := map[string]any{}
	have, err := bundles(a).get(ctx, name)
	if err != nil && client.ReasonOf(err) != "NotFound" {
		return out, nil, err
	}
	exists := err == nil
	if exists {
		var b struct{ Spec client.BundleSpec }
		if err := have.Into(&b); err != nil {
			return out, nil, err
		}
		out.Blueprint, out.Size = first(out.Blueprint, b.Spec.Blueprint), first(out.Size, b.Spec.Size)
		for key, v := range value(b.Spec.Parameters) {
			params[key] = v
		}
	}
	out.Blueprint = first(out.Blueprint, name)
	if err := a.fillOrder(ctx, &out, params, o.params); err != nil {
		return out, nil, err
	}
	out.Parameters = &params
	if !exists {
		return out, nil, nil
	}
	return out, &have, nil
}

// fillOrder reads parameters by the blueprint's types and finds the size when there is but one.
func (a *app) fillOrder(ctx context.Context, out *client.Order, params map[string]any, given []string) error {
	list, err := a.blueprints(ctx)
	if err != nil {
		return err
	}
	var types map[string]client.Parameter
	var sizes []string
	for _, b := range list {
		if b.Name == out.Blueprint {
			types = value(b.Parameters)
			sizes = sizesOf(b)
		}
	}
	for _, text := range given {
		key, v, ok := strings.Cut(text, "=")
		if !ok {
			return usagef("--param %s: has the form key=value", text)
		}
		if params[key], err = a.scalar(string(types[key].Type), v); err != nil {
			return usagef("--param %s: %w", key, err)
		}
	}
	if out.Size == "" && len(sizes) > 0 {
		if len(sizes) > 1 {
			return usagef("choose a size with --size: %s", strings.Join(sizes, ", "))
		}
		out.Size = sizes[0]
	}
	return nil
}

func newBundlePlanCommand(a *app) *cobra.Command {
	var o orderOptions
	cmd := &cobra.Command{
		Use: "plan NAME", Short: "Show what applying would create, change and remove", Args: cobra.ExactArgs(1), ValidArgsFunction: bundles(a).completeNames,
		RunE: func(cmd *cobra.Command, args []string) error { return runBundlePlan(cmd.Context(), a, args[0], o) },
	}
	o.AddFlags(a, cmd)
	return cmd
}

func runBundlePlan(ctx context.Context, a *app, name string, o orderOptions) error {
	order, _, err := o.order(ctx, a, name)
	if err != nil {
		return err
	}
	plan, err := a.plan(ctx, order)
	if err != nil {
		return err
	}
	if err := a.printPlan(plan); err != nil {
		return err
	}
	if err := refusal(plan); err != nil {
		return err
	}
	if a.plain() && changes(plan) {
		fmt.Fprintf(a.Out, "Apply exactly this with: plaza bundle apply %s --plan %s%s\n", name, plan.Id, o.again(order))
	}
	return nil
}

// again repeats the flags that a later apply needs to mean the same order.
func (o *orderOptions) again(order client.Order) string {
	text := " --size " + order.Size
	if o.blueprint != "" {
		text += " --blueprint " + o.blueprint
	}
	for _, p := range o.params {
		text += " --param " + quote(mask(p))
	}
	return text
}

func (a *app) plan(ctx context.Context, order client.Order) (client.Plan, error) {
	c, err := a.connect()
	if err != nil {
		return client.Plan{}, err
	}
	return client.Read[client.Plan](c.PlanBundle(ctx, order))
}

func changes(p client.Plan) bool { return p.Summary.Create+p.Summary.Update+p.Summary.Delete > 0 }

// refusal is why a plan can not be applied.
func refusal(p client.Plan) error {
	for _, r := range value(p.Refused) {
		return &client.Problem{Reason: r.Reason, Detail: r.Detail, Hint: r.Hint, Fields: r.Fields, Candidates: r.Candidates, Kind: r.Kind}
	}
	return nil
}

type applyBundleOptions struct {
	orderOptions
	plan   string
	wait   bool
	yes    bool
	dryRun bool
}

func newBundleApplyCommand(a *app) *cobra.Command {
	var o applyBundleOptions
	cmd := &cobra.Command{
		Use: "apply NAME", Short: "Deploy a blueprint, or change what is deployed", Args: cobra.ExactArgs(1), ValidArgsFunction: bundles(a).completeNames,
		Long: "Plan, show the plan, and apply exactly it; then show how it goes until the workload says that it is healthy. With --plan the plan shown before is applied, or nothing when it is stale.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("timeout") {
				a.o.timeout = bundleTime
			}
			return runBundleApply(cmd.Context(), a, args[0], o)
		},
	}
	o.AddFlags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.plan, "plan", "", "apply only if the plan with this id is still what would happen")
	f.BoolVar(&o.wait, "wait", true, "until it is healthy; --wait=false returns at once")
	f.BoolVarP(&o.yes, "yes", "y", false, "do not ask; nobody is asked where no person looks on")
	f.BoolVar(&o.dryRun, "dry-run", false, "plan only")
	return cmd
}

func runBundleApply(ctx context.Context, a *app, name string, o applyBundleOptions) error {
	if o.dryRun {
		return runBundlePlan(ctx, a, name, o.orderOptions)
	}
	order, have, err := o.order(ctx, a, name)
	if err != nil {
		return err
	}
	id := o.plan
	if id == "" {
		plan, err := a.plan(ctx, order)
		if err != nil {
			return err
		}
		if a.plain() {
			if err := a.printPlan(plan); err != nil {
				return err
			}
		}
		if err := refusal(plan); err != nil {
			return err
		}
		if changes(plan) && !o.yes && !a.agreed("Apply this?") {
			return silentError{errors.New("not applied")}
		}
		id = plan.Id
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	res, err := client.Read[client.Applied](c.ApplyBundle(ctx, &client.ApplyBundleParams{}, client.OrderApply{Blueprint: order.Blueprint, Name: name,
		Parameters: order.Parameters, PlanId: &id, Project: order.Project, Size: order.Size}))
	if err != nil {
		return err
	}
	switch {
	case res.Operation == nil && have != nil && !ready(res.Object) && o.wait:
		err = bundles(a).waitFor(ctx, res.Object.ID, "ready") // an earlier apply is still at work
	case res.Operation != nil && o.wait:
		_, err = a.follow(ctx, res.Operation.Id)
	}
	if err != nil {
		return err
	}
	if !a.plain() {
		after, err := bundles(a).get(ctx, res.Object.ID)
		if err != nil {
			return err
		}
		return a.print(report{names: []string{name}, header: []string{"NAME", "PHASE"}, rows: [][]string{{name, after.Phase}}, data: after})
	}
	switch {
	case !res.Changed:
		fmt.Fprintf(a.Out, "bundle %s is unchanged\n", name)
	case !o.wait && res.Operation != nil:
		fmt.Fprintf(a.Out, "bundle %s is accepted; follow it with: plaza operation wait %s\n", name, res.Operation.Id)
		return nil
	default:
		fmt.Fprintf(a.Out, "bundle %s is ready\n", name)
	}
	return a.printOutputs(ctx, res.Object.ID)
}

func ready(o client.Object) bool { return reached(o, "ready") }

// agreed asks a person; where there is none, the command line has said it.
func (a *app) agreed(question string) bool {
	in, ok := a.In.(*os.File)
	if !ok || !terminal(in) || !terminal(a.Err) {
		return true
	}
	fmt.Fprintf(a.Err, "%s [y/N] ", question)
	var answer string
	_, _ = fmt.Fscanln(in, &answer)
	return strings.HasPrefix(strings.ToLower(answer), "y")
}

func newBundleDestroyCommand(a *app) *cobra.Command {
	var o deleteOptions
	var yes bool
	cmd := &cobra.Command{
		Use: "destroy NAME...", Short: "Delete bundles with everything they made", Args: cobra.MinimumNArgs(1), ValidArgsFunction: bundles(a).completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes && !o.dryRun && !a.agreed("Delete "+strings.Join(args, ", ")+" with all data?") {
				return silentError{errors.New("not deleted")}
			}
			return bundles(a).runDelete(cmd.Context(), args, o)
		},
	}
	cmd.Flags().BoolVar(&o.wait, "wait", false, "until nothing of them is left")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "check whether they could be deleted, and leave them")
	cmd.Flags().BoolVar(&o.absent, "ignore-not-found", false, "succeed for those that are not there")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask; nobody is asked where no person looks on")
	return cmd
}
