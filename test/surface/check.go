package surface

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Took   time.Duration
}

// unknownPath stands for a path's variable where an answer is held against the document, which knows paths by their form.
var unknownPath = strings.NewReplacer("{", "", "}", "")

// Check tells what is wrong with an answer; "" for nothing. A refusal of a backend that is away is the only failure that
// may be of the server's side.
func (d *Document) Check(r Request, a Answer) string {
	if a.Status >= http.StatusInternalServerError && !unavailable(a) {
		return fmt.Sprintf("%d: %.800s", a.Status, a.Body)
	}
	if r.Operation.Stream && a.Status == http.StatusOK {
		return ""
	}
	req, err := http.NewRequest(r.Operation.Method, "http://127.0.0.1"+unknownPath.Replace(r.Operation.Path), nil) //nolint:noctx // it is not sent
	if err != nil {
		return err.Error()
	}
	res := &http.Response{StatusCode: a.Status, Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)), Request: req}
	if ok, errs := d.answers.ValidateHttpResponse(req, res); !ok {
		var why []string
		for _, e := range errs {
			why = append(why, e.Message+": "+e.Reason)
			for _, v := range e.SchemaValidationErrors {
				why = append(why, v.FieldPath+": "+v.Reason)
			}
		}
		return fmt.Sprintf("the document does not know this answer, %d %.400s: %s", a.Status, a.Body, strings.Join(why, "; "))
	}
	return ""
}

func unavailable(a Answer) bool {
	var p struct{ Reason, Detail string }
	return a.Status == http.StatusServiceUnavailable && json.Unmarshal(a.Body, &p) == nil && p.Reason == "Unavailable" && p.Detail != ""
}
