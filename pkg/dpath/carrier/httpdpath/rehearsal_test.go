package httpdpath_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/internal/fleet"
	"github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

// A process that has nothing apart serves no rehearsal.
func TestNoRehearsalWithoutTwins(t *testing.T) {
	t.Parallel()
	f := fleet.New(t, dpath.PolicyFailover)
	f.Rehearse(true)
	p := &httpdpath.Peer{Peer: *f.Peer("p0")}
	served := 0
	h := p.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }), httpdpath.GuardOptions{})
	ask := func() *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		dpath.FromContext(f.Shadow("")).Inject(req.Header)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w
	}
	w := ask()
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), dpath.ErrNoShadow.Reason)
	p.Rehearses = true
	require.Equal(t, http.StatusOK, ask().Code)
	f.Rehearse(false)
	require.Contains(t, ask().Body.String(), dpath.ErrRehearsalOff.Reason)
	require.Equal(t, 1, served)
	require.EqualValues(t, 2, f.Count("dpath_guard_reject_total"))
}

// A service behind a side-car that drops the label of a rehearsal causes nothing real.
func TestASidecarNoticesALostRehearsal(t *testing.T) {
	r := rig.New(t, nil, func(d *dpath.Document) {
		d.Rehearsal = &dpath.Rehearsal{Enable: true, Conditions: []dpath.Condition{{Type: "path", Op: "prefix", Value: []string{"/r/"}}}}
	})
	p := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys, App: "app1", Rehearses: true}, Sidecar: true}
	var out []bool // of each call that went on, whether it is a rehearsal's
	outbound := p.Outbound(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { out = append(out, dpath.Shadow(req.Context())) }))
	forget := false
	service := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next := httptest.NewRequest(http.MethodGet, "http://app2/", nil)
		next.Header.Set(dpath.HeaderTraceparent, req.Header.Get(dpath.HeaderTraceparent))
		if !forget {
			next.Header.Set(dpath.HeaderBaggage, req.Header.Get(dpath.HeaderBaggage))
		}
		outbound.ServeHTTP(w, next)
	})
	call := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		p.Entry(p.Guard(service, httpdpath.GuardOptions{}), httpdpath.EntryOptions{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	require.Equal(t, http.StatusOK, call("/").Code)
	require.Equal(t, http.StatusOK, call("/r/1").Code)
	forget = true
	w := call("/r/2")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), dpath.ErrShadowLost.Reason)
	require.Equal(t, http.StatusOK, call("/").Code)
	require.Equal(t, []bool{false, true, false}, out)
}
