package dpath

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxDocumentBytes is the largest rule document that is read.
const MaxDocumentBytes = 256 << 10

// Document is a rule document, model v1, as written by people and published by
// a configuration centre. Use [Parse] to read one; the zero value routes
// nothing specially.
type Document struct {
	// Enable false returns every node to all traffic.
	Enable bool `json:"enable"`
	// Version is set by the centre and only ever grows; 0 means unpublished.
	Version uint64 `json:"version,omitempty"`
	// EnvRules are the dedicated environments, each a lane of its own nodes.
	EnvRules []EnvRule `json:"envRules"`
	// Identify maps requests to environments at the entry.
	Identify []IdentifyRule `json:"identify,omitempty"`
	// EntryApps are the apps at which outside traffic comes in.
	EntryApps []string `json:"entryApps,omitempty"`
	// Rehearsal recognises the calls of rehearsals at the entry.
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
	// Trust names hosts outside the registry that may see the label.
	Trust *Trust `json:"trust,omitempty"`
}

// EnvRule is one dedicated environment.
type EnvRule struct {
	EnvName        string       `json:"envName"`
	FailoverPolicy Policy       `json:"failoverPolicy"`
	MinHealthy     Quorum       `json:"minHealthy,omitzero"`
	SpillAt        int          `json:"spillAt,omitempty"`
	NotBefore      *time.Time   `json:"notBefore,omitempty"`
	NotAfter       *time.Time   `json:"notAfter,omitempty"`
	EnvAppRules    []EnvAppRule `json:"envAppRules"`
}

// EnvAppRule names the dedicated nodes of one app in one environment: the
// nodes with an address in IPs and the members of MachineGroups. Both empty
// means the app has no dedicated nodes and its public nodes are shared.
type EnvAppRule struct {
	AppName        string   `json:"appName"`
	IPs            []string `json:"ips"`
	MachineGroups  []string `json:"machineGroups"`
	FailoverPolicy *Policy  `json:"failoverPolicy,omitempty"`
	State          State    `json:"state,omitempty"`
	// AllowNoPublic accepts that this rule leaves the app without public nodes.
	AllowNoPublic bool `json:"allowNoPublic,omitempty"`
}

// IdentifyRule sends the requests that meet its conditions to an environment.
// Rules are tried by ascending Priority, then in document order.
type IdentifyRule struct {
	EnvName    string      `json:"envName"`
	Priority   int         `json:"priority,omitempty"`
	Logic      string      `json:"logic,omitempty"` // all (default) or any
	Conditions []Condition `json:"conditions"`
}

// Rehearsal says which requests at the entry are a rehearsal's, so that nothing
// real comes of them. While it is not enabled they are refused, everywhere: a
// load generator that goes on must not become real traffic.
type Rehearsal struct {
	Enable     bool        `json:"enable"`
	Logic      string      `json:"logic,omitempty"` // all (default) or any
	Conditions []Condition `json:"conditions"`
	// Simulators are the hosts outside the registry that rehearsals may call.
	Simulators []string `json:"simulators,omitempty"`
}

// Condition is one test on a request fact.
type Condition struct {
	Type  string   `json:"type"`          // header, cookie, query, path, storeId, memberId, channel, sourceCIDR, tlsClient
	Key   string   `json:"key,omitempty"` // name of the header, cookie or query parameter
	Op    string   `json:"op"`            // equal, not_equal, prefix, in, not_in, regex, percentage, present
	Value []string `json:"value,omitempty"`
}

// Trust lists hosts outside the registry to which the label may be sent.
type Trust struct {
	Hosts []string `json:"hosts"`
}

// State is the phase of an app rule; only an active rule serves its lane.
type State string

// Phases of an app rule. In preparing and draining its nodes are kept out of
// the public set while the provider guard stays off.
const (
	StatePreparing State = "preparing"
	StateActive    State = "active"
	StateDraining  State = "draining"
)

