package tenancy

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
)

// sealedTables hold what a sealer sealed, by the column whose value it is bound to.
var sealedTables = map[string]string{"second_factors": "user_id", "identity_providers": "id"}

// Reseal seals second factors and providers' secrets anew that an older key has sealed, and returns how many those were.
// What is changed meanwhile is left alone: it is sealed by the new key.
func (s *Service) Reseal(ctx context.Context, actor resource.Actor) (int, error) {
	changed := 0
	err := s.eachOutdated(ctx, func(table, id string, sealed, fresh []byte) error {
		changed++
		_, err := s.db.Write.NewUpdate().Table(table).Set("sealed = ?", fresh).Where("? = ? AND sealed = ?", bun.Ident(sealedTables[table]), id, sealed).Exec(ctx)
		return err
	})
	if err != nil || changed == 0 {
		return changed, err
	}
	return changed, s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		return s.audit(ctx, tx, actor, entry{verb: "reseal", kind: "sealingkey", note: fmt.Sprintf("%d second factors and secrets of identity providers are sealed anew", changed)})
	})
}

// Resealed tells how many are still sealed by an older key.
func (s *Service) Resealed(ctx context.Context) (left int, err error) {
	err = s.eachOutdated(ctx, func(string, string, []byte, []byte) error { left++; return nil })
	return left, err
}

func (s *Service) eachOutdated(ctx context.Context, f func(table, id string, sealed, fresh []byte) error) error {
	for table, key := range sealedTables {
		var kept []struct {
			ID     string
			Sealed []byte
		}
		if err := s.db.Read.NewSelect().Table(table).ColumnExpr("? AS id, sealed", bun.Ident(key)).Where("sealed IS NOT NULL").Scan(ctx, &kept); err != nil {
			return err
		}
		for _, k := range kept {
			fresh, err := s.sealer.Reseal(k.ID, k.Sealed)
			if err == nil && fresh != nil {
				err = f(table, k.ID, k.Sealed, fresh)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
