package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/plazacloud/plaza/pkg/client"
)

type loginOptions struct {
	user         string
	passwordFile string
	stdin        bool
	name         string
	otp          string
	provider     string
	noBrowser    bool
	password     string // when it is known already
}

func newLoginCommand(a *app) *cobra.Command {
	var o loginOptions
	cmd := &cobra.Command{
		Use: "login [SERVER]", Short: "Sign in, and keep the session in a context", Args: cobra.MaximumNArgs(1),
		Long: "Sign in with a name and a password, or with --token by an API token, or with --oidc by an identity provider in " +
			"a browser on this machine. The password is asked for, or comes from --password-file, --password-stdin or PLAZA_PASSWORD; it is kept nowhere. " +
			"So is the code of an authenticator, where the account has one.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.o.server = args[0]
			}
			return runLogin(cmd.Context(), a, o)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.user, "user", "u", "", "user's name (PLAZA_USER)")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password, - for standard input")
	f.BoolVar(&o.stdin, "password-stdin", false, "read the password from standard input")
	f.StringVar(&o.name, "name", "", "name of the context to keep (default: the one in use, or default)")
	f.StringVar(&o.otp, "otp", "", "code of your authenticator, or a recovery code")
	f.StringVar(&o.provider, "oidc", "", "name of the identity provider to sign in by")
	f.BoolVar(&o.noBrowser, "no-browser", false, "only show the address that --oidc would open")
	return cmd
}

func runLogin(ctx context.Context, a *app, o loginOptions) error {
	cfg, err := a.contexts()
	if err != nil {
		return err
	}
	// A context that is not there yet is made, not missed.
	name := first(o.name, a.o.context, a.Getenv("PLAZA_CONTEXT"), cfg.Current, "default")
	was := cfg.Contexts[name]
	if was == nil {
		was = &Context{}
	}
	is := *was
	is.Server = strings.TrimSuffix(a.serverOf(was), "/")
	if is.Server == "" {
		return usagef("say which server: plaza login --server https://plaza.example.net --user NAME")
	}
	if !same(is.Server, was.Server) {
		is = Context{Server: is.Server}
	}
	if p := first(a.o.project, a.Getenv("PLAZA_PROJECT")); p != "" {
		is.Project = p
	}
	if err := is.trust(a); err != nil {
		return err
	}
	if err := a.signIn(ctx, &is, o); err != nil {
		return err
	}
	cfg.Contexts[name], cfg.Current = &is, name
	if err := cfg.save(); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "signed in to %s as %s; context %s\n", is.Server, is.User, name)
	return nil
}

// trust keeps how the server's certificate was to be checked.
func (c *Context) trust(a *app) error {
	if path := first(a.o.ca, a.Getenv("PLAZA_CA")); path != "" {
		full, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		c.CA = full
	}
	c.Insecure = c.Insecure || a.o.insecure
	return nil
}

// signIn gets a session, or checks an API token.
func (a *app) signIn(ctx context.Context, c *Context, o loginOptions) error {
	if token := first(a.o.token, a.Getenv("PLAZA_TOKEN")); token != "" && o.user == "" {
		cl, err := a.dial(client.Options{Server: c.Server, Token: token}, c)
		if err != nil {
			return err
		}
		me, err := client.Read[client.Me](cl.GetMe(ctx))
		if err != nil {
			return err
		}
		c.User, c.Token = me.User.Name, token
		return nil
	}
	cl, err := a.dial(client.Options{Server: c.Server}, c)
	if err != nil {
		return err
	}
	if o.provider != "" {
		return a.signInBy(ctx, cl, c, o)
	}
	user := first(o.user, a.Getenv("PLAZA_USER"), c.User)
	if user == "" {
		return usagef("say who you are with --user")
	}
	if o.password == "" {
		if o.password, err = a.password(o.passwordFile, o.stdin, "Password of "+user+": "); err != nil {
			return err
		}
	}
	in, err := a.enter(ctx, cl, client.Credentials{Name: user, Password: o.password, Code: opt(o.otp)})
	if err != nil {
		return err
	}
	c.User, c.Token = in.User.Name, in.Token
	return nil
}

// enter asks for a code when the account wants one and somebody is there to give it.
func (a *app) enter(ctx context.Context, cl *client.Client, in client.Credentials) (client.Login, error) {
	out, err := client.Read[client.Login](cl.Login(ctx, in))
	if client.ReasonOf(err) != "SecondFactorRequired" || !terminal(a.In) {
		return out, err
	}
	code, err := a.ask("Code of your authenticator, or a recovery code: ")
	if err != nil {
		return out, err
	}
	in.Code = &code
	return client.Read[client.Login](cl.Login(ctx, in))
}

// password reads a password from where the user said, or asks for it.
func (a *app) password(file string, stdin bool, prompt string) (string, error) {
	if stdin {
		file = "-"
	}
	if file != "" {
		text, err := a.readFile(file)
		return trimmed(text), err
	}
	if p := a.Getenv("PLAZA_PASSWORD"); p != "" {
		return p, nil
	}
	in, ok := a.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usagef("there is nobody to ask for the password; use --password-file, --password-stdin or PLAZA_PASSWORD")
	}
	fmt.Fprint(a.Err, prompt)
	text, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.Err)
	return string(text), err
}

func newLogoutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "End the session and forget it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runLogout(cmd.Context(), a) },
	}
}

func runLogout(ctx context.Context, a *app) error {
	name, chosen, err := a.chosen()
	if err != nil {
		return err
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	// A session that ended already is as good as ended.
	if err := client.Done(c.Logout(ctx)); err != nil && client.ReasonOf(err) != "Unauthenticated" {
		return err
	}
	chosen.Token = ""
	if name == "" {
		return nil
	}
	if err := a.config.save(); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "signed out of %s\n", chosen.Server)
	return nil
}

func newWhoamiCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show who is signed in, and with which roles", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runWhoami(cmd.Context(), a) },
	}
}

func runWhoami(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	me, err := client.Read[client.Me](c.GetMe(ctx))
	if err != nil {
		return err
	}
	by := "session"
	if me.Token != nil {
		by = "token"
	}
	r := report{header: []string{"USER", "BY", "ROLE", "NODE", "EXPIRES"}, data: me}
	for _, g := range value(me.Permissions.Grants) {
		r.add(me.User.Name, me.User.Name, by, g.Role, first(g.Node, "/"), stamp(me.ExpiresAt))
	}
	if r.rows == nil {
		r.add(me.User.Name, me.User.Name, by, "none", "", stamp(me.ExpiresAt))
	}
	if a.o.output == "name" {
		r.names = []string{me.User.Name}
	}
	return a.print(r)
}
