package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/ledger"
	"github.com/plazacloud/plaza/pkg/resource"
)

// LedgerList is a page of the ledger.
type LedgerList struct {
	Items []ledger.Entry `json:"items" nullable:"false"`
	Next  string         `json:"next,omitempty" doc:"Cursor of the following page; empty at the end"`
}

type ledgerInput struct {
	Kind     string `query:"kind" doc:"Only lines of this kind"`
	Place    string `query:"place" doc:"Only of this site, region or cluster"`
	Machine  string `query:"machine" doc:"Only this machine, and what is on it"`
	Rack     string `query:"rack"`
	Owner    string `query:"owner" doc:"Only what this one answers for: a name of the books, or a project's id"`
	Unbooked bool   `query:"unbooked" doc:"Only machines that are in no book"`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"500"`
	After    string `query:"after" doc:"next of the page before"`
}

func (in *ledgerInput) wants(e ledger.Entry) bool {
	is := func(want, is string) bool { return want == "" || want == is }
	return is(in.Place, e.Place) && (is(in.Machine, e.Machine) || e.Physical && in.Machine == e.Name) && is(in.Rack, e.Rack) && is(in.Owner, e.Owner) &&
		(!in.Unbooked || e.Physical && e.Asset == "")
}

func (s *Server) ledgerRoutes() {
	s.tag("ledger", "The one book of the physical and the virtual.")
	op := huma.Operation{Method: http.MethodGet, Path: "/v1/ledger", OperationID: "listLedger", Summary: "List what there is: on which machine, in which rack, and who answers for it", Tags: []string{"ledger"}}
	huma.Register(s.api, op, func(ctx context.Context, in *ledgerInput) (*Body[LedgerList], error) {
		if err := s.authorize(ctx, "list", "host", ""); err != nil {
			return nil, err
		}
		return body(s.ledger(ctx, in))
	})
}

// ledger reads one page: lines by kind, of each kind by id. A page may be shorter than its limit, and is not the last for that.
func (s *Server) ledger(ctx context.Context, in *ledgerInput) (LedgerList, error) {
	list := LedgerList{Items: []ledger.Entry{}}
	order := kinds.LedgerKinds()
	from, id, _ := strings.Cut(in.After, " ")
	at := max(slices.Index(order, from), 0)
	if in.Kind != "" {
		if at = slices.Index(order, in.Kind); at < 0 {
			return list, resource.Invalid("ledger", "kind", in.Kind, "is not one of %s", strings.Join(order, ", "))
		}
		order = order[:at+1]
	}
	book, err := kinds.OpenBook(ctx, s.cfg.Store)
	if err != nil {
		return list, err
	}
	physical := book.Physical()
	for ; at < len(order) && len(list.Items) < in.Limit; at++ {
		page, next, err := readKind(ctx, book, physical, order[at], id, in.Limit-len(list.Items))
		if err != nil {
			return list, err
		}
		for _, e := range page {
			if in.wants(e) {
				list.Items = append(list.Items, e)
			}
		}
		if id = next; next != "" {
			list.Next = order[at] + " " + next
			return list, nil
		}
	}
	if at < len(order) {
		list.Next = order[at] + " "
	}
	return list, nil
}

// readKind reads lines of one kind after an id, and the id to go on after; "" when there are no more.
func readKind(ctx context.Context, b *kinds.Book, physical []ledger.Entry, kind, after string, limit int) ([]ledger.Entry, string, error) {
	if slices.Index(kinds.LedgerKinds(), kind) > slices.Index(kinds.LedgerKinds(), ledger.KindHypervisor) {
		return b.Virtual(ctx, kind, after, limit)
	}
	var out []ledger.Entry
	for _, e := range physical {
		if e.Kind != kind || e.ID <= after {
			continue
		}
		if len(out) == limit {
			return out, out[limit-1].ID, nil
		}
		out = append(out, e)
	}
	return out, "", nil
}
