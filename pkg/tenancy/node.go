package tenancy

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// NodeType says what a node of the tree stands for. Objects live in projects only.
type NodeType string

const (
	Group      NodeType = "group"
	Subsidiary NodeType = "subsidiary"
	Brand      NodeType = "brand"
	Region     NodeType = "region"
	Store      NodeType = "store"
	Project    NodeType = "project"
)

// NodeTypes are all types, from the top of a usual tree down.
var NodeTypes = []NodeType{Group, Subsidiary, Brand, Region, Store, Project}

// RootName is the name of the tree's root: the installation itself. Full names leave it out.
const RootName = "root"

// Node is a node of the tree.
type Node struct {
	bun.BaseModel `bun:"table:nodes" json:"-"`

	ID        string            `bun:",pk" json:"id" format:"uuid"`
	ParentID  string            `bun:",nullzero" json:"parentId,omitempty" doc:"Empty for the root"`
	Path      string            `json:"path" doc:"Ids from the root to the node, each followed by a slash"`
	FullName  string            `json:"fullName" doc:"Names below the root, joined by slashes; empty for the root"`
	Type      NodeType          `json:"type" enum:"group,subsidiary,brand,region,store,project"`
	Name      string            `json:"name" doc:"Unique among the siblings"`
	Title     string            `json:"title,omitempty" doc:"Display name in any script"`
	Labels    map[string]string `bun:"type:jsonb" json:"labels,omitempty"`
	Suspended bool              `json:"suspended" doc:"Below it only the administrators of the root change anything"`
	CreatedAt time.Time         `json:"createdAt"`

	DeletingAt *time.Time `json:"deletingAt,omitempty" doc:"Since when it is being deleted with all that hangs on it"`
}

// NewNode is what CreateNode takes.
type NewNode struct {
	Parent string            `json:"parent,omitempty" doc:"Id or full name; empty for the root"`
	Type   NodeType          `json:"type" enum:"group,subsidiary,brand,region,store,project"`
	Name   string            `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"`
	Title  string            `json:"title,omitempty" maxLength:"128"`
	Labels map[string]string `json:"labels,omitempty" maxProperties:"64"`
}

// NodeChange is what UpdateNode takes; nil leaves a field as it is.
type NodeChange struct {
	Name      *string            `json:"name,omitempty" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"`
	Title     *string            `json:"title,omitempty" maxLength:"128"`
	Labels    *map[string]string `json:"labels,omitempty"`
	Suspended *bool              `json:"suspended,omitempty"`
}

// Root returns the root node.
func (s *Service) Root(ctx context.Context) (Node, error) { return s.node(ctx, s.db.Read, "") }

// Node finds a node by id or by full name such as freshfoods/north/dailymart/shop; "" and "/" are the root.
func (s *Service) Node(ctx context.Context, idOrPath string) (Node, error) {
	return s.node(ctx, s.db.Read, idOrPath)
}

func (s *Service) node(ctx context.Context, db bun.IDB, idOrPath string) (Node, error) {
	if !textual(idOrPath) {
		return Node{}, noNode(idOrPath)
	}
	q := db.NewSelect().Where("full_name = ?", strings.Trim(idOrPath, "/"))
	if id, err := uuid.Parse(idOrPath); err == nil {
		q = db.NewSelect().Where("id = ?", id.String())
	}
	n, err := row[Node](ctx, q)
	if errors.Is(err, sql.ErrNoRows) {
		return Node{}, noNode(idOrPath)
	}
	return n, err
}

func noNode(idOrPath string) error {
	return resource.Problemf(resource.ReasonNotFound, "node", "see: plaza node list", "there is no node %q", idOrPath)
}

// Children returns a node's children by name.
func (s *Service) Children(ctx context.Context, idOrPath string) ([]Node, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil {
		return nil, err
	}
	return rows[Node](ctx, s.db.Read.NewSelect().Where("parent_id = ?", n.ID).OrderExpr("name"))
}

// Subtree returns a node and everything below it, ordered by full name.
func (s *Service) Subtree(ctx context.Context, idOrPath string) ([]Node, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil {
		return nil, err
	}
	return rows[Node](ctx, below(s.db.Read.NewSelect(), n.Path).OrderExpr("full_name"))
}

// ProjectsUnder returns the ids of the projects at or below a node.
func (s *Service) ProjectsUnder(ctx context.Context, idOrPath string) ([]string, error) {
	n, err := s.Node(ctx, idOrPath)
	if err != nil {
		return nil, err
	}
	return projectsUnder(ctx, s.db.Read, n.Path)
}

func projectsUnder(ctx context.Context, db bun.IDB, path string) ([]string, error) {
	ids := []string{}
	q := below(db.NewSelect().Model((*Node)(nil)).Column("id"), path).Where("type = ?", Project)
	err := q.OrderExpr("path").Scan(ctx, &ids)
	return ids, err
}

// below limits q to a subtree: '0' is the character after '/', and ids hold neither.
func below(q *bun.SelectQuery, path string) *bun.SelectQuery {
	return q.Where("path >= ? AND path < ?", path, strings.TrimSuffix(path, "/")+"0")
}

