// Command trade is the second service of the walkthrough: calls come in by
// gRPC, and go on to stock by HTTP.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing" // stands for what is generated from your own .proto
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/docs/user/dpath-services/node"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

type service struct {
	pb.UnimplementedTestServiceServer
	name string
	http *http.Client
}

// UnaryCall answers with the names of the nodes that served it.
func (s *service) UnaryCall(ctx context.Context, _ *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://stock/", nil) // the host is the app, the context has the label
	if err != nil {
		return nil, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, status.Errorf(codes.Unavailable, "stock answered %s: %s", resp.Status, body)
	}
	return &pb.SimpleResponse{Hostname: s.name + " " + strings.TrimSpace(string(body))}, nil
}

func main() {
	dir := flag.String("dir", ".", "where rules, nodes and keys are")
	name := flag.String("node", "trade-1", "name of this node")
	listen := flag.String("listen", "127.0.0.1:8021", "address to serve on, as the registry has it")
	flag.Parse()
	peer, err := node.Join(*dir, "trade", *name, *listen)
	if err != nil {
		log.Fatal(err)
	}
	transport := (&httpdpath.Peer{Peer: peer}).Transport(httpdpath.TransportOptions{})
	guard := (&grpcdpath.Peer{Peer: peer}).Guard(grpcdpath.GuardOptions{})
	server := grpc.NewServer(guard...)
	pb.RegisterTestServiceServer(server, &service{name: *name, http: &http.Client{Transport: transport}})
	socket, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(socket))
}
