package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// request is what a handler may want to know about the HTTP request it serves.
type request struct {
	id        string
	remote    string
	agent     string
	secure    bool // came in over TLS
	secret    string
	principal tenancy.Principal
	log       *slog.Logger
}

type requestKey struct{}

func requestFrom(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// PrincipalFrom returns who sent the request; the zero value on public routes.
func PrincipalFrom(ctx context.Context) tenancy.Principal {
	if r := requestFrom(ctx); r != nil {
		return r.principal
	}
	return tenancy.Principal{}
}

// RemoteFrom returns the address the request came from.
func RemoteFrom(ctx context.Context) string {
	if r := requestFrom(ctx); r != nil {
		return r.remote
	}
	return ""
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// slowest bounds how long an answer may take: the longest wait for an operation, and some.
const slowest = maxWait + time.Minute

// describe gives each request its id and its deadline for writing, and logs how it went.
func (s *Server) describe(c *gin.Context) {
	r := &request{id: c.GetHeader("X-Request-Id"), remote: c.ClientIP(), agent: c.Request.UserAgent(), log: s.log}
	if !requestID.MatchString(r.id) {
		r.id = resource.NewID()
	}
	r.secure = c.Request.TLS != nil || s.cfg.Secure
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey{}, r))
	c.Header("X-Request-Id", r.id)
	start := time.Now()
	_ = http.NewResponseController(c.Writer).SetWriteDeadline(start.Add(slowest))
	c.Next()
	took := time.Since(start)
	s.metrics.observe(c, took)
	s.log.Debug("request", "request", r.id, "method", c.Request.Method, "path", c.Request.URL.Path, "status", c.Writer.Status(),
		"bytes", c.Writer.Size(), "ms", took.Milliseconds(), "remote", r.remote, "actor", r.principal.Actor.Name)
}

// rescue answers a panic with a problem that tells nothing about it; the log has the stack.
func (s *Server) rescue(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		id := requestFrom(c.Request.Context()).id
		s.log.Error("panic in a handler", "request", id, "panic", v, "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			writeProblem(c.Request.Context(), c.Writer, fmt.Errorf("panic: %v", v))
		}
		c.Abort()
	}()
	c.Next()
}

// harden sets the headers that keep browsers from being used against us.
func harden(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	c.Next()
}
