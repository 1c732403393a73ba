package client

import "strings"

// Call is an operation of the server's document. The table Calls is generated from it, for requests that are made by hand.
type Call struct {
	ID     string // operationId
	Method string
	Path   string // with {names} in place of what differs
	Doc    string
	Body   string // media type of what is sent, "" when nothing is
	Next   string // parameter that takes the next of the page before, "" for what has no pages
}

// FindCall finds the operation that a request is for. path is that of its URL, escaped. nil: this client knows none.
func FindCall(method, path string) *Call {
	var found *Call
	for i := range Calls {
		c := &Calls[i]
		// A word fits better than a variable: /v1/hosts/enrol is no host.
		if c.Method == method && c.fits(path) && (found == nil || strings.Count(c.Path, "{") < strings.Count(found.Path, "{")) {
			found = c
		}
	}
	return found
}

func (c *Call) fits(path string) bool {
	want, have := strings.Split(c.Path, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i, w := range want {
		if w != have[i] && (!strings.HasPrefix(w, "{") || have[i] == "") {
			return false
		}
	}
	return true
}
