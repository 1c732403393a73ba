package tenancy

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// entry is what an audit row says; before and after are what JSON shows of the object.
type entry struct {
	verb, kind, id, name, project, note string
	before, after                       any
}

// audit writes e in tx, so that it is told exactly when it happened.
func (s *Service) audit(ctx context.Context, tx bun.Tx, actor resource.Actor, e entry) error {
	if e.id == "" {
		e.id = uuid.Nil.String()
	}
	row := resource.Audit{ID: resource.NewID(), At: s.time(), Actor: actor.Name, Remote: actor.Remote, Granted: actor.Granted, Verb: e.verb, Kind: e.kind,
		ObjectID: e.id, ObjectName: e.name, Project: e.project, Note: e.note}
	var err error
	if row.Before, err = encode(e.before); err != nil {
		return err
	}
	if row.After, err = encode(e.after); err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&row).Exec(ctx)
	return err
}

func encode(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}
