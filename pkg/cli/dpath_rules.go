package cli

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
	"github.com/plazacloud/plaza/pkg/dpath"
)

type explainOptions struct {
	chain    string
	rules    string
	registry string
	env      string
	headers  []string
	url      string
	source   string
	store    string
	member   string
	channel  string
}

func newExplainCommand(a *app) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use: "explain [APP...]", Short: "Show which nodes may serve a request, and why, without sending it",
		Long: "Read what a dpathchain has published, or a rule document and a registry of nodes in files, decide the environment of a request from what is given of it, and show for each app the nodes that may serve it. Nothing is sent.",
		RunE: func(cmd *cobra.Command, args []string) error { return runExplain(cmd.Context(), a, args, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.chain, "chain", "", "dpathchain of the project in use, as it is now")
	f.StringVar(&o.rules, "rules", "", "rule document, instead of a chain; - for standard input")
	f.StringVar(&o.registry, "registry", "", "nodes of each app and members of each group, YAML or JSON with apps and groups")
	f.StringVar(&o.env, "env", "", "environment to assume, instead of identifying the request")
	f.StringArrayVarP(&o.headers, "header", "H", nil, `"Name: value" of the request; repeatable`)
	f.StringVar(&o.url, "url", "/", "path and query of the request")
	f.StringVar(&o.source, "source", "", "address that the request comes from")
	f.StringVar(&o.store, "store", "", "verified id of the store")
	f.StringVar(&o.member, "member", "", "verified id of the member")
	f.StringVar(&o.channel, "channel", "", "verified channel")
	return cmd
}

// routes is how one app is served.
type routes struct {
	App       string        `json:"app"`
	Env       string        `json:"env"`
	Pool      string        `json:"pool"`
	Nodes     []*dpath.Node `json:"nodes"`
	Decision  string        `json:"decision"`
	Excluded  []string      `json:"excluded"` // nodes that no call of this environment may reach
	Forbidden string        `json:"problem,omitempty"`
}

func runExplain(ctx context.Context, a *app, apps []string, o explainOptions) error {
	cfg, err := a.rulesOf(ctx, o)
	if err != nil {
		return err
	}
	env := o.env
	if env == "" {
		facts, err := o.facts()
		if err != nil {
			return err
		}
		env = cfg.Identify(facts)
		switch {
		case !cfg.Rehearses(facts):
		case cfg.Rehearsal():
			fmt.Fprintln(a.Err, "The request belongs to a rehearsal: apps that keep rehearsals apart serve it, others refuse it.")
		default:
			fmt.Fprintln(a.Err, "The request belongs to a rehearsal, and is refused: rehearsals are switched off.")
		}
	}
	if len(apps) == 0 {
		apps = cfg.Apps()
	}
	r := report{header: []string{"APP", "ENV", "POOL", "DECISION", "NODES", "EXCLUDED"}}
	list := []routes{}
	for _, app := range apps {
		x := explainApp(cfg, env, app)
		list = append(list, x)
		r.add(app, app, first(x.Env, "common"), x.Pool, first(x.Forbidden, x.Decision), strings.Join(ids(x.Nodes), ","), strings.Join(x.Excluded, ","))
	}
	r.data = list
	return a.print(r)
}

// rulesOf joins the rules with the registry.
func (a *app) rulesOf(ctx context.Context, o explainOptions) (*dpath.Config, error) {
	switch files := o.rules != "" || o.registry != ""; {
	case o.chain != "" && files:
		return nil, usagef("--chain has rules and registry; leave --rules and --registry out")
	case o.chain != "":
		return a.published(ctx, o.chain)
	case o.rules == "" || o.registry == "":
		return nil, usagef("name a chain with --chain, or the rule document with --rules and the registry with --registry")
	}
	text, err := a.readFile(o.rules)
	if err != nil {
		return nil, err
	}
	doc, err := dpath.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	if text, err = a.readFile(o.registry); err != nil {
		return nil, err
	}
	reg := &dpath.Registry{}
	if err := readYAML(string(text), reg); err != nil {
		return nil, usagef("%s: %w", o.registry, err)
	}
	return dpath.Compile(doc, reg, a.Now())
}

