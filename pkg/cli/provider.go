package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

func newProviderCommand(a *app) *cobra.Command {
	cmd := newGroup("identity-provider", "Who else knows users: OpenID Connect and LDAP", "identity-providers", "idp")
	list := &cobra.Command{Use: "list", Short: "List identity providers", Args: cobra.NoArgs, Example: "  plaza identity-provider list",
		RunE: func(cmd *cobra.Command, _ []string) error { return runProviderList(cmd.Context(), a) }}
	get := &cobra.Command{Use: "get NAME", Short: "Show an identity provider, but for its secret", Args: cobra.ExactArgs(1), Example: "  plaza identity-provider get corp -o yaml",
		RunE: func(cmd *cobra.Command, args []string) error { return runProviderGet(cmd.Context(), a, args[0]) }}
	remove := &cobra.Command{Use: "delete NAME", Short: "Remove an identity provider of no users", Args: cobra.ExactArgs(1), Example: "  plaza identity-provider delete corp",
		RunE: func(cmd *cobra.Command, args []string) error { return runProviderDelete(cmd.Context(), a, args[0]) }}
	cmd.AddCommand(list, get, newProviderWriteCommand(a, "create", "Add an identity provider"),
		newProviderWriteCommand(a, "update", "Replace an identity provider; without a secret the one it has stays"), remove)
	return cmd
}

func newProviderWriteCommand(a *app, verb, short string) *cobra.Command {
	file, secret := "", ""
	cmd := &cobra.Command{Use: verb + " NAME -f FILE", Short: short, Args: cobra.ExactArgs(1),
		Example: "  plaza identity-provider " + verb + " corp -f corp.yaml --secret-file corp.secret",
		RunE: func(cmd *cobra.Command, args []string) error {
			return runProviderWrite(cmd.Context(), a, verb, args[0], file, secret)
		}}
	cmd.Flags().StringVarP(&file, "file", "f", "", "YAML or JSON with oidc or ldap, groups, domains, provision and title; - for standard input")
	cmd.Flags().StringVar(&secret, "secret-file", "", "file with the client's secret, or the password of bindDn")
	return cmd
}

func providerReport(items []client.IdentityProvider) report {
	r := report{header: []string{"NAME", "TYPE", "SERVER", "PROVISION", "GROUPS", "DISABLED", "ID"}, extra: 1, data: items}
	for _, p := range items {
		server := ""
		if p.Oidc != nil {
			server = p.Oidc.Issuer
		} else if p.Ldap != nil {
			server = p.Ldap.Url
		}
		r.add(p.Name, p.Name, string(p.Type), server, fmt.Sprint(p.Provision), fmt.Sprint(len(p.Groups)), fmt.Sprint(p.Disabled), p.Id.String())
	}
	return r
}

func (a *app) printProvider(p client.IdentityProvider, err error) error {
	if err != nil {
		return err
	}
	r := providerReport([]client.IdentityProvider{p})
	r.data = p
	return a.print(r)
}

func runProviderList(ctx context.Context, a *app) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	list, err := client.Read[client.IdentityProviderList](c.ListIdentityProviders(ctx))
	if err != nil {
		return err
	}
	return a.print(providerReport(list.Items))
}

func runProviderGet(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	return a.printProvider(client.Read[client.IdentityProvider](c.GetIdentityProvider(ctx, name)))
}

func runProviderDelete(ctx context.Context, a *app, name string) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	if err := client.Done(c.DeleteIdentityProvider(ctx, name)); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "identity provider %s deleted\n", name)
	return nil
}

func runProviderWrite(ctx context.Context, a *app, verb, name, file, secretFile string) error {
	in, err := a.readProvider(file)
	if err != nil {
		return err
	}
	if secretFile != "" {
		secret, err := a.readFile(secretFile)
		if err != nil {
			return err
		}
		in.Secret = opt(trimmed(secret))
	}
	c, err := a.connect()
	if err != nil {
		return err
	}
	if verb == "create" {
		in.Name = name
		return a.printProvider(client.Read[client.IdentityProvider](c.CreateIdentityProvider(ctx, in)))
	}
	in.Name = first(in.Name, name)
	return a.printProvider(client.Read[client.IdentityProvider](c.UpdateIdentityProvider(ctx, name, in)))
}

// readProvider reads a file; what get shows can be given back.
func (a *app) readProvider(file string) (in client.NewIdentityProvider, err error) {
	if file == "" {
		return in, usagef("say what it is with -f FILE")
	}
	text, err := a.readFile(file)
	if err != nil {
		return in, err
	}
	fields := map[string]any{}
	if err := readYAML(string(text), &fields); err != nil {
		return in, usagef("%s: %w", file, err)
	}
	for _, name := range []string{"id", "type", "createdAt", "updatedAt"} {
		delete(fields, name)
	}
	if text, err = json.Marshal(fields); err != nil {
		return in, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return in, usagef("%s: %w", file, err)
	}
	return in, nil
}
