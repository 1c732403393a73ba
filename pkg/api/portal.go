package api

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
)

// portalPolicy lets the portal load itself and talk to its own server, and nothing else.
const portalPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// portalRoutes answers what no route does: the portal's files, its page for paths of its own, and problems for the rest.
func (s *Server) portalRoutes() {
	s.engine.NoRoute(s.stray)
	s.engine.NoMethod(func(c *gin.Context) {
		writeProblem(c.Request.Context(), c.Writer, resource.Problemf(ReasonMethodNotAllowed, "", "allowed: "+c.Writer.Header().Get("Allow"),
			"%s is not a method of %s", c.Request.Method, c.Request.URL.Path))
	})
}

func (s *Server) stray(c *gin.Context) {
	p := c.Request.URL.Path
	read := c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	if s.cfg.Portal == nil || !read || p == "/v1" || strings.HasPrefix(p, "/v1/") {
		writeProblem(c.Request.Context(), c.Writer, resource.Problemf(resource.ReasonNotFound, "", "see /v1/openapi.yaml for what there is", "there is nothing at %s", p))
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+p), "/")
	if !s.file(c, name) && !s.file(c, "index.html") {
		writeProblem(c.Request.Context(), c.Writer, resource.Problemf(resource.ReasonNotFound, "", "build it with: make portal", "the portal is not part of this server"))
	}
}

// file serves one of the portal's files; those with a hash in their name may be kept for good. A path with an extension
// that is no file is absent, rather than a page of the portal.
func (s *Server) file(c *gin.Context, name string) bool {
	data, err := fs.ReadFile(s.cfg.Portal, name)
	if err != nil {
		if ext := path.Ext(name); ext != "" && ext != ".html" && strings.HasPrefix(name, "assets/") {
			writeProblem(c.Request.Context(), c.Writer, resource.Problemf(resource.ReasonNotFound, "", "reload the page", "there is no file %s", name))
			return true
		}
		return false
	}
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", portalPolicy)
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Vary", "Accept-Encoding")
	if packed := s.packed(name, data); packed != nil && strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") && c.GetHeader("Range") == "" {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
		data = packed
	}
	c.Status(http.StatusOK)
	http.ServeContent(c.Writer, c.Request, name, time.Time{}, bytes.NewReader(data))
	return true
}

// packed returns a text file of the portal compressed, which is done once; nil for what gains nothing by it.
func (s *Server) packed(name string, data []byte) []byte {
	if ext := path.Ext(name); len(data) < 1024 || ext != ".js" && ext != ".css" && ext != ".html" && ext != ".svg" {
		return nil
	}
	if known, ok := s.archive.Load(name); ok {
		return known.([]byte)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil || w.Close() != nil {
		return nil
	}
	s.archive.Store(name, b.Bytes())
	return b.Bytes()
}
