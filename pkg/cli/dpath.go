package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

func newDpathCommand(a *app) *cobra.Command {
	cmd := newGroup("dpath", "Dedicated paths: prove that they hold, show lanes, explain routes, import rules")
	cmd.AddCommand(newVerifyCommand(a), newLanesCommand(a), newExplainCommand(a), newImportCommand(a))
	return cmd
}

type verifyOptions struct {
	bundle      string
	entry       string
	key         string
	envs        []string
	paths       []string
	common      int
	labelled    int
	without     []string
	control     bool
	report      string
	concurrency int
}

// controlProbes is how many probes of each kind a control sends.
const controlProbes = 100

func newVerifyCommand(a *app) *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use: "verify", Short: "Prove by signed probes that common and labelled calls keep to their nodes", Args: cobra.NoArgs,
		Long: `Send common and labelled calls through the entry, read the signed trail of each, and judge every hop. Exits with 1 when a
guarantee was broken or a probe gave no trail.

For a bundle the server sends the probes, as it alone holds the key. With --entry this machine sends them, and --key or
PLAZA_PROBE_KEY gives the key as ID:HEX, ID:BASE64 or @FILE with one of these.

--control sends some probes more, with both protections off for them alone. They must be found astray, or the check is blind, and fails.
--without guard,filter sends all probes so.

--report FILE writes the evidence: what was sent, what was found, and what that proves, as a page for FILE.html, or as FILE.json.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return runVerify(cmd.Context(), a, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.bundle, "bundle", "retail", "bundle to verify")
	f.StringVar(&o.entry, "entry", "", "URL of an entry to verify from here, instead of a bundle")
	f.StringVar(&o.key, "key", "", "probe key, with --entry")
	f.StringSliceVar(&o.envs, "env", []string{"newRetail"}, "environments of labelled calls, with --entry")
	f.StringSliceVar(&o.paths, "path", []string{"/v1/products?limit=1"}, "paths to call, with --entry")
	f.IntVar(&o.common, "common", 10000, "common calls")
	f.IntVar(&o.labelled, "labelled", 10000, "labelled calls, of each environment")
	f.StringSliceVar(&o.without, "without", nil, "protections to switch off for the probes: guard, filter")
	f.BoolVar(&o.control, "control", false, "send some probes with guard and filter off as well; fail when they find nothing")
	f.StringVar(&o.report, "report", "", "file to write the evidence to: .html or .json")
	f.IntVar(&o.concurrency, "concurrency", 0, "probes in flight (default 8)")
	_ = cmd.RegisterFlagCompletionFunc("bundle", bundles(a).completeAnyName)
	_ = cmd.RegisterFlagCompletionFunc("without", cobra.FixedCompletions([]string{"guard", "filter", "guard,filter"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o verifyOptions) check() error {
	for _, w := range o.without {
		if w != "guard" && w != "filter" {
			return usagef("--without %s is not guard or filter", w)
		}
	}
	if o.control && len(o.without) > 0 {
		return usagef("--control is a run --without guard,filter beside one that has them; give one of both")
	}
	if ext := filepath.Ext(o.report); o.report != "" && ext != ".html" && ext != ".json" {
		return usagef("--report %s is not a .html or .json file", o.report)
	}
	return nil
}

func runVerify(ctx context.Context, a *app, o verifyOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	verifier := a.verifyBundle
	if o.entry != "" {
		verifier = a.verifyEntry
	}
	e, err := a.gather(ctx, o, verifier)
	if err != nil {
		return err
	}
	if err := writeEvidence(o.report, e); err != nil {
		return err
	}
	if err := a.printVerification(e); err != nil {
		return err
	}
	switch r := e.Report; {
	case r.Violations > 0:
		return silentError{errors.New("violations")}
	case r.Failed > 0:
		return fmt.Errorf("%d probes gave no trail: %s", r.Failed, first(append(r.ErrorSamples, "no reason was kept")...))
	}
	return e.Err()
}

// gather runs the verification and, if it is asked for, its control.
func (a *app) gather(ctx context.Context, o verifyOptions, run func(context.Context, verifyOptions) (verify.Report, error)) (verify.Evidence, error) {
	host, _ := os.Hostname()
	e := verify.Evidence{Entry: o.entry, Sender: fmt.Sprintf("%s, plaza %s", first(host, "unknown host"), a.Version), Paths: o.paths, Envs: o.envs, Begun: a.Now().UTC()}
	if o.entry == "" {
		e.Entry, e.Sender, e.Paths, e.Envs = "bundle "+o.bundle, "the server of this bundle", nil, nil
	}
	var err error
	if e.Report, err = run(ctx, o); err != nil {
		return e, err
	}
	e.Ended = a.Now().UTC()
	if !o.control {
		return e, nil
	}
	o.common, o.labelled, o.without = controlProbes, controlProbes, []string{"guard", "filter"}
	control, err := run(ctx, o)
	e.Controls = []verify.Report{control}
	return e, err
}

func writeEvidence(path string, e verify.Evidence) error {
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	if filepath.Ext(path) == ".json" {
		text, err := encode(e)
		if err != nil {
			return err
		}
		b.Write(text)
	} else if err := e.WriteHTML(&b); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// verifyBundle lets the server send the probes.
func (a *app) verifyBundle(ctx context.Context, o verifyOptions) (verify.Report, error) {
	c, err := a.connect()
	if err != nil {
		return verify.Report{}, err
	}
	t, err := bundles(a).target(o.bundle)
	if err != nil {
		return verify.Report{}, err
	}
	common, labelled := int64(o.common), int64(o.labelled)
	in := client.Verification{Common: &common, Labelled: &labelled, Concurrency: opt(int64(o.concurrency))}
	if len(o.without) > 0 {
		var without []client.VerificationWithout
		for _, w := range o.without {
			without = append(without, client.VerificationWithout(w))
		}
		in.Without = &without
	}
	line := a.newProgress()
	defer line.end()
	line.tell("sending %d probes to bundle %s", o.common+o.labelled, o.bundle)
	return client.Read[verify.Report](c.VerifyBundle(ctx, t.ID, &client.VerifyBundleParams{Project: opt(t.Project)}, in))
}

// verifyEntry sends the probes itself.
func (a *app) verifyEntry(ctx context.Context, o verifyOptions) (verify.Report, error) {
	key, err := a.probeKey(first(o.key, a.Getenv("PLAZA_PROBE_KEY")))
	if err != nil {
		return verify.Report{}, err
	}
	line := a.newProgress()
	defer line.end()
	return verify.Run(ctx, verify.Options{Entry: strings.TrimSuffix(o.entry, "/"), Paths: o.paths, Common: o.common, Labelled: o.labelled, Envs: o.envs, Key: key,
		Control: o.without, Concurrency: o.concurrency, Progress: func(done, total int) {
			if line.live || done == total || done%max(1, total/10) == 0 {
				line.tell("%d of %d probes", done, total)
			}
		}})
}

// probeKey reads ID:KEY with the key in hex or base64.
func (a *app) probeKey(text string) (*dpath.Keyring, error) {
	if text == "" {
		return nil, usagef("--entry needs a probe key; give it by --key or PLAZA_PROBE_KEY, or verify a bundle with --bundle")
	}
	v, err := a.scalar("string", text)
	if err != nil {
		return nil, err
	}
	id, secret, ok := strings.Cut(strings.TrimSpace(v.(string)), ":")
	if !ok {
		return nil, usagef("the probe key has the form ID:HEX or ID:BASE64")
	}
	key, err := hex.DecodeString(secret)
	if err != nil {
		key, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(secret), "="))
	}
	if err != nil {
		return nil, usagef("the probe key is neither hex nor base64")
	}
	return dpath.NewKeyring(id, map[string][]byte{id: key})
}

// verification is a report with its controls, as data.
type verification struct {
	verify.Report
	Controls []verify.Report `json:"controls,omitempty"`
}

func (a *app) printVerification(e verify.Evidence) error {
	r := e.Report
	if !a.plain() {
		out := report{header: []string{"VIOLATIONS", "COMMON", "LABELLED", "FAILED", "SECONDS"}, data: verification{r, e.Controls}}
		out.add(fmt.Sprint(r.Violations), fmt.Sprint(r.Violations), fmt.Sprint(r.Common), fmt.Sprint(r.Labelled), fmt.Sprint(r.Failed), fmt.Sprintf("%.1f", r.DurationSeconds))
		return a.print(out)
	}
	fmt.Fprintf(a.Out, "%d violations in %d common and %d labelled calls, %.1f s\n", r.Violations, r.Common, r.Labelled, r.DurationSeconds)
	for _, kind := range sorted(r.ByKind) {
		fmt.Fprintf(a.Out, "  %s: %d\n", kind, r.ByKind[kind])
	}
	if r.Violations == 0 {
		fmt.Fprintf(a.Out, "With 95 %% confidence fewer than %.3f %% of calls go astray.\n", 100*r.Bound)
	}
	for _, c := range e.Controls {
		fmt.Fprintf(a.Out, "Control without %s: %d violations in %d probes, of which there must be some.\n", strings.Join(c.Control, " and "), c.Violations, c.Sent())
	}
	for _, v := range r.Examples {
		by := "a hop told nothing of itself" // of a gap in the trail no node is known
		if v.Hop.App != "" {
			by = "served by " + v.Hop.Node + " of " + v.Hop.App
		}
		fmt.Fprintf(a.Out, "  e.g. %s: %s, %s\n", v.Kind, v.Path, by)
	}
	t := table{header: []string{"APP", "POOL", "CALLS"}}
	for _, app := range sorted(r.Hops) {
		for _, pool := range sorted(r.Hops[app]) {
			t.rows = append(t.rows, []string{app, pool, fmt.Sprint(r.Hops[app][pool])})
		}
	}
	if t.rows != nil {
		t.write(a.Out, nil)
	}
	return nil
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for key := range m {
		out = append(out, key)
	}
	sort.Strings(out)
	return out
}
