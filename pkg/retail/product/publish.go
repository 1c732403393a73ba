package product

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// verb answers POST /v1/products/{sku}:publish and :unpublish.
func (s *Service) verb(w http.ResponseWriter, r *http.Request) {
	sku, verb, _ := strings.Cut(r.PathValue("verb"), ":")
	publish := verb == "publish"
	if !publish && verb != "unpublish" {
		problem.Write(w, problem.NotFound("verb", verb))
		return
	}
	centre.Post(s.Centre, func(ctx context.Context, tx pgx.Tx, _ *http.Request, _ struct{}) (centre.Reply, error) {
		return s.publish(ctx, tx, sku, publish)
	})(w, r)
}

func (s *Service) publish(ctx context.Context, tx pgx.Tx, sku string, on bool) (centre.Reply, error) {
	var barcode, price bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM barcode b WHERE b.sku = k.code),
		EXISTS (SELECT 1 FROM price_list p WHERE p.sku = k.code AND p.active @> now())
		FROM sku k WHERE code = $1 FOR UPDATE`, sku).Scan(&barcode, &price)
	if err != nil {
		return centre.Reply{}, notFound(err, sku)
	}
	if on && (!barcode || !price) {
		return centre.Reply{}, problem.Conflict("not_sellable", "A published SKU needs a barcode and a price that is effective now.",
			"POST a price to /v1/products/"+sku+"/prices, or create the SKU with its barcode.").
			With("hasBarcode", barcode).With("hasPrice", price)
	}
	if _, err := tx.Exec(ctx, `UPDATE sku SET published = $2, version = version + 1, updated_at = now()
		WHERE code = $1 AND published <> $2`, sku, on); err != nil {
		return centre.Reply{}, err
	}
	p, err := one(ctx, tx, sku, "", "", nil)
	if err != nil {
		return centre.Reply{}, err
	}
	event := map[bool]string{true: "product.published", false: "product.unpublished"}[on]
	return centre.Reply{Status: http.StatusOK, Body: p}, centre.Emit(ctx, tx, "product", sku, event, p)
}

// Edit is the body of PATCH /v1/products/{sku}; absent members stay as they are.
type Edit struct {
	NameZH *string `json:"nameZh,omitempty"`
	NameEN *string `json:"nameEn,omitempty"`
	Unit   *string `json:"unit,omitempty"`
}

func (s *Service) edit(w http.ResponseWriter, r *http.Request) {
	p, err := s.applyEdit(r)
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	centre.WriteJSON(w, centre.Reply{Body: p, ETag: centre.ETag(p.Version)})
}

func (s *Service) applyEdit(r *http.Request) (p Product, err error) {
	ctx, sku := r.Context(), r.PathValue("sku")
	version, err := centre.IfMatch(r)
	if err != nil {
		return p, err
	}
	var in Edit
	if err := centre.ReadJSON(r, &in); err != nil {
		return p, err
	}
	err = s.InTx(ctx, func(tx pgx.Tx) error {
		var code string
		err := tx.QueryRow(ctx, `UPDATE sku SET name_zh = coalesce($3, name_zh), name_en = coalesce($4, name_en),
			unit = coalesce($5, unit), version = version + 1, updated_at = now()
			WHERE code = $1 AND version = $2 RETURNING code`, sku, version, in.NameZH, in.NameEN, in.Unit).Scan(&code)
		if errors.Is(err, pgx.ErrNoRows) {
			if _, err := one(ctx, tx, sku, "", "", nil); err != nil {
				return err
			}
			return centre.Stale()
		}
		if err != nil {
			return err
		}
		if p, err = one(ctx, tx, sku, "", "", nil); err != nil {
			return err
		}
		return centre.Emit(ctx, tx, "product", sku, "product.edited", p)
	})
	return p, err
}
