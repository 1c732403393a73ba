package product

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// One statement answers a page: the price is the most specific one effective at $4.
const selectSQL = `
SELECT k.code, k.id, k.spu, k.name_zh, k.name_en, s.category, s.brand, k.unit,
       ARRAY(SELECT b.code FROM barcode b WHERE b.sku = k.code ORDER BY b.code) AS barcodes,
       k.published, k.version, k.updated_at,
       p.id, p.channel, p.store, p.amount, p.currency, lower(p.active), upper(p.active)
FROM sku k JOIN spu s ON s.id = k.spu
LEFT JOIN LATERAL (
    SELECT * FROM price_list q
    WHERE q.sku = k.code AND q.channel IN ('*', $1) AND q.store IN ('*', $2)
      AND q.active @> coalesce($3::timestamptz, now())
    ORDER BY q.store = '*', q.channel = '*' LIMIT 1) p ON true
`

func scan(row pgx.CollectableRow) (Product, error) {
	var p Product
	var id *uuid.UUID
	var channel, store, currency *string
	var amount *int64
	var price Price
	var from *pgTime
	err := row.Scan(&p.SKU, &p.ID, &p.SPU, &p.NameZH, &p.NameEN, &p.Category, &p.Brand, &p.Unit, &p.Barcodes,
		&p.Published, &p.Version, &p.UpdatedAt, &id, &channel, &store, &amount, &currency, &from, &price.To)
	if err == nil && id != nil {
		price.ID, price.SKU, price.Channel, price.Store = *id, p.SKU, *channel, *store
		price.Amount, price.Currency = *amount, *currency
		if from != nil {
			price.From = *from
		}
		p.Price = &price
	}
	return p, err
}

// list answers GET /v1/products?q=&category=&brand=&skus=a,b&barcode=&channel=&store=&at=&published=.
func (s *Service) list(ctx context.Context, r *http.Request) (centre.Reply, error) {
	limit, after, err := centre.Paging(r)
	if err != nil {
		return centre.Reply{}, err
	}
	at, err := instant(r)
	if err != nil {
		return centre.Reply{}, err
	}
	q := r.URL.Query()
	var skus []string
	if v := q.Get("skus"); v != "" {
		skus = strings.Split(v, ",")
		limit = max(limit, min(len(skus), centre.MaxPage))
	}
	rows, err := s.Pool.Query(ctx, selectSQL+`
WHERE k.code > $4
  AND ($5 = '' OR k.name_zh ILIKE '%' || $5 || '%' OR k.name_en ILIKE '%' || $5 || '%' OR k.code ILIKE $5 || '%')
  AND ($6 = '' OR s.category = $6) AND ($7 = '' OR s.brand = $7)
  AND ($8::text[] IS NULL OR k.code = ANY ($8))
  AND ($9 = '' OR EXISTS (SELECT 1 FROM barcode b WHERE b.sku = k.code AND b.code = $9))
  AND ($10 = '' OR k.published = ($10 = 'true'))
ORDER BY k.code LIMIT $11`,
		q.Get("channel"), q.Get("store"), at, after, like(q.Get("q")), q.Get("category"), q.Get("brand"), skus,
		q.Get("barcode"), q.Get("published"), limit+1)
	if err != nil {
		return centre.Reply{}, err
	}
	items, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Body: centre.PageOf(items, limit, func(p Product) string { return p.SKU })}, nil
}

