package dpath

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	appName   = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)
	groupName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)
)

const maxRegex = 256

// Validate checks the whole document and returns warnings, or an
// [*InvalidError] listing every fault by JSON path. With groups nil, group
// names are not resolved. What needs the nodes themselves (one node in one
// environment, a public node left) is checked by [Compile].
func (d *Document) Validate(groups GroupResolver) ([]Problem, error) {
	v := &validation{doc: d, groups: groups}
	v.envs()
	v.identify()
	v.entry()
	return v.warnings, v.err()
}

type validation struct {
	doc    *Document
	groups GroupResolver
	findings
}

// claim is one address or group that a rule took for an environment.
type claim struct {
	path, env string
	addr      match
}

func (v *validation) envs() {
	seen := map[string]bool{}
	claims := map[string][]claim{}
	for i := range v.doc.EnvRules {
		e := &v.doc.EnvRules[i]
		path := fmt.Sprintf("$.envRules[%d]", i)
		if !isEnv(e.EnvName) {
			v.add(path+".envName", "bad_name", "a letter, then up to 31 letters, digits, _ or -", "environment name %q is not valid", e.EnvName)
		}
		if seen[e.EnvName] {
			v.add(path+".envName", "duplicate_env", "merge the two rules", "environment %q appears twice", e.EnvName)
		}
		seen[e.EnvName] = true
		v.env(e, path)
		v.apps(e, path, claims)
	}
}

func (v *validation) env(e *EnvRule, path string) {
	v.policy(e.FailoverPolicy, path)
	q := e.MinHealthy
	if q != (Quorum{}) && (q.N < 1 || q.Percent && q.N > 100) {
		v.add(path+".minHealthy", "out_of_range", "a count from 1, or 1% to 100%", "minHealthy is out of range")
	}
	if e.SpillAt < 0 {
		v.add(path+".spillAt", "out_of_range", "", "spillAt must not be negative")
	}
	if e.NotBefore != nil && e.NotAfter != nil && !e.NotBefore.Before(*e.NotAfter) {
		v.add(path+".notAfter", "empty_window", "set notAfter later than notBefore", "the campaign window ends before it begins")
	}
}

func (v *validation) policy(p Policy, path string) {
	if p < PolicyFailover || p > PolicySpill {
		v.add(path+".failoverPolicy", "out_of_range", "0 failover, 1 strict, 2 spill", "failoverPolicy %d does not exist", int(p))
	}
}

func (v *validation) apps(e *EnvRule, path string, claims map[string][]claim) {
	seen := map[string]bool{}
	for j := range e.EnvAppRules {
		a := &e.EnvAppRules[j]
		at := fmt.Sprintf("%s.envAppRules[%d]", path, j)
		if !appName.MatchString(a.AppName) {
			v.add(at+".appName", "bad_name", "letters, digits, dots, _ and -, as in a host name", "app name %q is not valid", a.AppName)
		}
		if seen[a.AppName] {
			v.add(at+".appName", "duplicate_app", "merge the two rules", "app %q appears twice in environment %q", a.AppName, e.EnvName)
		}
		seen[a.AppName] = true
		if a.FailoverPolicy != nil {
			v.policy(*a.FailoverPolicy, at)
		}
		if e.policyOf(a) == PolicySpill && e.SpillAt == 0 {
			v.add(path+".spillAt", "missing", "set the concurrency per node at which calls spill", "app %q spills but the environment has no spillAt", a.AppName)
		}
		if !slices.Contains([]State{"", StatePreparing, StateActive, StateDraining}, a.State) {
			v.add(at+".state", "bad_value", "preparing, active or draining", "state %q does not exist", a.State)
		}
		v.addresses(e, a, at, claims)
		v.machineGroups(e, a, at, claims)
	}
}

func (v *validation) addresses(e *EnvRule, a *EnvAppRule, at string, claims map[string][]claim) {
	for k, text := range a.IPs {
		path := fmt.Sprintf("%s.ips[%d]", at, k)
		m, err := parseMatch(text)
		if err != nil {
			v.add(path, "bad_address", "an IPv4 or IPv6 address, with a port or without", "%q is not the address of a node", text)
			continue
		}
		key := a.AppName + "\x00" + m.ip.String()
		v.claim(key, claim{path, e.EnvName, m}, claims, text)
	}
}

func (v *validation) machineGroups(e *EnvRule, a *EnvAppRule, at string, claims map[string][]claim) {
	for k, name := range a.MachineGroups {
		path := fmt.Sprintf("%s.machineGroups[%d]", at, k)
		if !groupName.MatchString(name) {
			v.add(path, "bad_name", "", "group name %q is not valid", name)
			continue
		}
		if v.groups != nil && !v.groups.HasGroup(name) {
			v.add(path, "unknown_group", "create the node group first, or correct the name", "node group %q does not exist", name)
		}
		v.claim(a.AppName+"\x00group\x00"+name, claim{path: path, env: e.EnvName}, claims, name)
	}
}

// claim refuses what the same app already gave away.
func (v *validation) claim(key string, c claim, claims map[string][]claim, text string) {
	for _, other := range claims[key] {
		if !c.addr.overlaps(other.addr) {
			continue
		}
		if c.env == other.env {
			v.add(c.path, "duplicate_node", "remove one of them", "%q is already listed at %s", text, other.path)
		} else {
			v.add(c.path, "node_in_two_envs", "a node serves at most one environment per app", "%q already belongs to environment %q at %s", text, other.env, other.path)
		}
	}
	claims[key] = append(claims[key], c)
}

