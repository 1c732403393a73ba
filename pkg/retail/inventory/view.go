package inventory

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// Node is a place that holds stock: a distribution centre, a store, or goods on their way.
type Node struct {
	Code     string `json:"code"`
	Kind     string `json:"kind"`
	NameZH   string `json:"nameZh"`
	NameEN   string `json:"nameEn"`
	Priority int    `json:"priority"`
}

func (s *Service) putNode(ctx context.Context, tx pgx.Tx, _ *http.Request, in Node) (centre.Reply, error) {
	_, err := tx.Exec(ctx, `INSERT INTO node (code, kind, name_zh, name_en, priority) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, priority = excluded.priority`,
		in.Code, in.Kind, in.NameZH, in.NameEN, in.Priority)
	if centre.Violates(err, "node_kind_check") || centre.Violates(err, "node_code_check") {
		err = problem.Invalid("bad_node", "A node needs a code and the kind dc, store or transit.", "Correct the node.")
	}
	return centre.Reply{Status: http.StatusOK, Body: in}, err
}

func (s *Service) nodes(ctx context.Context, _ *http.Request) (centre.Reply, error) {
	rows, err := s.Pool.Query(ctx, `SELECT code, kind, name_zh, name_en, priority FROM node ORDER BY priority, code LIMIT 1000`)
	if err != nil {
		return centre.Reply{}, err
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Node])
	return centre.Reply{Body: centre.PageOf(items, 1000, func(n Node) string { return n.Code })}, err
}

// Balance is the stock of one SKU at one node. ATP is what may be promised: on hand − reserved,
// and 0 for goods in transit.
type Balance struct {
	SKU      string `json:"sku"`
	Node     string `json:"node"`
	Kind     string `json:"kind"`
	OnHand   int64  `json:"onHand"`
	Reserved int64  `json:"reserved"`
	ATP      int64  `json:"atp"`
	Version  int64  `json:"version"`
}

// ATP is the network view of one SKU.
type ATP struct {
	SKU   string    `json:"sku"`
	ATP   int64     `json:"atp"`
	Nodes []Balance `json:"nodes"`
}

// atp answers GET /v1/inventory/atp?sku=A,B&node=; the answer has one item per SKU asked for.
func (s *Service) atp(ctx context.Context, r *http.Request) (centre.Reply, error) {
	skus := strings.Split(r.URL.Query().Get("sku"), ",")
	if skus[0] == "" || len(skus) > maxLines {
		return centre.Reply{}, problem.New(http.StatusBadRequest, "bad_sku", "sku must name 1 to 200 SKUs, separated by commas.", "For example ?sku=SKU-001,SKU-002.")
	}
	items, err := Stock(ctx, s.Pool, skus, r.URL.Query().Get("node"))
	return centre.Reply{Body: centre.Page[ATP]{Items: items}}, err
}

// Stock reads the network view of skus, at one node if node is not empty.
func Stock(ctx context.Context, q interface {
	Query(context.Context, string, ...any) (pgx.Rows, error)
}, skus []string, node string) ([]ATP, error) {
	rows, err := q.Query(ctx, `SELECT b.sku, b.node, n.kind, b.on_hand, b.reserved,
		CASE WHEN n.kind = 'transit' THEN 0 ELSE b.on_hand - b.reserved END, b.version
		FROM balance b JOIN node n ON n.code = b.node
		WHERE b.sku = ANY ($1) AND ($2 = '' OR b.node = $2) ORDER BY n.priority, n.code`, skus, node)
	if err != nil {
		return nil, err
	}
	balances, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Balance])
	if err != nil {
		return nil, err
	}
	at, items := map[string]int{}, make([]ATP, 0, len(skus))
	for _, k := range skus {
		if _, ok := at[k]; !ok {
			at[k] = len(items)
			items = append(items, ATP{SKU: k, Nodes: []Balance{}})
		}
	}
	for _, b := range balances {
		item := &items[at[b.SKU]]
		item.ATP += b.ATP
		item.Nodes = append(item.Nodes, b)
	}
	return items, nil
}

// Movement is one signed change of a balance.
type Movement struct {
	ID        int64     `json:"id"`
	SKU       string    `json:"sku"`
	Node      string    `json:"node"`
	Kind      string    `json:"kind"`
	OnHand    int64     `json:"onHand"`
	Reserved  int64     `json:"reserved"`
	Ref       string    `json:"ref"`
	CreatedAt time.Time `json:"createdAt"`
}

func (s *Service) movements(ctx context.Context, r *http.Request) (centre.Reply, error) {
	limit, after, err := centre.Paging(r)
	if err != nil {
		return centre.Reply{}, err
	}
	last, _ := strconv.ParseInt(after, 10, 64)
	rows, err := s.Pool.Query(ctx, `SELECT id, sku, node, kind, on_hand, reserved, ref, created_at FROM movement
		WHERE ($1 = '' OR sku = $1) AND id > $2 ORDER BY id LIMIT $3`, r.URL.Query().Get("sku"), last, limit+1)
	if err != nil {
		return centre.Reply{}, err
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Movement])
	return centre.Reply{Body: centre.PageOf(items, limit, func(m Movement) string { return strconv.FormatInt(m.ID, 10) })}, err
}

// Breach is one broken invariant; a sound centre has none.
type Breach struct {
	Invariant string `json:"invariant"`
	Subject   string `json:"subject"`
	Want      int64  `json:"want"`
	Have      int64  `json:"have"`
}

func (s *Service) invariants(ctx context.Context, _ *http.Request) (centre.Reply, error) {
	items, err := s.Breaches(ctx)
	return centre.Reply{Body: centre.Page[Breach]{Items: items}}, err
}

// Breaches checks, in one snapshot, that Σ movements = balance and that the open reservations of
// every SKU and node sum to what its balance has reserved.
func (s *Service) Breaches(ctx context.Context) ([]Breach, error) {
	rows, err := s.Pool.Query(ctx, `
WITH m AS (SELECT sku, node, sum(on_hand)::bigint AS on_hand, sum(reserved)::bigint AS reserved FROM movement GROUP BY 1, 2),
h AS (SELECT l.sku, l.node, sum(l.qty)::bigint AS qty FROM reservation r JOIN reservation_line l ON l.reservation = r.id
      WHERE r.state = 'held' GROUP BY 1, 2),
a AS (SELECT coalesce(b.sku, m.sku) || '@' || coalesce(b.node, m.node) AS subject,
             coalesce(b.on_hand, 0) AS bo, coalesce(m.on_hand, 0) AS mo,
             coalesce(b.reserved, 0) AS br, coalesce(m.reserved, 0) AS mr, coalesce(h.qty, 0) AS hq
      FROM balance b FULL JOIN m ON m.sku = b.sku AND m.node = b.node
      LEFT JOIN h ON h.sku = b.sku AND h.node = b.node)
SELECT 'movements_on_hand', subject, mo, bo FROM a WHERE mo <> bo
UNION ALL SELECT 'movements_reserved', subject, mr, br FROM a WHERE mr <> br
UNION ALL SELECT 'held_reservations', subject, hq, br FROM a WHERE hq <> br
LIMIT 100`)
	if err != nil {
		return nil, err
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Breach])
	if items == nil {
		items = []Breach{}
	}
	return items, err
}
