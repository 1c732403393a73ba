package resource

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"
)

// Audit is one line of the audit log: who did what to which object, with the spec before and after.
type Audit struct {
	bun.BaseModel `bun:"table:audit" json:"-"`

	ID          string          `bun:",pk" json:"id"`
	At          time.Time       `json:"at"`
	Actor       string          `json:"actor"`
	Remote      string          `json:"remote,omitempty"`
	Granted     string          `json:"granted,omitempty" doc:"The role on a node by which the actor might; empty for the system itself"`
	Verb        string          `json:"verb"`
	Kind        string          `json:"kind"`
	ObjectID    string          `json:"objectId"`
	ObjectName  string          `json:"objectName"`
	Project     string          `json:"project,omitempty"`
	OperationID string          `json:"operationId,omitempty"`
	Before      json.RawMessage `bun:",nullzero" json:"before,omitempty"`
	After       json.RawMessage `bun:",nullzero" json:"after,omitempty"`
	Note        string          `json:"note,omitempty"`
}

func (s *Store) audit(a Actor, verb string, m Meta, op string, before, after json.RawMessage, note string) *Audit {
	return &Audit{ID: NewID(), At: s.now(), Actor: a.Name, Remote: a.Remote, Granted: a.Granted, Verb: verb, Kind: m.Kind, ObjectID: m.ID, ObjectName: m.Name,
		Project: m.Project, OperationID: op, Before: before, After: after, Note: note}
}

// Record writes an audit row about something that changed no object.
func (s *Store) Record(ctx context.Context, actor Actor, verb string, m Meta, note string) error {
	_, err := s.db.Write.NewInsert().Model(s.audit(actor, verb, m, "", nil, nil, note)).Exec(ctx)
	return err
}

// History lists an object's audit rows, newest first. What was done to the installation itself, such as to its users,
// only those see who see everything.
func (v View) History(ctx context.Context, objectID, before string, limit int) ([]Audit, error) {
	out := []Audit{}
	if err := expectIDs("audit", objectID, before); err != nil {
		return nil, err
	}
	sel := v.limit(v.store.db.Read.NewSelect().Model((*Audit)(nil)))
	if !v.scope.all {
		sel = sel.Where("project <> ''")
	}
	if objectID != "" {
		sel = sel.Where("object_id = ?", objectID)
	}
	if before != "" {
		sel = sel.Where("id < ?", before)
	}
	err := sel.Order("id DESC").Limit(clamp(limit)).Scan(ctx, &out)
	return out, err
}
