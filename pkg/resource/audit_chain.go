package resource

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/audit"
	"github.com/plazacloud/plaza/pkg/store"
)

const (
	// ChainEvery is how often a node chains what was done since.
	ChainEvery = 10 * time.Second

	chainBatch = 500
	// chainReach is how far before the newest link a row may turn up late, by a clock that is behind or a slow commit;
	// what turns up later is found by a look at all rows, which comes every chainSweep.
	chainReach = 10 * time.Minute
	chainSweep = time.Hour
)

// chainRow is a row of the audit in its place. Rows are chained soon after they were written, not with them: changes would
// have to wait for each other.
type chainRow struct {
	bun.BaseModel `bun:"table:audit_chain"`

	Seq     int64 `bun:",pk"`
	AuditID string
	Hash    string
}

// ChainAudit chains the audit rows that are not yet. Several nodes may try at once: one of them succeeds.
func (s *Store) ChainAudit(ctx context.Context) error {
	began := time.Now()
	all := began.UnixNano()-s.chainSwept.Load() > int64(chainSweep)
	for {
		n, err := s.chainBatch(ctx, all)
		if _, taken := store.UniqueViolation(err); taken {
			return nil // another node is at it
		}
		if err != nil {
			return err
		}
		if n < chainBatch {
			break
		}
	}
	if all {
		s.chainSwept.Store(began.UnixNano())
	}
	return nil
}

func (s *Store) chainBatch(ctx context.Context, all bool) (int, error) {
	last, err := s.chainEnd(ctx)
	if err != nil {
		return 0, err
	}
	var rows []Audit
	q := s.db.Read.NewSelect().Model(&rows).Where("NOT EXISTS (SELECT 1 FROM audit_chain AS c WHERE c.audit_id = audit.id)").Order("id").Limit(chainBatch)
	if !all && last.Seq > 0 {
		q = q.Where("id > ?", earlier(last.AuditID, chainReach))
	}
	if err := q.Scan(ctx); err != nil || len(rows) == 0 {
		return 0, err
	}
	links := make([]chainRow, len(rows))
	for i, r := range rows {
		entry, err := r.entry()
		if err != nil {
			return 0, err
		}
		hash, err := audit.Hash(last.Hash, last.Seq+1, entry)
		if err != nil {
			return 0, err
		}
		last = chainRow{Seq: last.Seq + 1, AuditID: r.ID, Hash: hash}
		links[i] = last
	}
	_, err = s.db.Write.NewInsert().Model(&links).Exec(ctx)
	return len(rows), err
}

// chainEnd is the last link; the zero value for none.
func (s *Store) chainEnd(ctx context.Context) (chainRow, error) {
	var last []chainRow
	err := s.db.Read.NewSelect().Model(&last).Order("seq DESC").Limit(1).Scan(ctx)
	if err != nil || len(last) == 0 {
		return chainRow{}, err
	}
	return last[0], nil
}

// earlier is the least id that could have been made at most d before id.
func earlier(id string, d time.Duration) string {
	u, err := uuid.Parse(id)
	if err != nil {
		return uuid.Nil.String()
	}
	sec, nsec := u.Time().UnixTime()
	ms := uint64(max(time.Unix(sec, nsec).Add(-d).UnixMilli(), 0)) //nolint:gosec // not negative
	var out uuid.UUID
	for i := range 6 {
		out[i] = byte(ms >> (40 - 8*i)) //nolint:gosec // one byte of it
	}
	return out.String()
}

// entry is what of a row is chained, which depends on neither database nor time zone.
func (a Audit) entry() ([]byte, error) {
	a.At = a.At.UTC()
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return audit.Canonical(plain)
}

// AuditHead chains what was done up to now, and signs how far the chain goes.
func (s *Store) AuditHead(ctx context.Context) (audit.Head, error) {
	if err := s.ChainAudit(ctx); err != nil {
		return audit.Head{}, err
	}
	last, err := s.chainEnd(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	return audit.Sign(s.sealer.signing, last.Seq, last.Hash, s.now()), nil
}

// AuditChain reads links after a place, with the hash of the one at it. A row that is gone leaves its link with a null entry.
func (s *Store) AuditChain(ctx context.Context, after int64, limit int) (links []audit.Link, before string, err error) {
	if after > 0 {
		var at chainRow
		err := s.db.Read.NewSelect().Model(&at).Where("seq = ?", after).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", Problemf(ReasonNotFound, "audit", "ask for the head to know where it ends", "there is no entry %d", after)
		}
		if err != nil {
			return nil, "", err
		}
		before = at.Hash
	}
	var rows []chainRow
	if err := s.db.Read.NewSelect().Model(&rows).Where("seq > ?", after).Order("seq").Limit(clamp(limit)).Scan(ctx); err != nil {
		return nil, "", err
	}
	entries, err := s.auditEntries(ctx, rows)
	links = make([]audit.Link, len(rows))
	for i, r := range rows {
		links[i] = audit.Link{Seq: r.Seq, Hash: r.Hash, Entry: entries[r.AuditID]}
	}
	return links, before, err
}

func (s *Store) auditEntries(ctx context.Context, links []chainRow) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	if len(links) == 0 {
		return out, nil
	}
	ids := make([]string, len(links))
	for i, l := range links {
		ids[i] = l.AuditID
	}
	var rows []Audit
	if err := s.db.Read.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		entry, err := r.entry()
		if err != nil {
			return nil, err
		}
		out[r.ID] = entry
	}
	return out, nil
}