func (v *validation) entry() {
	for i, app := range v.doc.EntryApps {
		if !appName.MatchString(app) {
			v.add(fmt.Sprintf("$.entryApps[%d]", i), "bad_name", "", "app name %q is not valid", app)
		}
	}
	if len(v.doc.EnvRules) > 0 && len(v.doc.EntryApps) == 0 {
		v.warn("$.entryApps", "no_entry_app", "list the app at which outside traffic comes in", "no entry app is listed")
	}
	if v.doc.Trust != nil {
		v.hosts(v.doc.Trust.Hosts, "$.trust.hosts")
	}
}

func (v *validation) hosts(hosts []string, path string) {
	for i, host := range hosts {
		if host == "" || strings.ContainsAny(host, "/ *@") {
			v.add(fmt.Sprintf("%s[%d]", path, i), "bad_name", "a host name without scheme, path or wildcard", "%q is not a host name", host)
		}
	}
}

func (v *validation) identify() {
	envs := map[string]bool{}
	for _, e := range v.doc.EnvRules {
		envs[e.EnvName] = true
	}
	for i, r := range v.doc.Identify {
		path := fmt.Sprintf("$.identify[%d]", i)
		if !envs[r.EnvName] {
			v.add(path+".envName", "unknown_env", "name an environment of envRules", "environment %q has no rule", r.EnvName)
		}
		v.conditions(r.Logic, r.Conditions, path)
	}
	if r := v.doc.Rehearsal; r != nil {
		v.conditions(r.Logic, r.Conditions, "$.rehearsal")
		v.hosts(r.Simulators, "$.rehearsal.simulators")
	}
}

func (v *validation) conditions(logic string, conditions []Condition, path string) {
	if logic != "" && logic != "all" && logic != "any" {
		v.add(path+".logic", "bad_value", "all or any", "logic %q does not exist", logic)
	}
	if len(conditions) == 0 {
		v.add(path+".conditions", "missing", "a rule without conditions would take all traffic", "the rule has no conditions")
	}
	for j, c := range conditions {
		v.condition(c, fmt.Sprintf("%s.conditions[%d]", path, j))
	}
}

var (
	keyedTypes   = []string{"header", "cookie", "query"}
	unkeyedTypes = []string{"path", "storeId", "memberId", "channel", "sourceCIDR", "tlsClient"}
)

func (v *validation) condition(c Condition, path string) {
	switch {
	case slices.Contains(keyedTypes, c.Type):
		if c.Key == "" {
			v.add(path+".key", "missing", "", "a %s condition needs the name in key", c.Type)
		}
	case slices.Contains(unkeyedTypes, c.Type):
		if c.Key != "" {
			v.add(path+".key", "unexpected", "remove it", "a %s condition has no key", c.Type)
		}
	default:
		v.add(path+".type", "bad_value", strings.Join(append(slices.Clone(keyedTypes), unkeyedTypes...), ", "), "condition type %q does not exist", c.Type)
	}
	v.values(c, path)
}

func (v *validation) values(c Condition, path string) {
	one := true
	switch c.Op {
	case "equal", "not_equal", "prefix", "percentage":
	case "regex":
		if len(c.Value) == 1 {
			v.regex(c.Value[0], path+".value[0]")
		}
	case "in", "not_in":
		one = false
		if len(c.Value) == 0 {
			v.add(path+".value", "missing", "", "op %s needs at least one value", c.Op)
		}
	case "present":
		one = false
		if len(c.Value) != 0 {
			v.add(path+".value", "unexpected", "remove it", "op present has no value")
		}
	default:
		v.add(path+".op", "bad_value", "equal, not_equal, prefix, in, not_in, regex, percentage or present", "op %q does not exist", c.Op)
		return
	}
	if one && len(c.Value) != 1 {
		v.add(path+".value", "wrong_count", "", "op %s needs exactly one value", c.Op)
		return
	}
	if c.Op == "percentage" {
		if _, err := parsePercent(c.Value[0]); err != nil {
			v.add(path+".value[0]", "out_of_range", "a number from 0 to 100 with at most two decimals", "percentage %q is out of range", c.Value[0])
		}
	}
	if c.Type == "sourceCIDR" {
		v.cidrs(c, path)
	}
}

func (v *validation) regex(expr, path string) {
	if len(expr) > maxRegex {
		v.add(path, "too_long", "", "the expression is longer than %d characters", maxRegex)
		return
	}
	if _, err := regexp.Compile(expr); err != nil {
		v.add(path, "bad_regex", "RE2 syntax", "%v", err)
	}
}

func (v *validation) cidrs(c Condition, path string) {
	if c.Op != "in" && c.Op != "not_in" {
		v.add(path+".op", "bad_value", "in or not_in", "a sourceCIDR condition cannot use op %s", c.Op)
		return
	}
	for i, text := range c.Value {
		if _, err := netip.ParsePrefix(text); err != nil {
			v.add(fmt.Sprintf("%s.value[%d]", path, i), "bad_cidr", "such as 10.0.0.0/8", "%q is not a CIDR", text)
		}
	}
}

// parsePercent reads "12.5" as 1250, hundredths of a percent.
func parsePercent(s string) (uint64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 2 || len(whole) > 3 {
		return 0, strconv.ErrRange
	}
	n, err := strconv.ParseUint(whole+(frac + "00")[:2], 10, 32)
	if err != nil {
		return 0, err
	}
	if n > 10000 {
		return 0, strconv.ErrRange
	}
	return n, nil
}
