package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/ledger"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Every object is traced to its machine, rack and owner, page by page.
func TestLedgerTracesWhatIsOnAMachine(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("asset", "", "pc-7", `{"type":"server","arch":"x86_64","pooled":"host/kvm1","rack":"r7","unit":3,"serial":"S7","owner":"freshfoods"}`))
	r.refused(resource.ReasonInvalid, "asset", "", "pc-8", `{"type":"server","arch":"x86_64","pooled":"kvm1"}`)
	r.refused(resource.ReasonAlreadyExists, "asset", "", "pc-8", `{"type":"server","arch":"x86_64","pooled":"host/kvm1"}`)
	for _, name := range []string{"a", "b", "c"} {
		r.ready(r.make("volume", "p", name, `{"sizeGiB":1}`))
	}
	r.ready(r.make("server", "p", "web", serverSpec))
	book, err := kinds.OpenBook(t.Context(), r.Store)
	require.NoError(t, err)
	require.Equal(t, []ledger.Entry{{Kind: "host", ID: r.hosts["kvm1"], Name: "kvm1", Physical: true, Type: "server", State: "up", Place: "north", Asset: "pc-7", Rack: "r7", Unit: 3,
		Serial: "S7", Owner: "freshfoods"}}, book.Physical())

	servers, next, err := book.Virtual(t.Context(), "server", "", 10)
	require.NoError(t, err)
	require.Empty(t, next)
	require.Equal(t, []ledger.Entry{{Kind: "server", ID: r.server("web").ID, Name: "web", State: "Ready", Place: "north", Machine: "kvm1", Asset: "pc-7", Rack: "r7", Unit: 3,
		Serial: "S7", Owner: "p"}}, servers)
	var volumes []string
	for after := ""; ; {
		page, next, err := book.Virtual(t.Context(), "volume", after, 2)
		require.NoError(t, err)
		for _, e := range page {
			require.Equal(t, "r7", e.Rack)
			volumes = append(volumes, e.Name)
		}
		if after = next; next == "" {
			break
		}
	}
	require.Equal(t, []string{"a", "b", "c"}, volumes)
	_, _, err = book.Virtual(t.Context(), "ghost", "", 10)
	require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err))

	view, err := kinds.Pools(t.Context(), r.Store, r.site.hosts[r.hosts["kvm1"]].ObservedAt)
	require.NoError(t, err)
	require.Empty(t, view.External, "a machine of the pools is not counted beside them, too")
}