// like escapes the wildcards of a search word, so that "50%" finds "50%".
func like(q string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) }

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func one(ctx context.Context, q querier, sku, channel, store string, at *pgTime) (Product, error) {
	rows, err := q.Query(ctx, selectSQL+`WHERE k.code = $4`, channel, store, at, sku)
	if err != nil {
		return Product{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, problem.NotFound("product", sku)
	}
	return p, err
}

func (s *Service) get(ctx context.Context, r *http.Request) (centre.Reply, error) {
	at, err := instant(r)
	if err != nil {
		return centre.Reply{}, err
	}
	p, err := one(ctx, s.Pool, r.PathValue("sku"), r.URL.Query().Get("channel"), r.URL.Query().Get("store"), at)
	return centre.Reply{Body: p, ETag: centre.ETag(p.Version)}, err
}

// NewProduct is the body of POST /v1/products: one SKU, and its SPU if SPU is not given.
type NewProduct struct {
	SKU      string     `json:"sku"`
	SPU      *uuid.UUID `json:"spu,omitempty"`
	NameZH   string     `json:"nameZh"`
	NameEN   string     `json:"nameEn"`
	Category string     `json:"category"`
	Brand    string     `json:"brand"`
	Unit     string     `json:"unit,omitempty"`
	Barcodes []string   `json:"barcodes,omitempty"`
}

func (s *Service) create(ctx context.Context, tx pgx.Tx, _ *http.Request, in NewProduct) (centre.Reply, error) {
	if in.SKU == "" || in.NameZH == "" || in.NameEN == "" {
		return centre.Reply{}, problem.Invalid("incomplete_product", "A product needs sku, nameZh and nameEn.", "Give all three.")
	}
	if in.Unit == "" {
		in.Unit = "piece"
	}
	if in.SPU == nil {
		id := uuid.Must(uuid.NewV7())
		in.SPU = &id
		if _, err := tx.Exec(ctx, `INSERT INTO spu (id, category, brand, name_zh, name_en) VALUES ($1,$2,$3,$4,$5)`,
			id, in.Category, in.Brand, in.NameZH, in.NameEN); err != nil {
			return centre.Reply{}, explain(err, in)
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO sku (code, id, spu, name_zh, name_en, unit) VALUES ($1,$2,$3,$4,$5,$6)`,
		in.SKU, uuid.Must(uuid.NewV7()), in.SPU, in.NameZH, in.NameEN, in.Unit); err != nil {
		return centre.Reply{}, explain(err, in)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO barcode (code, sku) SELECT unnest($1::text[]), $2`, in.Barcodes, in.SKU); err != nil {
		return centre.Reply{}, explain(err, in)
	}
	p, err := one(ctx, tx, in.SKU, "", "", nil)
	if err != nil {
		return centre.Reply{}, err
	}
	return centre.Reply{Status: http.StatusCreated, Body: p}, centre.Emit(ctx, tx, "product", in.SKU, "product.created", p)
}

func explain(err error, in NewProduct) error {
	switch {
	case centre.Violates(err, "spu_category_fkey"):
		return problem.NotFound("category", in.Category)
	case centre.Violates(err, "spu_brand_fkey"):
		return problem.NotFound("brand", in.Brand)
	case centre.Violates(err, "sku_spu_fkey"):
		return problem.NotFound("spu", in.SPU.String())
	case centre.Violates(err, "sku_pkey"):
		return problem.Conflict("sku_exists", "SKU "+in.SKU+" exists.", "PATCH it, or choose another code.")
	case centre.Violates(err, "barcode_pkey"):
		return problem.Conflict("barcode_taken", "A barcode belongs to another SKU.", "Find its owner with GET /v1/products?barcode=.")
	case centre.Violates(err, "sku_code_check"), centre.Violates(err, "barcode_code_check"):
		return problem.Invalid("bad_code", "A SKU code has 1 to 64 of A-Z a-z 0-9 . _ -; a barcode 8 to 14 digits.", "Correct the code.")
	}
	return err
}

// Named is the body for a category or a brand; Parent is for categories.
type Named struct {
	Code   string  `json:"code"`
	Parent *string `json:"parent,omitempty"`
	NameZH string  `json:"nameZh"`
	NameEN string  `json:"nameEn"`
}

func (s *Service) putCategory(ctx context.Context, tx pgx.Tx, _ *http.Request, in Named) (centre.Reply, error) {
	_, err := tx.Exec(ctx, `INSERT INTO category (code, parent, name_zh, name_en) VALUES ($1,$2,$3,$4)
		ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, name_zh = excluded.name_zh, name_en = excluded.name_en`,
		in.Code, in.Parent, in.NameZH, in.NameEN)
	if centre.Violates(err, "category_parent_fkey") {
		err = problem.NotFound("category", *in.Parent)
	}
	return centre.Reply{Status: http.StatusOK, Body: in}, err
}

func (s *Service) putBrand(ctx context.Context, tx pgx.Tx, _ *http.Request, in Named) (centre.Reply, error) {
	_, err := tx.Exec(ctx, `INSERT INTO brand (code, name_zh, name_en) VALUES ($1,$2,$3)
		ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en`,
		in.Code, in.NameZH, in.NameEN)
	return centre.Reply{Status: http.StatusOK, Body: in}, err
}
