// Package oidctest gives tests a real OpenID Connect provider of their own, and a browser that signs in there.
package oidctest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// What the provider knows: a client, and a user with a verified address in Domain.
const (
	ClientID = "plaza"
	Secret   = "client's secret"
	User     = "test-user2"
	Subject  = "id2"
	Password = "verysecure"
	Domain   = "zitadel.ch"
)

// Provider is a running provider.
type Provider struct {
	Issuer  string
	storage *withGroups

	mu     sync.Mutex
	tamper func(claims map[string]any) string
}

// Start runs a provider whose client is sent back to redirectURL; it ends with the test.
func Start(t testing.TB, redirectURL string) *Provider {
	t.Helper()
	p := &Provider{}
	web := httptest.NewUnstartedServer(nil)
	p.Issuer = "http://" + web.Listener.Addr().String()
	clients := map[string]*storage.Client{ClientID: storage.WebClient(ClientID, Secret, redirectURL)}
	p.storage = &withGroups{Storage: storage.NewStorageWithClients(storage.NewUserStore(p.Issuer), clients), groups: map[string][]string{}}
	web.Config.Handler = p.tampered(exampleop.SetupServer(p.Issuer, p.storage, nil, false))
	web.Start()
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return p
}

// Join sets the groups of the user.
func (p *Provider) Join(groups ...string) { p.storage.set(Subject, groups) }

// Tamper has f write the ID tokens from now on, from the claims that they would have; nil ends it.
func (p *Provider) Tamper(f func(claims map[string]any) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = f
}

// Sign makes an ID token with the provider's own key.
func (p *Provider) Sign(t testing.TB, claims map[string]any) string {
	key, err := p.storage.SigningKey(context.Background())
	require.NoError(t, err)
	return Sign(t, key.Key(), key.ID(), claims)
}

// Sign makes an ID token with any RSA key.
func Sign(t testing.TB, key any, id string, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	require.NoError(t, err)
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(text)
	require.NoError(t, err)
	token, err := signed.CompactSerialize()
	require.NoError(t, err)
	return token
}

// tampered lets a test write the ID tokens in the answers of the provider.
func (p *Provider) tampered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		tamper := p.tamper
		p.mu.Unlock()
		if tamper == nil || !strings.HasSuffix(r.URL.Path, "/token") {
			next.ServeHTTP(w, r)
			return
		}
		kept := httptest.NewRecorder()
		next.ServeHTTP(kept, r)
		maps.Copy(w.Header(), kept.Header())
		body := kept.Body.Bytes()
		answer := map[string]any{}
		_ = json.Unmarshal(body, &answer)
		if token, ok := answer["id_token"].(string); ok {
			answer["id_token"] = tamper(claimsOf(token))
			body, _ = json.Marshal(answer)
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(kept.Code)
		_, _ = bytes.NewReader(body).WriteTo(w)
	})
}

func claimsOf(token string) map[string]any {
	claims := map[string]any{}
	if parts := strings.Split(token, "."); len(parts) == 3 {
		text, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(text, &claims)
	}
	return claims
}

// withGroups tells the groups of users on their pages.
type withGroups struct {
	*storage.Storage

	mu     sync.Mutex
	groups map[string][]string
}

func (s *withGroups) set(subject string, groups []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[subject] = groups
}

// SetUserinfoFromToken is what the provider asks for the user's page.
func (s *withGroups) SetUserinfoFromToken(ctx context.Context, page *oidc.UserInfo, tokenID, subject, origin string) error {
	if err := s.Storage.SetUserinfoFromToken(ctx, page, tokenID, subject, origin); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if groups := s.groups[subject]; groups != nil {
		page.AppendClaims("groups", groups)
	}
	return nil
}

// NewBrowser has cookies and follows redirects, as browsers do.
func NewBrowser() *http.Client {
	jar, _ := cookiejar.New(nil) // never fails
	return &http.Client{Jar: jar}
}

// SignIn goes to an address that leads to the provider, signs in there as the user, and returns where that ends.
func SignIn(ctx context.Context, browser *http.Client, address string) (*http.Response, error) {
	page, err := get(ctx, browser, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if err := page.Body.Close(); err != nil {
		return nil, err
	}
	id := page.Request.URL.Query().Get("authRequestID")
	if id == "" {
		return nil, fmt.Errorf("%s answers %s and leads to no login page", address, page.Status)
	}
	form := url.Values{"username": {User}, "password": {Password}, "id": {id}}
	page.Request.URL.RawQuery = ""
	return get(ctx, browser, http.MethodPost, page.Request.URL.String(), form)
}

func get(ctx context.Context, browser *http.Client, method, address string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return browser.Do(req)
}
