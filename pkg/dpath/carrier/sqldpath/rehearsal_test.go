package sqldpath_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/natsdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/sqldpath"
)

// shop takes orders at an entry, tells of them by outbox and JetStream, and asks a bank. For rehearsals it has a schema of
// their own, under a role that may touch no other.
type shop struct {
	*rig
	js             jetstream.JetStream
	real           string // the schema
	dbs            dpath.Twin[*sql.DB]
	banks          dpath.Twin[string]
	paid, rehearse atomic.Int64 // calls of the banks
	front          *httptest.Server
	client         *http.Client // what business code calls with
}

func newShop(t *testing.T) *shop {
	t.Helper()
	r := &rig{Fleet: fleet.New(t, dpath.PolicyFailover), t: t, dialect: sqldpath.Postgres, silence: fleet.Never}
	r.dsn = postgres(t)
	r.db = open(t, r.dialect, r.dsn)
	s := &shop{rig: r, js: jetStream(t, natsServer(t)), real: r.dsn[strings.LastIndexByte(r.dsn, '=')+1:]}
	role := "shadow_" + s.real
	_, err := r.db.Exec("CREATE ROLE " + role + " LOGIN; CREATE SCHEMA " + role + " AUTHORIZATION " + role)
	require.NoError(t, err)
	shadow := open(t, r.dialect, strings.Replace(server, "plaza@", role+"@", 1)+"&search_path="+role)
	for _, db := range []*sql.DB{r.db, shadow} {
		_, err := db.Exec(r.dialect.Schema() + "; CREATE TABLE placed (id text PRIMARY KEY); CREATE TABLE booked (id text PRIMARY KEY)")
		require.NoError(t, err)
	}
	s.dbs = dpath.NewTwin(r.db, shadow)
	s.serve()
	for _, db := range []*sql.DB{r.db, shadow} {
		out := &natsdpath.Carrier{Peer: s.peer("p1"), JS: s.js}
		c := &sqldpath.Carrier{Peer: s.peer("p1"), DB: db, Dialect: r.dialect}
		fleet.Run(t, func(ctx context.Context) error { return c.Relay(ctx, relayOptions(), out.Publish) })
	}
	_, err = s.js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "T", Subjects: []string{"t.>"}, Retention: jetstream.WorkQueuePolicy})
	require.NoError(t, err)
	// One process that keeps rehearsals apart, and one that does not.
	for _, p := range []*carrier.Peer{s.peer("p0"), s.Peer("p1")} {
		in := &natsdpath.Carrier{Peer: p, JS: s.js}
		sub := natsdpath.Subscription{Stream: "T", Durable: "stock", Subject: "t.orders.created", Silence: 500 * time.Millisecond, Log: fleet.Quiet}
		fleet.Run(t, func(ctx context.Context) error { return in.Consume(ctx, sub, s.book) })
	}
	return s
}

func (s *shop) peer(node string) *carrier.Peer {
	p := s.Peer(node)
	p.Rehearses = true
	return p
}

// serve starts the entry and the banks: the real one is 127.0.0.1, the simulator localhost.
func (s *shop) serve() {
	bank := func(calls *atomic.Int64) string {
		b := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			if len(r.Header["Baggage"])+len(r.Header[http.CanonicalHeaderKey(dpath.HeaderShadow)]) > 0 {
				s.t.Error("a label left for a third party")
			}
		}))
		s.t.Cleanup(b.Close)
		return b.URL
	}
	s.banks = dpath.NewTwin(bank(&s.paid), strings.Replace(bank(&s.rehearse), "127.0.0.1", "localhost", 1))
	p := &httpdpath.Peer{Peer: *s.peer("p0")}
	transport := p.Transport(httpdpath.TransportOptions{})
	s.t.Cleanup(transport.CloseIdleConnections)
	s.client = &http.Client{Transport: transport}
	s.front = httptest.NewServer(p.Entry(p.Guard(http.HandlerFunc(s.place), httpdpath.GuardOptions{}), httpdpath.EntryOptions{}))
	s.t.Cleanup(s.front.Close)
}

// place is the code of the shop; with ?fault it does what only a fault would.
func (s *shop) place(w http.ResponseWriter, r *http.Request) {
	if err := s.order(r.Context(), r.URL.Query().Get("id"), r.URL.Query().Get("fault")); err != nil {
		httpdpath.WriteError(w, err)
	}
}

