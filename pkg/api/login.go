package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/tenancy"
)

// Login is what a sign-in returns. The token goes into the Authorization header after "Bearer "; browsers hold it in a
// cookie that scripts do not see.
type Login struct {
	Token     string       `json:"token"`
	ExpiresAt time.Time    `json:"expiresAt" doc:"Moves on with use"`
	User      tenancy.User `json:"user"`
}

type loginInput struct {
	Body struct {
		Name     string `json:"name" minLength:"1" maxLength:"63"`
		Password string `json:"password" minLength:"1" maxLength:"1024"`
		Code     string `json:"code,omitempty" maxLength:"64" doc:"Of the authenticator, or a recovery code; answered by SecondFactorRequired where it is missing"`
	} `nameHint:"Credentials"`
}

type loginOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Login
}

type logoutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (s *Server) loginRoutes() {
	s.tag("login", "Signing in and out.")
	s.limited["POST /v1/login"] = true
	huma.Register(s.api, huma.Operation{Method: http.MethodPost, Path: "/v1/login", OperationID: "login", Summary: "Sign in", Tags: []string{"login"},
		Security: open, MaxBodyBytes: 16 << 10}, s.login)
	huma.Register(s.api, huma.Operation{Method: http.MethodPost, Path: "/v1/logout", OperationID: "logout", Summary: "Sign out: the session ends", Tags: []string{"login"},
		DefaultStatus: http.StatusNoContent}, func(ctx context.Context, _ *struct{}) (*logoutOutput, error) {
		if err := s.cfg.Tenancy.Logout(ctx, PrincipalFrom(ctx)); err != nil {
			return nil, err
		}
		return &logoutOutput{SetCookie: cookie(ctx, "", -1)}, nil
	})
	s.oidcRoutes()
}

func (s *Server) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	r := requestFrom(ctx)
	session, secret, err := s.cfg.Tenancy.Login(ctx, tenancy.Credentials{Name: in.Body.Name, Password: in.Body.Password, Code: in.Body.Code, Remote: r.remote, UserAgent: r.agent})
	if err != nil {
		return nil, err
	}
	return s.entered(ctx, session, secret)
}

func (s *Server) entered(ctx context.Context, session tenancy.Session, secret string) (*loginOutput, error) {
	u, err := s.cfg.Tenancy.User(ctx, session.UserID)
	if err != nil {
		return nil, err
	}
	// The session ends on the server; the cookie only has to last as long as one can.
	return &loginOutput{SetCookie: cookie(ctx, secret, sessionSeconds), Body: Login{Token: secret, ExpiresAt: session.ExpiresAt, User: u}}, nil
}

func cookie(ctx context.Context, value string, maxAge int) http.Cookie {
	//nolint:gosec // Secure unless plazad itself was started to serve plain HTTP
	return http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: requestFrom(ctx).secure, SameSite: http.SameSiteStrictMode}
}
