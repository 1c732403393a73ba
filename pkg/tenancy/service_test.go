package tenancy

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// site is a seeded installation.
type site struct {
	*Service
	clock *clock
	db    *store.DB
	admin resource.Actor
	pass  map[string]string
}

const password = "correct horse battery"

func eachSite(t *testing.T, f func(t *testing.T, s *site)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newSite(t, db)) })
}

// cheap keeps tests quick; the real costs are measured by BenchmarkHash.
var cheap = params{memory: 64, time: 1, lanes: 1}

func newSite(t testing.TB, db *store.DB) *site {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 11, 8, 0, 0, 0, time.UTC)}
	s := &site{Service: New(db, c.Now), clock: c, db: db, pass: map[string]string{}}
	s.hasher.params = cheap
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	s.UseSealer(sealer)
	b, err := s.Bootstrap(t.Context())
	require.NoError(t, err)
	require.True(t, b.Created)
	s.pass[b.User] = b.Password
	for _, a := range seedAccounts {
		s.pass[a.Name] = password
	}
	seeded, err := s.Seed(t.Context(), s.pass)
	require.NoError(t, err)
	require.True(t, seeded.Changed)
	s.admin = s.login(t, AdminName).Actor
	return s
}

func (s *site) login(t testing.TB, name string) Principal {
	t.Helper()
	p, err := s.Authenticate(t.Context(), s.secret(t, name), "192.0.2.1")
	require.NoError(t, err)
	return p
}

func (s *site) secret(t testing.TB, name string) string {
	t.Helper()
	_, secret, err := s.Login(t.Context(), Credentials{Name: name, Password: s.pass[name], Remote: "192.0.2.1", UserAgent: "test"})
	require.NoError(t, err)
	return secret
}

func (s *site) id(t testing.TB, fullName string) string {
	t.Helper()
	n, err := s.Node(t.Context(), fullName)
	require.NoError(t, err)
	return n.ID
}

func requireReason(t testing.TB, reason resource.Reason, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, reason, resource.ReasonOf(err), "%v", err)
}

func problem(t testing.TB, err error) *resource.Problem {
	t.Helper()
	var p *resource.Problem
	require.ErrorAs(t, err, &p)
	return p
}

func (s *site) notes(t testing.TB, verb string) []resource.Audit {
	t.Helper()
	out, err := rows[resource.Audit](context.Background(), s.db.Read.NewSelect().Where("verb = ?", verb).OrderExpr("id"))
	require.NoError(t, err)
	return out
}

func TestMain(m *testing.M) { storetest.Main(m) }

func TestSignIn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		p := s.login(t, "dailymart-member")
		require.Equal(t, "dailymart-member", p.Actor.Name)
		require.Equal(t, p.UserID, p.Actor.ID)
		require.Len(t, p.Actor.Scope.Projects(), 2)
		require.True(t, p.Actor.Scope.Sees(s.id(t, "freshfoods/north/dailymart/shop")))
		require.False(t, p.Actor.Scope.Sees(s.id(t, "freshfoods/south/tealeaf/shop")))
		require.True(t, s.admin.Scope.All())
		require.Equal(t, "192.0.2.1", p.Actor.Remote)
	})
}
