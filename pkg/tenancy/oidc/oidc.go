// Package oidc lets users sign in by an OpenID Connect provider: the authorization code flow with PKCE, a state and a nonce.
package oidc

import (
	"cmp"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// patience is how long a provider may take for one answer.
const patience = 10 * time.Second

// flow is one errand with what its provider says of itself.
type flow struct {
	errand   tenancy.Errand
	client   *http.Client
	provider *oidc.Provider
	config   oauth2.Config
}

// open asks the provider what it is. Providers change their keys at will, and logins are rare: nothing is kept.
func open(ctx context.Context, e tenancy.Errand) (context.Context, *flow, error) {
	settings := e.Provider.OIDC
	f := &flow{errand: e, client: newClient(settings.CA)}
	ctx = oidc.ClientContext(ctx, f.client)
	var err error
	if f.provider, err = oidc.NewProvider(ctx, settings.Issuer); err != nil {
		f.client.CloseIdleConnections()
		return ctx, nil, resource.Problemf(resource.ReasonUnavailable, "identityprovider", "try again later", "%s can not be asked: %w", e.Provider.Name, err)
	}
	scopes := settings.Scopes
	if len(scopes) == 0 {
		scopes = []string{oidc.ScopeOpenID, "profile", "email"}
	}
	f.config = oauth2.Config{ClientID: settings.ClientID, ClientSecret: e.Secret, Endpoint: f.provider.Endpoint(), RedirectURL: settings.RedirectURL, Scopes: scopes}
	return ctx, f, nil
}

func newClient(authorities string) *http.Client {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities != "" {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM([]byte(authorities)) // they were checked when they were set
	}
	return &http.Client{Timeout: patience, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: config}}
}

// Address is where a browser goes to sign in.
func Address(ctx context.Context, e tenancy.Errand) (string, error) {
	_, f, err := open(ctx, e)
	if err != nil {
		return "", err
	}
	defer f.client.CloseIdleConnections()
	return f.config.AuthCodeURL(e.State, oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier)), nil
}

// Identify tells who came back with a code; Unauthenticated when what the provider gives for it does not hold.
func Identify(ctx context.Context, e tenancy.Errand, code string) (tenancy.Identity, error) {
	ctx, f, err := open(ctx, e)
	if err != nil {
		return tenancy.Identity{}, err
	}
	defer f.client.CloseIdleConnections()
	tokens, err := f.config.Exchange(ctx, code, oauth2.VerifierOption(e.Verifier))
	if err != nil {
		return tenancy.Identity{}, f.refused("it takes the code for nothing: %w", err)
	}
	said, err := f.claims(ctx, tokens)
	if err != nil {
		return tenancy.Identity{}, err
	}
	s := e.Provider.OIDC
	id := tenancy.Identity{Subject: text(said["sub"]), Name: text(said[cmp.Or(s.NameClaim, "preferred_username")]), Email: text(said["email"]),
		Groups: texts(said[cmp.Or(s.GroupsClaim, "groups")])}
	id.Verified = said["email_verified"] == true || said["email_verified"] == "true"
	return id, nil
}

func (f *flow) refused(format string, args ...any) error {
	return resource.Problemf(resource.ReasonUnauthenticated, "login", "begin anew, or ask an administrator", "the sign-in by "+f.errand.Provider.Name+" does not hold: "+format, args...)
}

// claims are those of the ID token, once its signature, issuer, audience, time and nonce are right, and for what it is silent
// about those of the user's page.
func (f *flow) claims(ctx context.Context, tokens *oauth2.Token) (map[string]any, error) {
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, f.refused("there is no ID token")
	}
	token, err := f.provider.Verifier(&oidc.Config{ClientID: f.config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, f.refused("%w", err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.errand.Nonce)) != 1 {
		return nil, f.refused("the ID token is for another sign-in")
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return nil, f.refused("%w", err)
		}
	}
	said := map[string]any{}
	if f.provider.UserInfoEndpoint() != "" {
		page, err := f.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
		if err != nil {
			return nil, f.refused("it does not tell who that is: %w", err)
		}
		if page.Subject != token.Subject {
			return nil, f.refused("the user's page is another's")
		}
		if err := page.Claims(&said); err != nil {
			return nil, f.refused("%w", err)
		}
	}
	if err := token.Claims(&said); err != nil { // over the page's
		return nil, f.refused("%w", err)
	}
	return said, nil
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// texts takes a list of groups, or a single one, as some providers write it.
func texts(v any) []string {
	if one := text(v); one != "" {
		return []string{one}
	}
	var out []string
	list, _ := v.([]any)
	for _, item := range list {
		if s := text(item); s != "" {
			out = append(out, s)
		}
	}
	return out
}
