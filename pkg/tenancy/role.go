package tenancy

import (
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/resource"
)

// Role is what a user may do at and below a node; policy.cedar says what each allows.
type Role string

const (
	Admin      Role = "admin"
	Operator   Role = "operator"
	Member     Role = "member"
	Reader     Role = "reader"
	Subscriber Role = "subscriber" // of tokens alone: follows configurations and does nothing else
)

// Roles are all roles, from the narrowest up, which is the order in which a refusal recommends them.
var Roles = []Role{Subscriber, Reader, Member, Operator, Admin}

// bindable tells whether users can hold the role; a program gets Subscriber by its token, so that it holds nothing else.
func (r Role) bindable() bool { return slices.Contains(Roles, r) && r != Subscriber }

// meet is the widest role that allows nothing but what both allow.
func (r Role) meet(other Role) Role {
	switch {
	case r == Subscriber, other == Subscriber: // every other role allows what it does
		return Subscriber
	case r == other, other == Admin:
		return r
	case r == Admin:
		return other
	}
	return Reader
}

// Grant is a role on a node.
type Grant struct {
	Role     Role     `json:"role" enum:"admin,operator,member,reader,subscriber"`
	NodeID   string   `json:"nodeId"`
	Node     string   `json:"node" doc:"Full name of the node; empty for the root"`
	Title    string   `json:"title,omitempty"`
	NodeType NodeType `json:"nodeType"`

	path string
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
		if role != "" {
			g.Role = g.Role.meet(role)
		}
		switch {
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

func validRole(kind string, role Role) error {
	if !role.bindable() {
		return resource.Invalid(kind, "role", role, "is none of admin, operator, member, reader")
	}
	return nil
}
