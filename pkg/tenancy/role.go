package tenancy

import (
	"slices"
	"strings"
)

// Role is what a user may do at and below a node; policy.cedar says what each allows.
type Role string

const (
	Admin      Role = "admin"
	Operator   Role = "operator"
	Member     Role = "member"
	Reader     Role = "reader"
	Auditor    Role = "auditor"        // reads bindings too, and changes nothing
	Billing    Role = "billing-reader" // reads what is used and what it costs, and nothing else
	Subscriber Role = "subscriber"     // of tokens alone: follows configurations and does nothing else
)

// Roles are the built-in roles in the order in which a refusal recommends them.
var Roles = []Role{Subscriber, Reader, Auditor, Billing, Member, Operator, Admin}

// bindableRoles is what Bind takes besides the names of custom roles.
const bindableRoles = "admin, operator, member, reader, auditor, billing-reader"

// bindable tells whether users can hold the role; a program gets Subscriber by its token, so that it holds nothing else.
func (r Role) bindable() bool { return slices.Contains(Roles, r) && r != Subscriber }

// meet is a role that allows nothing but what both allow, as wide as there is one; "" when there is none.
func (r Role) meet(other Role) Role {
	has := func(roles ...Role) bool { return slices.Contains(roles, r) && slices.Contains(roles, other) }
	switch {
	case r == other, other == Admin:
		return r
	case r == Admin:
		return other
	case has(Reader, Member, Operator):
		return Reader
	case has(Subscriber, Reader, Member, Operator): // each of the others allows what it does
		return Subscriber
	case has(Billing, Auditor, Reader, Member, Operator):
		return Billing
	}
	return ""
}

// Grant is a role on a node.
type Grant struct {
	Role     Role     `json:"role" doc:"Built in, or the name of a custom role"`
	NodeID   string   `json:"nodeId"`
	Node     string   `json:"node" doc:"Full name of the node; empty for the root"`
	Title    string   `json:"title,omitempty"`
	NodeType NodeType `json:"nodeType"`

	path   string
	custom *CustomRole
}

func (g Grant) String() string {
	if g.Node == "" {
		return string(g.Role) + " on the root"
	}
	return string(g.Role) + " on " + g.Node
}

// narrow limits grants to what a role ("" any) on a node (path "" any) allows.
func narrow(grants []Grant, role Role, node Node) []Grant {
	out := []Grant{}
	for _, g := range grants {
		if g.custom != nil && role != "" && role != Admin { // of a custom role only its reading is known to be in others
			g.Role, g.custom = Reader, nil
		}
		if role != "" {
			g.Role = g.Role.meet(role)
		}
		switch {
		case g.Role == "":
			continue
		case node.ID == "", strings.HasPrefix(g.path, node.Path):
		case strings.HasPrefix(node.Path, g.path):
			g.NodeID, g.Node, g.Title, g.NodeType, g.path = node.ID, node.FullName, node.Title, node.Type, node.Path
		default:
			continue
		}
		out = append(out, g)
	}
	return out
}
