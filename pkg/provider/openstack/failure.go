package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/plazacloud/plaza/pkg/provider"
)

// mapped turns an error of a service into the reason the control plane acts on.
func mapped(what string, err error) error {
	if err == nil {
		return nil
	}
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return err
	}
	const again = "look at the service in the region; Plaza tries again by itself"
	reauth, refused := gophercloud.ErrUnableToReauthenticate{}, gophercloud.ErrUnexpectedResponseCode{}
	kept, silent, slow := (*notAsked)(nil), (*unreachable)(nil), net.Error(nil)
	switch {
	case errors.As(err, &kept):
		return provider.Errorf(provider.ReasonUnavailable, again, "%s: %w", what, kept)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &slow) && slow.Timeout():
		return provider.Errorf(provider.ReasonTimeout, "ask again: the outcome is unknown", "%s: %w", what, err)
	case errors.As(err, &silent):
		return provider.Errorf(provider.ReasonUnavailable, again, "%s: %w", what, silent)
	case errors.As(err, &reauth):
		return provider.Errorf(provider.ReasonUnavailable, "are the region's username and password still right?", "%s: %w", what, err)
	case errors.As(err, &refused):
		reason, hint := reasonOf(refused)
		return provider.Errorf(reason, hint, "%s: %w", what, &answer{refused, messageOf(refused.Body)})
	}
	return provider.Errorf(provider.ReasonInternal, "", "%s: %w", what, err)
}

// answer is a refusal in the service's own words.
type answer struct {
	code    gophercloud.ErrUnexpectedResponseCode
	message string
}

func (e *answer) Error() string {
	if e.message == "" {
		return fmt.Sprintf("HTTP %d %s", e.code.Actual, http.StatusText(e.code.Actual))
	}
	return e.message
}

func (e *answer) Unwrap() error { return e.code }

// scarce are words of the services for too little of something.
var scarce = regexp.MustCompile(`(?i)quota|overlimit|over limit|exceeds? allowed|no valid host|ipaddressgenerationfailure|no more ip addresses|insufficient|no space|no more free|could not find any available weighted backend|no weighed backends`)

func reasonOf(e gophercloud.ErrUnexpectedResponseCode) (provider.Reason, string) {
	body := string(e.Body)
	if e.Actual >= 400 && e.Actual < 500 && e.Actual != http.StatusNotFound && scarce.MatchString(body) {
		return provider.ReasonNoSpace, "the region's own quota or stock is used up: delete something, or ask its operator for more"
	}
	switch e.Actual {
	case http.StatusNotFound, http.StatusGone:
		return provider.ReasonNotFound, ""
	case http.StatusUnauthorized:
		return provider.ReasonUnavailable, "are the region's username and password right?"
	case http.StatusForbidden:
		return provider.ReasonInvalid, "Plaza's user needs the role admin in the region"
	case http.StatusConflict, http.StatusPreconditionFailed, http.StatusLocked:
		return provider.ReasonConflict, ""
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return provider.ReasonUnavailable, "the service asks for patience"
	case http.StatusGatewayTimeout:
		return provider.ReasonTimeout, ""
	}
	if e.Actual < 500 || e.Actual == http.StatusNotImplemented {
		return provider.ReasonInvalid, ""
	}
	return provider.ReasonUnavailable, "the service has failed inside: its log in the region says why"
}

var markup = regexp.MustCompile(`<[^>]*>|\s+`)

const longestMessage = 400

// messageOf finds the sentence in an error's body; each service wraps it in another way.
func messageOf(body []byte) string {
	text := string(body)
	var doc any
	if json.Unmarshal(body, &doc) == nil {
		text = sentence(doc, 0)
	}
	text = strings.TrimSpace(markup.ReplaceAllString(text, " "))
	if len(text) > longestMessage {
		text = text[:longestMessage] + " …"
	}
	return text
}

// sentence looks for the known names, then into whatever wraps them.
func sentence(doc any, depth int) string {
	if depth > 4 {
		return ""
	}
	switch v := doc.(type) {
	case string:
		var inner any
		if strings.HasPrefix(v, "{") && json.Unmarshal([]byte(v), &inner) == nil { // Ironic wraps JSON in a string
			return sentence(inner, depth+1)
		}
		return v
	case []any:
		for _, x := range v {
			if s := sentence(x, depth+1); s != "" {
				return s
			}
		}
	case map[string]any:
		for _, name := range []string{"message", "faultstring", "error_message", "detail", "description", "NeutronError", "errors"} {
			if s := sentence(v[name], depth+1); s != "" {
				return s
			}
		}
		for _, x := range v {
			if _, wrapped := x.(map[string]any); wrapped {
				if s := sentence(x, depth+1); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// isCode tells whether a service answered with that HTTP status.
func isCode(err error, code int) bool { return gophercloud.ResponseCodeIs(err, code) }

func isConflict(err error) bool { return provider.ReasonOf(err) == provider.ReasonConflict }
