package resource

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// AckState says what a subscriber did with a version.
type AckState string

const (
	AckApplied AckState = "applied"
	AckRefused AckState = "refused" // it goes on with what it applied before
)

const (
	// MaxSubscribers bounds how many an object has; those not heard of for forgetSubscriber make room.
	MaxSubscribers   = 1000
	forgetSubscriber = 7 * 24 * time.Hour
	maxAckReason     = 1024 // bytes
	maxReport        = 16 << 10
)

// Ack tells what a subscriber did with a version.
type Ack struct {
	Subscriber string   `json:"subscriber" minLength:"1" maxLength:"128" pattern:"^[A-Za-z0-9]([A-Za-z0-9._:/@-]*[A-Za-z0-9])?$" doc:"Its own name, one for each process that takes versions over"`
	Version    int64    `json:"version" minimum:"1"`
	State      AckState `json:"state" enum:"applied,refused"`
	Reason     string   `json:"reason,omitempty" maxLength:"1024" doc:"Why it was refused"`
	// Report is kept as it is, the last alone.
	Report map[string]any `json:"report,omitempty" doc:"What it tells of its own, at most 16 KiB; of rules of dedicated paths, the calls of the last seconds"`
}

// Subscriber is the last that was heard of one that follows an object's versions.
type Subscriber struct {
	bun.BaseModel `bun:"table:subscribers" json:"-"`

	ObjectID string    `bun:",pk" json:"-"`
	Name     string    `bun:",pk" json:"subscriber"`
	Version  int64     `json:"version" doc:"The last it acknowledged"`
	State    AckState  `json:"state" enum:"applied,refused"`
	Reason   string    `json:"reason,omitempty"`
	Applied  int64     `json:"applied" doc:"The last it took over; 0 for none"`
	Lag      int64     `bun:"-" json:"lag" doc:"How many versions what it applies is behind the newest"`
	Report   *Report   `json:"report,omitempty" doc:"What it told of its own the last time"`
	Actor    string    `json:"actor" doc:"Who acknowledged in its name"`
	SeenAt   time.Time `json:"seenAt"`
}

// Report is an object of JSON.
type Report map[string]any

// Value implements driver.Valuer.
func (r Report) Value() (driver.Value, error) {
	text, err := json.Marshal(map[string]any(r))
	return string(text), err
}

// Scan implements sql.Scanner.
func (r *Report) Scan(src any) error {
	switch text := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(text), (*map[string]any)(r))
	case []byte:
		return json.Unmarshal(text, (*map[string]any)(r))
	}
	return fmt.Errorf("a report can not be read from %T", src)
}

var subscriberName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._:/@-]{0,126}[A-Za-z0-9])?$`)

func (a Ack) check(kind string, newest int64) error {
	p := &Problem{Reason: ReasonInvalid, Kind: kind, Detail: "the acknowledgement is not valid"}
	add := func(path string, value any, message string) {
		p.Fields = append(p.Fields, Field{Path: path, Value: value, Message: message})
	}
	if !subscriberName.MatchString(a.Subscriber) {
		add("subscriber", nil, "1 to 128 letters, digits and ._:/@- between them")
	}
	if a.State != AckApplied && a.State != AckRefused {
		add("state", a.State, "is none of applied, refused")
	}
	if len(a.Reason) > maxAckReason || !utf8.ValidString(a.Reason) || strings.ContainsRune(a.Reason, 0) {
		add("reason", nil, "at most 1024 bytes of UTF-8 without NUL")
	}
	if a.Version < 1 || a.Version > newest {
		add("version", a.Version, fmt.Sprintf("there are versions 1 to %d", newest))
	}
	if text, err := json.Marshal(a.Report); err != nil || len(text) > maxReport || strings.Contains(string(text), `\u0000`) {
		add("report", nil, "at most 16 KiB of JSON without NUL")
	}
	if p.Fields == nil {
		return nil
	}
	return p
}

// Acknowledge keeps what a subscriber did with a version. It writes one row of the subscriber's own, never the object;
// an acknowledgement that comes late, after one of a higher version, changes nothing.
func (s *Store) Acknowledge(ctx context.Context, actor Actor, kind, id string, a Ack) error {
	def, err := s.registry.Kind(kind)
	if err != nil {
		return err
	}
	if def.Versions == 0 {
		return Problemf(ReasonInvalid, def.Name, "", "a %s has no versions", def.Name)
	}
	o, err := s.View(actor.Scope).Get(ctx, def.Name, "", id)
	if err != nil {
		return err
	}
	if err := s.authorize(ctx, actor, "ack", def.Name, o.Project); err != nil {
		return err
	}
	if err := a.check(def.Name, o.Generation); err != nil {
		return err
	}
	row := &Subscriber{ObjectID: o.ID, Name: a.Subscriber, Version: a.Version, State: a.State, Reason: a.Reason, Actor: actor.Name, SeenAt: s.now()}
	if a.Report != nil {
		row.Report = (*Report)(&a.Report)
	}
	if a.State == AckApplied {
		row.Applied, row.Reason = a.Version, ""
	}
	return away(s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.room(ctx, tx, def.Name, row); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(row).On("CONFLICT (object_id, name) DO UPDATE").
			Set("version = EXCLUDED.version, state = EXCLUDED.state, reason = EXCLUDED.reason, report = EXCLUDED.report, actor = EXCLUDED.actor, seen_at = EXCLUDED.seen_at").
			Set("applied = CASE WHEN EXCLUDED.applied > subscriber.applied THEN EXCLUDED.applied ELSE subscriber.applied END").
			Where("EXCLUDED.version >= subscriber.version").Exec(ctx)
		return err
	}))
}

// room makes sure that a subscriber that is new still fits, and that the object is there still.
func (s *Store) room(ctx context.Context, tx bun.Tx, kind string, row *Subscriber) error {
	var id string
	err := tx.NewSelect().Table("objects").Column("id").Where("id = ?", row.ObjectID).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(kind, row.ObjectID)
	}
	if err != nil {
		return err
	}
	others := func() (int64, error) {
		return tx.NewSelect().Model((*Subscriber)(nil)).Where("object_id = ? AND name <> ?", row.ObjectID, row.Name).Count(ctx)
	}
	n, err := others()
	if err != nil || n < MaxSubscribers {
		return err
	}
	if _, err := tx.NewDelete().Model((*Subscriber)(nil)).Where("object_id = ? AND name <> ? AND seen_at < ?", row.ObjectID, row.Name, row.SeenAt.Add(-forgetSubscriber)).Exec(ctx); err != nil {
		return err
	}
	if n, err = others(); err != nil || n < MaxSubscribers {
		return err
	}
	return Problemf(ReasonConflict, kind, "those not heard of for a week make room", "%d subscribers follow it already", n)
}

// Subscribers returns the last heard of all that follow an object's versions, by name.
func (v View) Subscribers(ctx context.Context, kind, id string) ([]Subscriber, error) {
	o, err := v.Get(ctx, kind, "", id)
	if err != nil {
		return nil, err
	}
	rows := []Subscriber{}
	if err := v.store.db.Read.NewSelect().Model(&rows).Where("object_id = ?", o.ID).Order("name").Limit(2 * MaxSubscribers).Scan(ctx); err != nil {
		return nil, away(fmt.Errorf("subscribers of %s %s: %w", kind, id, err))
	}
	for i := range rows {
		rows[i].Lag, rows[i].SeenAt = max(o.Generation-rows[i].Applied, 0), rows[i].SeenAt.UTC()
	}
	return rows, nil
}
