package resource

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

const resealBatch = 100

// Reseal seals anew what an older key has sealed, and returns how many objects that were. Changes that are made
// meanwhile are left alone: they are sealed by the new key.
func (s *Store) Reseal(ctx context.Context, actor Actor) (int, error) {
	changed := 0
	err := s.eachSealed(ctx, func(rows []row) error {
		for _, r := range rows {
			sealed, err := s.sealer.Reseal(r.ID, r.Sealed)
			if err != nil {
				return err
			}
			if sealed == nil {
				continue
			}
			if _, err := s.db.Write.NewUpdate().Table("objects").Set("sealed = ?", sealed).Where("id = ? AND sealed = ?", r.ID, r.Sealed).Exec(ctx); err != nil {
				return err
			}
			changed++
		}
		return nil
	})
	if err != nil {
		return changed, err
	}
	m := Meta{ID: uuid.Nil.String(), Kind: "sealingkey"}
	return changed, s.Record(ctx, actor, "reseal", m, fmt.Sprintf("%d objects are sealed anew; heads of the audit are signed by %s", changed, s.sealer.SigningKey()))
}

// Resealed tells how many objects are still sealed by an older key.
func (s *Store) Resealed(ctx context.Context) (left int, err error) {
	err = s.eachSealed(ctx, func(rows []row) error {
		for _, r := range rows {
			if !s.sealer.current(r.ID, r.Sealed) {
				left++
			}
		}
		return nil
	})
	return left, err
}

func (s *Store) eachSealed(ctx context.Context, f func([]row) error) error {
	for after := uuid.Nil.String(); ; {
		var rows []row
		err := s.db.Read.NewSelect().Model(&rows).Column("id", "sealed").Where("sealed IS NOT NULL AND id > ?", after).Order("id").Limit(resealBatch).Scan(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := f(rows); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}
