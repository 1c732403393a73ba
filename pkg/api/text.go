package api

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/plazacloud/plaza/pkg/resource"
)

// textual refuses addresses with what no text holds: databases refuse it or, worse, end there.
func textual(c *gin.Context) {
	ok := isText(c.Request.URL.Path)
	for name, values := range c.Request.URL.Query() {
		ok = ok && isText(name) && isText(strings.Join(values, ""))
	}
	if !ok {
		writeProblem(c.Request.Context(), c.Writer, resource.Problemf(ReasonMalformed, "", "send UTF-8 without the character NUL", "the address is not text"))
		c.Abort()
		return
	}
	c.Next()
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

var errNUL = errors.New("a text in it holds the character NUL")

// textJSON is JSON whose texts are such that a database keeps them.
func textJSON() huma.Format {
	f := huma.DefaultJSONFormat
	unmarshal := f.Unmarshal
	f.Unmarshal = func(data []byte, v any) error {
		if holdsNUL(data) {
			return errNUL
		}
		return unmarshal(data, v)
	}
	return f
}

// holdsNUL finds \u0000 where the backslash is not one that is meant.
func holdsNUL(data []byte) bool {
	for {
		i := bytes.Index(data, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		before := data[:i+1]
		if escapes := len(before) - len(bytes.TrimRight(before, `\`)); escapes%2 == 1 {
			return true
		}
		data = data[i+1:]
	}
}
