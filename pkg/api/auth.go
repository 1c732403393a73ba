package api

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
)

// sessionCookie holds the portal's session.
const sessionCookie = "plaza_session"

// authenticate lets in who shows a session or token. Every route that is not declared public needs one.
func (s *Server) authenticate(c *gin.Context) {
	ctx := c.Request.Context()
	if c.FullPath() == "" || s.public[c.Request.Method+" "+c.FullPath()] {
		c.Next()
		return
	}
	secret, byCookie := credential(c.Request)
	if byCookie && !safe(c.Request) {
		writeProblem(ctx, c.Writer, resource.Problemf(resource.ReasonForbidden, "", "send the header X-Plaza-CSRF: 1",
			"a change signed by a cookie must come from the portal itself"))
		c.Abort()
		return
	}
	r := requestFrom(ctx)
	p, err := s.cfg.Tenancy.Authenticate(ctx, secret, r.remote)
	if err == nil && p.LacksFactor && !strings.HasPrefix(c.FullPath()+"/", "/v1/me/") && c.FullPath() != "/v1/logout" {
		err = resource.Problemf(resource.ReasonForbidden, "user", "make one with: plaza totp enrol", "a second factor is demanded here, and %s has none", p.UserName)
	}
	if err != nil {
		writeProblem(ctx, c.Writer, err)
		c.Abort()
		return
	}
	r.principal, r.secret = p, secret
	c.Request = c.Request.WithContext(resource.WithActor(ctx, p.Actor))
	c.Next()
}

// credential finds the secret of a session or token in the Authorization header or the cookie.
func credential(r *http.Request) (secret string, byCookie bool) {
	if scheme, rest, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest), false
	}
	if c, err := r.Cookie(sessionCookie); err == nil {
		return c.Value, true
	}
	return "", false
}

// safe tells whether a request that carries a cookie may be trusted to come from our own pages: another site can make a
// browser send the cookie, but neither this header nor a same-origin Sec-Fetch-Site.
func safe(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return r.Header.Get("X-Plaza-CSRF") != "" || r.Header.Get("Sec-Fetch-Site") == "same-origin"
}