func (s *shop) order(ctx context.Context, id, fault string) error {
	db, err := s.dbs.Of(ctx)
	if err != nil {
		return err
	}
	bank, err := s.banks.Of(ctx)
	if err != nil {
		return err
	}
	table := "placed"
	switch fault {
	case "table":
		table = s.real + "." + table
	case "bank":
		bank, _ = s.banks.Of(context.Background())
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing once committed
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+" VALUES ($1)", id); err != nil {
		return err
	}
	c := &sqldpath.Carrier{Peer: s.peer("p0"), DB: db, Dialect: s.dialect}
	if err := c.Emit(ctx, tx, id, &carrier.Message{ID: id, Subject: "t.orders.created"}); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, bank, nil)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	return tx.Commit()
}

// book is the consumer: it writes into the inbox and a table of the twin it is given.
func (s *shop) book(ctx context.Context, m *carrier.Message) error {
	db, err := s.dbs.Of(ctx)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing once committed
	c := &sqldpath.Carrier{Peer: s.peer("p0"), DB: db, Dialect: s.dialect}
	if first, err := c.First(ctx, tx, "stock", m.ID); err != nil || !first {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO booked VALUES ($1)", m.ID); err != nil {
		return err
	}
	return tx.Commit()
}

// call places an order and gives status and answer.
func (s *shop) call(id, fault string, header ...string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.front.URL+"/?id="+id+"&fault="+fault, nil)
	require.NoError(s.t, err)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := s.front.Client().Do(req)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(body)
}

// sum is a checksum of everything real.
func (s *shop) sum() (sum string) {
	var parts []string
	for _, table := range []string{"placed", "booked", "dpath_inbox", "dpath_outbox", "dpath_job"} {
		var one string
		require.NoError(s.t, s.db.QueryRow("SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM "+table+" t").Scan(&one))
		parts = append(parts, one)
	}
	return strings.Join(parts, "\n")
}

func (s *shop) shadows(table string) (n int) {
	db, err := s.dbs.Of(s.Shadow(""))
	require.NoError(s.t, err)
	require.NoError(s.t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&n))
	return n
}

const rehearsal = "X-Rehearsal: 1"

// A rehearsal goes the whole way, over HTTP, outbox, JetStream and inbox, and nothing real comes of it.
func TestARehearsalTouchesNothingReal(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.Publish(func(d *dpath.Document) {
		d.Rehearsal = &dpath.Rehearsal{Enable: true, Conditions: []dpath.Condition{{Type: "header", Key: "X-Rehearsal", Op: "present"}}, Simulators: []string{"localhost"}}
	})
	const orders, rehearsed = 40, 120
	for i := range orders {
		status, body := s.call(fmt.Sprint("real-", i), "", dpath.HeaderShadow+": 1", "baggage: dpath_env=_;shadow=1;kid=k1;exp=9999999999;s=AAAAAAAAAAA")
		require.Equal(t, http.StatusOK, status, body) // what poses as a rehearsal from outside is not one
	}
	fleet.Wait(t, "real orders are booked", func() bool { return s.count("booked") == orders })
	fleet.Wait(t, "and told of", func() bool { return s.count("dpath_outbox") == 0 })
	before := s.sum()

	for i := range rehearsed {
		fault := map[int]string{5: "table", 7: "bank"}[i%10]
		status, body := s.call(fmt.Sprint("shadow-", i), fault, rehearsal)
		switch fault {
		case "table":
			require.Equal(t, http.StatusBadGateway, status)
			require.Contains(t, body, "permission denied", "the role alone is a guard")
		case "bank":
			require.Equal(t, http.StatusServiceUnavailable, status)
			require.Contains(t, body, dpath.ErrNoShadow.Reason, "a real bank is not called")
		default:
			require.Equal(t, http.StatusOK, status, body)
		}
	}
	const good = rehearsed * 8 / 10
	fleet.Wait(t, "the rehearsal is booked", func() bool { return s.shadows("booked") == good })
	fleet.Wait(t, "and told of", func() bool { return s.shadows("dpath_outbox") == 0 })
	require.Equal(t, good, s.shadows("placed"))
	require.Equal(t, before, s.sum(), "everything real is as it was")
	require.EqualValues(t, orders, s.paid.Load())
	require.EqualValues(t, good, s.rehearse.Load())

	s.Publish(func(d *dpath.Document) { d.Rehearsal.Enable = false })
	status, body := s.call("late", "", rehearsal)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, dpath.ErrRehearsalOff.Reason, "it is refused, not real")
	status, body = s.call("real-late", "")
	require.Equal(t, http.StatusOK, status, body)
	fleet.Wait(t, "real ones go on", func() bool { return s.count("booked") == orders+1 })
	require.Equal(t, good, s.shadows("placed"))
}
