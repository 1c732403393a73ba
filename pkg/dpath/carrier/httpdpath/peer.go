// Package httpdpath carries dedicated-path labels over net/http: an entry
// middleware that sets the label, a provider guard, and a client transport that
// picks the node of an app.
//
// One [Peer] per process wires all three:
//
//	peer := &httpdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys, App: "trade", Node: "trade-1", Addr: "10.0.0.7:8080"}}
//	client := &http.Client{Transport: peer.Transport(httpdpath.TransportOptions{})}
//	http.ListenAndServe(":8080", peer.Guard(mux, httpdpath.GuardOptions{}))
//
// A handler then calls other apps by name, http://inventory/v1/stock, with the
// context of the request it serves.
package httpdpath

import (
	"sync"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Peer is one process on the path, as seen by HTTP.
type Peer struct {
	carrier.Peer
	// Sidecar joins the calls that come in by Guard and go out by Outbound, by
	// their trace.
	Sidecar bool

	active sync.Map // trace id → incoming
}
