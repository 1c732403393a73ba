// Command web is the first service of the walkthrough: calls come in by HTTP,
// and go on to trade by gRPC.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	pb "google.golang.org/grpc/interop/grpc_testing" // stands for what is generated from your own .proto

	"github.com/plazacloud/plaza/docs/user/dpath-services/node"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

func main() {
	dir := flag.String("dir", ".", "where rules, nodes and keys are")
	name := flag.String("node", "web-1", "name of this node")
	listen := flag.String("listen", "127.0.0.1:8011", "address to serve on, as the registry has it")
	flag.Parse()
	peer, err := node.Join(*dir, "web", *name, *listen)
	if err != nil {
		log.Fatal(err)
	}

	client := (&grpcdpath.Peer{Peer: peer}).Client(grpcdpath.ClientOptions{
		Idempotent: func(string) bool { return true }, // asking twice does no harm here
	})
	trade := pb.NewTestServiceClient(client.App("trade"))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		answer, err := trade.UnaryCall(r.Context(), &pb.SimpleRequest{}) // the context has the label
		if err != nil {
			httpdpath.WriteError(w, err)
			return
		}
		_, _ = fmt.Fprintln(w, *name, answer.GetHostname())
	})

	guard := (&httpdpath.Peer{Peer: peer}).Guard(mux, httpdpath.GuardOptions{Exempt: []string{"/healthz"}})
	server := &http.Server{Addr: *listen, Handler: guard, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
