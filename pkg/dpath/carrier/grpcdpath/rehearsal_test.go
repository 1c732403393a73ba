package grpcdpath_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
)

// The nodes of the rig keep nothing apart for rehearsals, so the first one refuses them; what poses as one is common.
func TestRehearsalsAreRefusedByWhoKeepsNothingApart(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	rehearse := func(on bool) {
		r.publish(func(d *dpath.Document) {
			d.Rehearsal = &dpath.Rehearsal{Enable: on, Conditions: []dpath.Condition{{Type: "header", Key: "x-rehearsal", Op: "present"}}}
		})
	}
	call := func(md metadata.MD) error {
		_, err := r.outside.UnaryCall(metadata.NewOutgoingContext(context.Background(), md), &pb.SimpleRequest{})
		return err
	}
	served := func() (n int64) {
		for _, node := range r.nodes {
			n += node.served.Load()
		}
		return n
	}
	rehearse(true)
	err := call(metadata.Pairs("x-rehearsal", "1", keyLane, lane))
	require.Equal(t, codes.PermissionDenied, status.Code(err), "%v", err)
	require.Equal(t, dpath.ErrNoShadow.Reason, grpcdpath.Reason(err))
	require.Zero(t, served())
	require.NoError(t, call(metadata.Pairs("x-dpath-shadow", "1")))
	require.Positive(t, served())
	before := served()
	rehearse(false)
	err = call(metadata.Pairs("x-rehearsal", "1"))
	require.Equal(t, dpath.ErrRehearsalOff.Reason, grpcdpath.Reason(err), "%v", err)
	require.Equal(t, before, served())
}
