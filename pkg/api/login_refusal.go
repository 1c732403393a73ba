package api

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

const (
	// refusalCookie brings the portal's sign-in page why a provider's way in ended: an address could be made up by anybody.
	refusalCookie  = "plaza_refusal"
	signInPage     = "/sign-in"
	refusalSeconds = 60
	longestRefusal = 600 // bytes of each text: a cookie holds 4 KiB
)

// turnAway ends a sign-in by a provider: people come to the portal's sign-in page, which says why and what to do.
func (s *Server) turnAway(c *gin.Context, err error) {
	ctx := c.Request.Context()
	if s.cfg.Portal == nil || !strings.Contains(c.GetHeader("Accept"), "text/html") {
		writeProblem(ctx, c.Writer, err)
		return
	}
	p := problemOf(ctx, err)
	text, err := json.Marshal(map[string]any{"type": p.Type, "title": p.Title, "status": p.Status, "reason": p.Reason, "detail": short(p.Detail), "hint": short(p.Hint)})
	if err != nil {
		writeProblem(ctx, c.Writer, err)
		return
	}
	told := cookie(ctx, base64.RawURLEncoding.EncodeToString(text), refusalSeconds) //nolint:gosec // the page's script reads it, and there is nothing secret in it
	told.Name, told.Path, told.HttpOnly = refusalCookie, signInPage, false
	http.SetCookie(c.Writer, &told)
	c.Redirect(http.StatusFound, signInPage)
}

// short cuts a text at a character's end.
func short(text string) string {
	if len(text) <= longestRefusal {
		return text
	}
	return strings.ToValidUTF8(text[:longestRefusal], "") + " …"
}
