// Package grpcdpath carries dedicated-path labels over grpc-go: server options
// of an entry that sets the label and of a provider's guard, and a client that
// picks the node of an app for each RPC.
//
// One [Peer] per process wires all three:
//
//	peer := &grpcdpath.Peer{Peer: carrier.Peer{Store: store, Keys: keys, App: "trade", Node: "trade-1", Addr: "10.0.0.7:9090"}}
//	client := peer.Client(grpcdpath.ClientOptions{})
//	stock := inventory.NewStockClient(client.App("inventory"))
//	server := grpc.NewServer(peer.Guard(grpcdpath.GuardOptions{})...)
//
// A handler then calls stock with the context of the call it serves.
//
// # Why no balancer
//
// The client holds one grpc.ClientConn per node instead of a resolver and a
// balancer for "dpath:///app". grpc-go keeps balancers in one registry of the
// process, tells a picker neither which nodes a call has tried nor whether the
// last one refused it, and retries by status code alone, so a refusal by the
// guard could not be told from the same code by business. With a connection
// per node each attempt is one pick by the rules of the label, all retries are
// made here, and what is never repeated can be said in a sentence: see [Conn].
package grpcdpath

import "github.com/plazacloud/plaza/pkg/dpath/carrier"

// Peer is one process on the path, as seen by gRPC.
type Peer struct{ carrier.Peer }