// Policy says what a labelled call does when its dedicated nodes cannot serve.
type Policy int

// Failover policies; the integers are those of the rule document.
const (
	PolicyFailover Policy = 0 // use public nodes too
	PolicyStrict   Policy = 1 // refuse with lane_unavailable
	PolicySpill    Policy = 2 // use public nodes, up to spillAt each, once every dedicated node is at spillAt
)

var policyNames = [...]string{"failover", "strict", "spill"}

// String gives the policy's name.
func (p Policy) String() string {
	if p < 0 || int(p) >= len(policyNames) {
		return "policy(" + strconv.Itoa(int(p)) + ")"
	}
	return policyNames[p]
}

// UnmarshalJSON accepts 0, 1, 2 or the policy's name.
func (p *Policy) UnmarshalJSON(b []byte) error {
	var n int
	if err := json.Unmarshal(b, &n); err == nil && !bytes.Equal(b, []byte("null")) {
		*p = Policy(n)
		return nil
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("failoverPolicy must be 0, 1, 2 or a name: %w", err)
	}
	for i, name := range policyNames {
		if s == name {
			*p = Policy(i)
			return nil
		}
	}
	return fmt.Errorf("failoverPolicy %q is not one of failover, strict, spill", s)
}

// Quorum is a count of nodes, or a share of an app rule's nodes in percent.
// The zero value means one node.
type Quorum struct {
	N       int
	Percent bool
}

// Of gives the number of nodes the quorum asks of total, at least 1.
func (q Quorum) Of(total int) int {
	n := q.N
	if q.Percent {
		n = (q.N*total + 99) / 100
	}
	return max(n, 1)
}

// MarshalJSON writes 3 or "50%".
func (q Quorum) MarshalJSON() ([]byte, error) {
	if q.Percent {
		return json.Marshal(strconv.Itoa(q.N) + "%")
	}
	return json.Marshal(q.N)
}

// UnmarshalJSON accepts 3 or "50%".
func (q *Quorum) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] != '"' {
		q.Percent = false
		return json.Unmarshal(b, &q.N)
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	digits, ok := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return fmt.Errorf("minHealthy %q is neither a count nor a percentage such as \"50%%\"", s)
	}
	q.N, q.Percent = n, true
	return nil
}

// MarshalJSON writes the document's one JSON form: absent lists as [].
func (d Document) MarshalJSON() ([]byte, error) {
	type plain Document
	d.EnvRules = slices.Clone(d.EnvRules)
	for i := range d.EnvRules {
		d.EnvRules[i].EnvAppRules = slices.Clone(d.EnvRules[i].EnvAppRules)
	}
	if d.Trust != nil {
		t := *d.Trust
		d.Trust = &t
	}
	d.normalize()
	return json.Marshal(plain(d))
}

// normalize makes absent lists empty, so that a document has one JSON form.
func (d *Document) normalize() {
	if d.EnvRules == nil {
		d.EnvRules = []EnvRule{}
	}
	for i := range d.EnvRules {
		e := &d.EnvRules[i]
		if e.EnvAppRules == nil {
			e.EnvAppRules = []EnvAppRule{}
		}
		for j := range e.EnvAppRules {
			a := &e.EnvAppRules[j]
			if a.IPs == nil {
				a.IPs = []string{}
			}
			if a.MachineGroups == nil {
				a.MachineGroups = []string{}
			}
		}
	}
	if d.Trust != nil && d.Trust.Hosts == nil {
		d.Trust.Hosts = []string{}
	}
}

func (d *Document) clone() (*Document, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("dpath: encode rule document: %w", err)
	}
	c := &Document{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("dpath: decode rule document: %w", err)
	}
	c.normalize()
	return c, nil
}

// policyOf gives the policy in force for an app rule of e.
func (e *EnvRule) policyOf(a *EnvAppRule) Policy {
	if a.FailoverPolicy != nil {
		return *a.FailoverPolicy
	}
	return e.FailoverPolicy
}
