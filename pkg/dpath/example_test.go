package dpath_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// A rule document, a registry of nodes, and one choice for each sort of call.
func Example() {
	doc, err := dpath.Parse(strings.NewReader(`{
		"enable": true, "version": 1, "entryApps": ["trade"],
		"envRules": [{"envName": "newRetail", "failoverPolicy": 0, "envAppRules": [
			{"appName": "trade", "ips": [], "machineGroups": ["trade_newRetail_host"]}]}],
		"identify": [{"envName": "newRetail", "conditions": [
			{"type": "channel", "op": "equal", "value": ["pos"]}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	store, _ := dpath.NewStore(dpath.StoreOptions{})
	err = store.Set(doc, &dpath.Registry{
		Apps: map[string][]dpath.Endpoint{"trade": {
			{ID: "trade-1", Addr: "10.0.0.1:8080"}, {ID: "trade-2", Addr: "10.0.0.2:8080"}}},
		Groups: map[string][]string{"trade_newRetail_host": {"10.0.0.2"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := store.Current()
	health := dpath.NewTable().View(cfg)
	for _, channel := range []string{"web", "pos"} {
		env := cfg.Identify(&dpath.Facts{Channel: channel})
		d, err := dpath.Pick(cfg, env, "trade", health, nil, rand.NewPCG(1, 2))
		fmt.Println(channel, d.Node.ID, d.Label, err)
	}
	// Output:
	// web trade-1 common <nil>
	// pos trade-2 dedicated <nil>
}

// The label is signed once at the entry and verified at every hop.
func ExampleSign() {
	keys, _ := dpath.NewKeyring("1", map[string][]byte{"1": []byte("a key of sixteen bytes or more")})
	label, _ := dpath.Sign(keys, "newRetail", "0af7651916cd43dd8448eb211c80319c", time.Now(), time.Minute)
	h := http.Header{}
	label.Inject(h)

	got, err := dpath.Verify(keys, h, time.Now())
	fmt.Println(got.Env(), err)

	h.Set("Baggage", strings.Replace(h.Get("Baggage"), "newRetail", "other", 1))
	got, err = dpath.Verify(keys, h, time.Now())
	fmt.Printf("%q %v\n", got.Env(), err)
	// Output:
	// newRetail <nil>
	// "" dpath: label not accepted: bad_signature
}
