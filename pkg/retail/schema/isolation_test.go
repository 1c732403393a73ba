package schema_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/retailtest"
	"github.com/plazacloud/plaza/pkg/retail/schema"
)

func TestMain(m *testing.M) { retailtest.Main(m) }

var keyword = regexp.MustCompile(`(?i)\b(select|insert|update|delete|from|join|create|alter|table)\b`)

// No SQL of any centre names a schema: each one sees its own by its search path.
func TestNoSQLNamesASchema(t *testing.T) {
	named := regexp.MustCompile(`\b(` + strings.Join(daemon.Apps(), "|") + `)"?\."?[a-z_]+`)
	checked := 0
	for _, dir := range append(daemon.Apps(), "centre") {
		require.NoError(t, filepath.WalkDir("../"+dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || strings.HasSuffix(path, "_test.go") {
				return err
			}
			for where, sql := range statements(t, path) {
				checked++
				require.NotRegexp(t, named, sql, where)
			}
			return nil
		}))
	}
	require.Greater(t, checked, 50)
}

func statements(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	switch filepath.Ext(path) {
	case ".sql":
		raw, err := os.ReadFile(path) //nolint:gosec // the repository's own file
		require.NoError(t, err)
		out[path] = string(raw)
	case ".go":
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && keyword.MatchString(l.Value) {
				out[set.Position(l.Pos()).String()] = l.Value
			}
			return true
		})
	}
	return out
}

func TestARoleReachesNoOtherSchema(t *testing.T) {
	ctx := context.Background()
	admin := retailtest.Database(t, daemon.Apps()...)
	table := map[string]string{"product": "sku", "inventory": "balance", "trade": "orders"}
	for _, role := range daemon.Apps() {
		u, err := schema.RoleURL(admin, role, schema.Password(retailtest.Secret, role))
		require.NoError(t, err)
		conn, err := pgx.Connect(ctx, u)
		require.NoError(t, err)
		for _, other := range daemon.Apps() {
			_, err := conn.Exec(ctx, fmt.Sprintf("SELECT * FROM %s.%s", other, table[other]))
			if other == role {
				require.NoError(t, err)
				continue
			}
			require.ErrorContains(t, err, "permission denied for schema "+other)
			_, err = conn.Exec(ctx, "SET ROLE "+other)
			require.ErrorContains(t, err, "permission denied")
		}
		_, err = conn.Exec(ctx, "CREATE TABLE public.leak (x int)")
		require.ErrorContains(t, err, "permission denied")
		require.NoError(t, conn.Close(ctx))
	}
}

func TestMigrateTwiceAndInParallel(t *testing.T) {
	admin := retailtest.Database(t)
	o := schema.Options{AdminURL: admin, Schemas: daemon.Apps(), Wait: 10 * time.Second, Log: retailtest.Quiet(),
		Password: func(role string) string { return schema.Password(retailtest.Secret, role) }}
	done := make(chan error, 3)
	for range cap(done) {
		go func() { done <- schema.Migrate(context.Background(), o) }()
	}
	for range cap(done) {
		require.NoError(t, <-done)
	}
	require.NoError(t, schema.Migrate(context.Background(), o))
}

func TestMigrateSaysThatPostgreSQLIsAbsent(t *testing.T) {
	err := schema.Migrate(context.Background(), schema.Options{AdminURL: "postgres://nobody@127.0.0.1:1/x", Wait: time.Second, Log: retailtest.Quiet()})
	require.ErrorContains(t, err, "did not answer within")
}
