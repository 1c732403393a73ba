package store

import "context"

// MigrateTo stops at a version, for tests that begin from an old one.
func (db *DB) MigrateTo(ctx context.Context, version int64) error { return db.migrateTo(ctx, version) }
