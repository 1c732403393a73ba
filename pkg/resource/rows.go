package resource

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// row is an object in the database.
type row struct {
	bun.BaseModel `bun:"table:objects"`

	ID                 string `bun:",pk"`
	Kind               string
	Project            string
	Name               string
	Labels             json.RawMessage
	Spec               json.RawMessage
	Sealed             []byte `bun:",nullzero"`
	Status             json.RawMessage
	Conditions         json.RawMessage
	Finalizers         json.RawMessage
	OwnerKind          string
	OwnerID            string
	Phase              Phase
	Generation         int64
	ObservedGeneration int64
	Version            int64
	Revision           int64
	LeaseHolder        string
	LeaseUntil         int64
	CreatedBy          string
	CreatedAt          time.Time
	UpdatedAt          time.Time
	DeletingAt         *time.Time
}

type indexRow struct {
	bun.BaseModel `bun:"table:object_index"`

	Kind     string
	Key      string
	Value    string
	ObjectID string
}

type eventRow struct {
	bun.BaseModel `bun:"table:events"`

	Seq      int64 `bun:",pk,autoincrement"`
	Revision int64
	Kind     string
	ObjectID string
	Project  string
	Name     string
	Change   string
	At       time.Time
}

// Usage is one change of what an object's usage is metered by; it holds until the object's next one.
type Usage struct {
	bun.BaseModel `bun:"table:usage_events" json:"-"`

	ID         string    `bun:",pk" json:"id"`
	At         time.Time `json:"at"`
	Kind       string    `json:"kind"`
	ObjectID   string    `json:"objectId"`
	ObjectName string    `json:"objectName"`
	Project    string    `json:"project"`
	Change     string    `json:"change"` // create, update, observe, delete
	Measures   Measures  `bun:"type:json" json:"measures"`
}

type idempotencyRow struct {
	bun.BaseModel `bun:"table:idempotency_keys"`

	Actor       string
	Key         string
	Hash        string
	ObjectID    string
	OperationID string
	At          time.Time
}

func (s *Store) toRaw(r *row, secrets bool) (Raw, error) {
	o := Raw{Meta: Meta{ID: r.ID, Kind: r.Kind, Project: r.Project, Name: r.Name, Generation: r.Generation, ObservedGeneration: r.ObservedGeneration,
		Version: r.Version, Revision: r.Revision, Phase: r.Phase, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()},
		Spec: r.Spec, Status: r.Status}
	if r.DeletingAt != nil {
		at := r.DeletingAt.UTC()
		o.DeletingAt = &at
	}
	if r.OwnerID != "" {
		o.Owner = &Ref{Kind: r.OwnerKind, ID: r.OwnerID}
	}
	for _, f := range []struct {
		from json.RawMessage
		to   any
	}{{r.Labels, &o.Labels}, {r.Conditions, &o.Conditions}, {r.Finalizers, &o.Finalizers}} {
		if len(f.from) == 2 { // {} or []
			continue
		}
		if err := json.Unmarshal(f.from, f.to); err != nil {
			return Raw{}, fmt.Errorf("%s %s in the database: %w", r.Kind, r.ID, err)
		}
	}
	if secrets && len(r.Sealed) > 0 {
		spec, err := s.unseal(r.ID, r.Spec, r.Sealed)
		if err != nil {
			return Raw{}, err
		}
		o.Spec = spec
	}
	return o, nil
}

func (s *Store) toRow(o Raw, sealed []byte) (*row, error) {
	r := &row{ID: o.ID, Kind: o.Kind, Project: o.Project, Name: o.Name, Spec: orEmpty(o.Spec), Sealed: sealed, Status: orEmpty(o.Status), Phase: o.Phase,
		Generation: o.Generation, ObservedGeneration: o.ObservedGeneration, Version: o.Version, CreatedBy: o.CreatedBy,
		CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, DeletingAt: o.DeletingAt}
	if o.Owner != nil {
		r.OwnerKind, r.OwnerID = o.Owner.Kind, o.Owner.ID
	}
	var err error
	if r.Labels, err = json.Marshal(orMap(o.Labels)); err != nil {
		return nil, err
	}
	if r.Conditions, err = json.Marshal(orList(o.Conditions)); err != nil {
		return nil, err
	}
	r.Finalizers, err = json.Marshal(orList(o.Finalizers))
	return r, err
}

func orEmpty(j json.RawMessage) json.RawMessage {
	if len(j) == 0 {
		return json.RawMessage("{}")
	}
	return j
}

func orMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func orList[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// indexRows lists what the object can be found by: labels and the kind's indexed paths.
func indexRows(def *Definition, o Raw) []indexRow {
	var out []indexRow
	add := func(key, value string) {
		if value != "" && len(value) <= 256 {
			out = append(out, indexRow{Kind: o.Kind, Key: key, Value: value, ObjectID: o.ID})
		}
	}
	for k, v := range o.Labels {
		add("labels."+k, v)
	}
	for _, path := range def.Indexed {
		for _, v := range Lookup(o, path) {
			add(path, v)
		}
	}
	return out
}
