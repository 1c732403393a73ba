package haproxy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// identify writes the rules of environments in force, in the order they are tried.
func (p *page) identify(d *dpath.Document, cfg *dpath.Config) {
	rules := slices.Clone(d.Identify)
	slices.SortStableFunc(rules, func(a, b dpath.IdentifyRule) int { return cmp.Compare(a.Priority, b.Priority) })
	for i, r := range rules {
		if !cfg.HasEnv(r.EnvName) {
			continue
		}
		ifs, err := tests(r.Logic, r.Conditions)
		if err != nil {
			p.note("rule %d for environment %s is left out: %v", i+1, r.EnvName, err)
			continue
		}
		p.Identify = append(p.Identify, line{Value: r.EnvName, Ifs: ifs})
	}
}

// rehearsal refuses the calls of rehearsals, which must not become real for want
// of a label that HAProxy does not sign.
func (p *page) rehearsal(r *dpath.Rehearsal) (err error) {
	if r == nil {
		return nil
	}
	if p.Rehearsals, err = tests(r.Logic, r.Conditions); err != nil {
		return fmt.Errorf("haproxy: rehearsal: %w; without that its calls would be real ones", err)
	}
	p.note("calls of rehearsals are refused; have them enter by dpathd")
	return nil
}

// tests gives alternatives, each of them conditions that must all hold.
func tests(logic string, conditions []dpath.Condition) (ifs []string, err error) {
	for _, c := range conditions {
		test, err := condition(c)
		if err != nil {
			return nil, err
		}
		if logic == "any" || len(ifs) == 0 {
			ifs = append(ifs, test)
		} else {
			ifs[0] += " " + test
		}
	}
	return ifs, nil
}

var token = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// condition is one test in HAProxy's words.
func condition(c dpath.Condition) (string, error) {
	if c.Key != "" && !token.MatchString(c.Key) {
		return "", fmt.Errorf("name %q has a character that HAProxy reads in its own way", c.Key)
	}
	if c.Type == "sourceCIDR" {
		return negate("{ src -m ip "+strings.Join(c.Value, " ")+" }", c.Op == "not_in"), nil
	}
	fetch, ok := map[string]string{
		"header": "req.fhdr(" + c.Key + ",1)",
		"cookie": "req.cook(" + c.Key + ")",
		"query":  "url_param(" + c.Key + "),url_dec(1)",
		"path":   "path,url_dec",
	}[c.Type]
	if !ok {
		return "", fmt.Errorf("HAProxy does not know %s", c.Type)
	}
	match, ok := map[string]string{"present": "found", "equal": "str", "not_equal": "str", "in": "str", "not_in": "str", "prefix": "beg", "regex": "reg"}[c.Op]
	if !ok {
		return "", fmt.Errorf("HAProxy can not compute %s as others do", c.Op)
	}
	test := "{ " + fetch + " -m " + match
	if len(c.Value) > 0 {
		test += " --"
	}
	for _, v := range c.Value {
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return "", fmt.Errorf("value %q holds a control character", v)
		}
		test += " " + quote(v)
	}
	return negate(test+" }", c.Op == "not_equal" || c.Op == "not_in"), nil
}

func negate(test string, is bool) string {
	if is {
		return "!" + test
	}
	return test
}

// quote makes a word of HAProxy's file that stands for itself.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