// CreateNode adds a node below its parent.
func (s *Service) CreateNode(ctx context.Context, actor resource.Actor, in NewNode) (Node, error) {
	parent, err := s.Node(ctx, in.Parent)
	if err != nil {
		return Node{}, err
	}
	if err := s.authorizeNode(ctx, &actor, "create", "node", parent, in.Parent); err != nil {
		return Node{}, err
	}
	if err := validateNode(in, parent); err != nil {
		return Node{}, err
	}
	var n Node
	err = s.change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if parent, err = s.holdParent(ctx, tx, parent.ID, in.Parent); err != nil {
			return err
		}
		if err := parent.alive(); err != nil {
			return err
		}
		n = s.newNode(in, &parent)
		if _, err := tx.NewInsert().Model(&n).Exec(ctx); err != nil {
			return s.nodeError(err, n.Name)
		}
		return s.audit(ctx, tx, actor, n.entry("create", nil, n))
	})
	return n, err
}

// lockNode reads a node for update; asked is how the caller named it.
func (s *Service) lockNode(ctx context.Context, tx bun.Tx, id, asked string) (Node, error) {
	n, err := row[Node](ctx, s.lock(tx.NewSelect().Where("id = ?", id)))
	if errors.Is(err, sql.ErrNoRows) {
		return n, noNode(asked)
	}
	return n, err
}

// holdParent keeps a node from being removed, and, by the root's row, any node above it from being renamed or moved.
func (s *Service) holdParent(ctx context.Context, tx bun.Tx, id, asked string) (Node, error) {
	if _, err := row[Node](ctx, s.share(tx.NewSelect().Where("parent_id IS NULL"))); err != nil {
		return Node{}, err
	}
	n, err := row[Node](ctx, s.share(tx.NewSelect().Where("id = ?", id)))
	if errors.Is(err, sql.ErrNoRows) {
		return n, noNode(asked)
	}
	return n, err
}

func (s *Service) newNode(in NewNode, parent *Node) Node {
	n := Node{ID: resource.NewID(), Type: in.Type, Name: in.Name, Title: in.Title, Labels: in.Labels, CreatedAt: s.time()}
	if n.Labels == nil {
		n.Labels = map[string]string{}
	}
	n.Path = n.ID + "/"
	if parent != nil {
		n.ParentID, n.Path, n.FullName = parent.ID, parent.Path+n.Path, join(parent.FullName, n.Name)
	}
	return n
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "/" + name
}

func (s *Service) nodeError(err error, name string) error {
	if _, dup := store.UniqueViolation(err); dup {
		return resource.Problemf(resource.ReasonAlreadyExists, "node", "choose another name", "a sibling is already named %q: %w", name, err)
	}
	return err
}

// entry describes a change of the node; rows about projects are filed with the project.
func (n Node) entry(verb string, before, after any) entry {
	e := entry{verb: verb, kind: "node", id: n.ID, name: n.display(), before: before, after: after}
	if n.Type == Project {
		e.project = n.ID
	}
	return e
}

// display is the full name, or the root's name.
func (n Node) display() string {
	if n.FullName == "" {
		return RootName
	}
	return n.FullName
}

var nodeName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func validateNode(in NewNode, parent Node) error {
	p := resource.Problem{Reason: resource.ReasonInvalid, Kind: "node", Detail: "the node is not valid"}
	p.Fields = slices.Concat(nameFields(in.Name), titleFields(in.Title), labelFields(in.Labels), placeFields(in.Type, parent))
	return problemOf(p)
}

func placeFields(t NodeType, parent Node) []resource.Field {
	switch {
	case !slices.Contains(NodeTypes, t):
		return []resource.Field{{Path: "type", Message: "is none of group, subsidiary, brand, region, store, project", Value: t}}
	case parent.Type == Project:
		return []resource.Field{{Path: "parent", Message: "is a project, which holds objects and no nodes", Value: parent.FullName}}
	case t == Group && parent.Type != Group:
		return []resource.Field{{Path: "type", Message: "a group lies below a group only", Value: t}}
	}
	return nil
}

func nameFields(name string) []resource.Field {
	if len(name) > 63 || !nodeName.MatchString(name) {
		return []resource.Field{{Path: "name", Message: "must be 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends", Value: name}}
	}
	if uuid.Validate(name) == nil {
		return []resource.Field{{Path: "name", Message: "must not look like an id", Value: name}}
	}
	return nil
}

func titleFields(title string) []resource.Field {
	if utf8.RuneCountInString(title) > 128 || !textual(title) {
		return []resource.Field{{Path: "title", Message: "must be one line of at most 128 characters", Value: title}}
	}
	return nil
}

var labelKey = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$`)

func labelFields(labels map[string]string) []resource.Field {
	if len(labels) > 64 {
		return []resource.Field{{Path: "labels", Message: "must be at most 64", Value: len(labels)}}
	}
	for k, v := range labels {
		if len(k) > 63 || !labelKey.MatchString(k) || len(v) > 255 || !textual(v) {
			return []resource.Field{{Path: "labels." + printable(k, 63),
				Message: "must have a key of at most 63 letters, digits, dots, dashes and slashes, and one line of at most 255 bytes", Value: printable(v, 255)}}
		}
	}
	return nil
}

// textual tells whether a database takes s, and a terminal shows it on one line.
func textual(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// printable drops from s what is not textual and cuts it to so many bytes.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	return strings.ToValidUTF8(s[:min(len(s), limit)], "")
}

func problemOf(p resource.Problem) error {
	if len(p.Fields) == 0 {
		return nil
	}
	return &p
}
