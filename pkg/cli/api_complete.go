package cli

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plazacloud/plaza/pkg/client"
)

// completeCall offers methods, and then paths of the server's document, a step at a time.
func completeCall(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, cobra.ShellCompDirectiveNoFileComp
	case 1:
		return stepsFrom(strings.ToUpper(args[0]), begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// stepsFrom lists how a path may go on; that of an operation has its summary with it.
func stepsFrom(method, begun string) []string {
	lead := ""
	for _, l := range []string{"/v1/", "v1/", "/"} {
		if strings.HasPrefix(begun, l) {
			lead = l
			break
		}
	}
	have := strings.Split(begun[len(lead):], "/")
	var out []string
	offered := map[string]bool{}
	offer := func(key, text string) {
		if !offered[key] {
			offered[key] = true
			out = append(out, text)
		}
	}
	for _, c := range client.Calls {
		want := strings.Split(strings.TrimPrefix(c.Path, "/v1/"), "/")
		if c.Method != method || !leads(want, have) {
			continue
		}
		at := len(have) - 1
		path := lead + strings.Join(append(have[:at:at], want[at]), "/")
		if len(want) == len(have) {
			offer(path, path+"\t"+c.Doc)
		} else {
			offer(path+"/", path+"/")
		}
	}
	return out
}

// leads tells whether a path that was begun can become one of a form.
func leads(form, begun []string) bool {
	if len(begun) > len(form) {
		return false
	}
	last := len(begun) - 1
	for i, s := range begun[:last] {
		if s == "" || form[i] != s && !strings.HasPrefix(form[i], "{") {
			return false
		}
	}
	return strings.HasPrefix(form[last], begun[last])
}
