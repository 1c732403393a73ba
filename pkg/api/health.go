package api

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sort"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Version tells what runs.
type Version struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	API     string `json:"api" enum:"v1"`
}

// readyTime bounds all checks of /readyz together.
const readyTime = 3 * time.Second

func (s *Server) healthRoutes() {
	s.tag("server", "About the server itself.")
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/version", OperationID: "getVersion", Summary: "Read what version runs", Tags: []string{"server"}, Security: open},
		func(context.Context, *struct{}) (*Body[Version], error) {
			return body(Version{Version: s.cfg.Version, Go: runtime.Version(), API: "v1"}, nil)
		})
	s.raw("/healthz", true, func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	s.raw("/readyz", true, s.ready)
	s.raw("/metrics", false, s.serveMetrics)
	s.documentRoutes()
}

// ready answers 200 when requests can be served; it names what fails, but not why, as anybody may ask.
func (s *Server) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTime)
	defer cancel()
	checks := map[string]func(context.Context) error{"database": func(ctx context.Context) error { return s.cfg.Store.DB().Read.PingContext(ctx) }}
	for name, check := range s.cfg.Ready {
		checks[name] = check
	}
	var failed []string
	for name, check := range checks {
		if err := check(ctx); err != nil {
			s.log.Warn("not ready", "check", name, "error", err)
			failed = append(failed, name)
		}
	}
	if failed != nil {
		sort.Strings(failed)
		writeProblem(c.Request.Context(), c.Writer, &resource.Problem{Reason: resource.ReasonUnavailable, Detail: fmt.Sprintf("not ready: %v", failed), Hint: "the server's log says why"})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}
