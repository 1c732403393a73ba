package api

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
	"github.com/plazacloud/plaza/pkg/tenancy/oidc"
)

const (
	// attemptCookie binds a sign-in by a provider to the browser that began it.
	attemptCookie = "plaza_login"
	oidcPath      = "/v1/login/oidc"
)

// LoginProvider is a way to sign in that a login page shows.
type LoginProvider struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	URL   string `json:"url" doc:"Where the browser goes"`
}

// LoginProviderList are the ways to sign in besides a name and a password.
type LoginProviderList struct {
	Items []LoginProvider `json:"items" nullable:"false"`
}

type ticketInput struct {
	Body struct {
		Ticket   string `json:"ticket" minLength:"1" maxLength:"128"`
		Verifier string `json:"verifier" minLength:"1" maxLength:"128" doc:"What the challenge was made of"`
	} `nameHint:"LoginTicket"`
}

// oidcRoutes let a browser go to a provider and come back. It signs in itself, or brings a ticket to a command that waits on
// its machine: GET /v1/login/oidc/NAME?port=PORT&challenge=S256.
func (s *Server) oidcRoutes() {
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/login/providers", OperationID: "listLoginProviders", Summary: "List the ways to sign in besides a password",
		Tags: []string{"login"}, Security: open}, s.loginProviders)
	huma.Register(s.api, huma.Operation{Method: http.MethodPost, Path: "/v1/login/ticket", OperationID: "redeemTicket", Summary: "Fetch the session of a browser that signed in for a command",
		Tags: []string{"login"}, Security: open, MaxBodyBytes: 16 << 10}, s.redeem)
	s.raw(oidcPath+"/callback", true, s.comeBack)
	s.raw(oidcPath+"/:provider", true, s.goThere)
	s.limited["GET "+oidcPath+"/:provider"] = true // what follows is good once, and beyond guessing
}

func (s *Server) loginProviders(ctx context.Context, _ *struct{}) (*Body[LoginProviderList], error) {
	list, err := s.cfg.Tenancy.IdentityProviders(ctx, tenancy.OIDC)
	out := LoginProviderList{Items: []LoginProvider{}}
	for _, p := range list {
		if !p.Disabled {
			out.Items = append(out.Items, LoginProvider{Name: p.Name, Title: p.Title, URL: oidcPath + "/" + p.Name})
		}
	}
	return body(out, err)
}

// goThere sends a browser to a provider.
func (s *Server) goThere(c *gin.Context) {
	ctx := c.Request.Context()
	browser := tenancy.NewBrowser()
	in := tenancy.NewAttempt{Provider: c.Param("provider"), Browser: browser, Challenge: c.Query("challenge")}
	if port := c.Query("port"); port != "" {
		in.Port, _ = strconv.Atoi(port)
		in.Port = max(in.Port, 1) // 0 would be the portal
	}
	errand, err := s.cfg.Tenancy.BeginAttempt(ctx, in)
	var address string
	if err == nil {
		address, err = oidc.Address(ctx, errand)
	}
	switch {
	case err != nil && in.Port >= 1024 && in.Port <= 65535 && resource.ReasonOf(err) != resource.ReasonInvalid: // whoever waits there is told
		c.Redirect(http.StatusFound, s.waiting(ctx, tenancy.Attempt{Port: in.Port}, tenancy.User{}, err))
		return
	case err != nil:
		s.turnAway(c, err)
		return
	}
	http.SetCookie(c.Writer, attempt(ctx, browser, 600))
	c.Redirect(http.StatusFound, address)
}

// attempt is the cookie; it comes along when the provider sends the browser back, as a strict one would not.
func attempt(ctx context.Context, value string, maxAge int) *http.Cookie {
	out := cookie(ctx, value, maxAge) //nolint:gosec // it is as secure as the session's
	out.Name, out.Path, out.SameSite = attemptCookie, oidcPath, http.SameSiteLaxMode
	return &out
}

// comeBack recognises whom a provider sends back.
func (s *Server) comeBack(c *gin.Context) {
	ctx := c.Request.Context()
	browser, _ := c.Cookie(attemptCookie)
	http.SetCookie(c.Writer, attempt(ctx, "", -1))
	began, errand, err := s.cfg.Tenancy.ResumeAttempt(ctx, c.Query("state"), browser)
	if err != nil {
		s.turnAway(c, err)
		return
	}
	user, err := s.recognise(ctx, c, errand)
	switch {
	case began.Port != 0:
		c.Redirect(http.StatusFound, s.waiting(ctx, began, user, err))
	case err != nil:
		s.turnAway(c, err)
	default:
		s.enterPortal(c, errand.Provider, user)
	}
}

func (s *Server) recognise(ctx context.Context, c *gin.Context, e tenancy.Errand) (tenancy.User, error) {
	if said := c.Query("error"); said != "" {
		return tenancy.User{}, resource.Problemf(resource.ReasonUnauthenticated, "login", "begin anew", "%s refuses: %.200q", e.Provider.Name, strings.TrimSpace(said+" "+c.Query("error_description")))
	}
	id, err := oidc.Identify(ctx, e, c.Query("code"))
	if err != nil {
		return tenancy.User{}, err
	}
	return s.cfg.Tenancy.Admit(ctx, e.Provider, id, RemoteFrom(ctx))
}

// waiting is the address of the command that waits on the browser's machine, with a ticket or with what is wrong.
func (s *Server) waiting(ctx context.Context, began tenancy.Attempt, user tenancy.User, err error) string {
	query := url.Values{}
	if err == nil {
		var ticket string
		ticket, err = s.cfg.Tenancy.Ticket(ctx, began, user)
		query.Set("ticket", ticket)
	}
	if err != nil {
		p := problemOf(ctx, err)
		query = url.Values{"reason": {string(p.Reason)}, "detail": {p.Detail}, "hint": {p.Hint}}
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(began.Port)) + "/?" + query.Encode()
}

func (s *Server) enterPortal(c *gin.Context, p tenancy.IdentityProvider, user tenancy.User) {
	ctx := c.Request.Context()
	r := requestFrom(ctx)
	_, secret, err := s.cfg.Tenancy.EnterBy(ctx, p, user, r.remote, r.agent)
	if err != nil {
		s.turnAway(c, err)
		return
	}
	session := cookie(ctx, secret, sessionSeconds)
	http.SetCookie(c.Writer, &session)
	c.Redirect(http.StatusFound, "/")
}

// sessionSeconds is the longest that a session can last.
const sessionSeconds = int(7 * 24 * time.Hour / time.Second)

func (s *Server) redeem(ctx context.Context, in *ticketInput) (*loginOutput, error) {
	r := requestFrom(ctx)
	session, secret, err := s.cfg.Tenancy.Redeem(ctx, in.Body.Ticket, in.Body.Verifier, r.remote, r.agent)
	if err != nil {
		return nil, err
	}
	return s.entered(ctx, session, secret)
}