// published is what a chain's config holds now.
func (a *app) published(ctx context.Context, chain string) (*dpath.Config, error) {
	c, err := a.connect()
	if err != nil {
		return nil, err
	}
	project, err := a.project()
	if err != nil {
		return nil, err
	}
	v, err := client.Read[client.ConfigVersion](c.GetConfigVersion(ctx, chain, "current", &client.GetConfigVersionParams{Project: opt(project)}))
	if err != nil {
		return nil, err
	}
	release, err := dpath.ParseRelease(strings.NewReader(v.Spec.Document))
	if err != nil {
		return nil, err
	}
	release.Document.Version = uint64(v.Version) // #nosec G115 -- it is 1 or more
	return dpath.Join(release, a.Now())
}

// facts are what identify rules look at.
func (o explainOptions) facts() (*dpath.Facts, error) {
	u, err := url.Parse(o.url)
	if err != nil {
		return nil, usagef("--url %s: %w", o.url, err)
	}
	f := &dpath.Facts{Header: http.Header{}, Path: u.Path, RawQuery: u.RawQuery, StoreID: o.store, MemberID: o.member, Channel: o.channel}
	for _, h := range o.headers {
		name, v, ok := strings.Cut(h, ":")
		if !ok {
			return nil, usagef("--header %q is not Name: value", h)
		}
		f.Header.Add(strings.TrimSpace(name), strings.TrimSpace(v))
	}
	if o.source != "" {
		if f.Source, err = netip.ParseAddr(o.source); err != nil {
			return nil, usagef("--source %s: %w", o.source, err)
		}
	}
	return f, nil
}

// always takes every node for usable.
type always struct{}

func (always) Usable(*dpath.Node) bool  { return true }
func (always) InFlight(*dpath.Node) int { return 0 }

// steady is no source of chance: the choice among equals does not matter here.
type steady struct{}

func (steady) Uint64() uint64 { return 0 }

func explainApp(cfg *dpath.Config, env, app string) routes {
	d, err := dpath.Pick(cfg, env, app, always{}, nil, steady{})
	x := routes{App: app, Env: d.Env, Decision: d.Label, Pool: d.Pool.String(), Nodes: []*dpath.Node{}, Excluded: []string{}}
	if err != nil {
		x.Forbidden = err.Error()
	}
	switch d.Pool {
	case dpath.PoolDedicated:
		x.Nodes = cfg.Dedicated(d.Env, app)
	case dpath.PoolPublic:
		x.Nodes = cfg.Public(app)
	case dpath.PoolAll:
		x.Nodes = cfg.All(app)
	}
	may := map[string]bool{}
	for _, n := range x.Nodes {
		may[n.ID] = true
	}
	for _, n := range cfg.All(app) {
		if !may[n.ID] {
			x.Excluded = append(x.Excluded, n.ID)
		}
	}
	return x
}

func ids(nodes []*dpath.Node) []string {
	out := make([]string, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, n.ID)
	}
	return out
}

func newImportCommand(a *app) *cobra.Command {
	var out string
	var partial bool
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Read a rule document, check or repair it, and write its one canonical form", Args: cobra.ExactArgs(1),
		Long: "Read a rule document, - for standard input. One from which lines were lost in copying is repaired; lists whose elements are gone are named, and it is only written with --partial, to be filled in.",
		RunE: func(_ *cobra.Command, args []string) error { return runImport(a, args[0], out, partial) },
	}
	cmd.Flags().StringVar(&out, "to", "", "file to write (default: standard output)")
	cmd.Flags().BoolVar(&partial, "partial", false, "write it also when elements are lost")
	return cmd
}

func runImport(a *app, path, to string, partial bool) error {
	text, err := a.readFile(path)
	if err != nil {
		return err
	}
	doc, lost, err := dpath.Repair(bytes.NewReader(text))
	if err != nil {
		return err
	}
	for _, l := range lost {
		fmt.Fprintf(a.Err, "%s: %s\n", path, l)
	}
	if len(lost) > 0 && !partial {
		return fmt.Errorf("%d lists lost their elements; fill them in, or write what is left with --partial", len(lost))
	}
	warnings, err := doc.Validate(nil)
	if err != nil && len(lost) == 0 {
		return err
	}
	for _, w := range warnings {
		fmt.Fprintf(a.Err, "warning: %s\n", w)
	}
	if to == "" {
		return a.printData(doc)
	}
	if text, err = encode(doc); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644) // #nosec G306 -- rules are no secret
}
