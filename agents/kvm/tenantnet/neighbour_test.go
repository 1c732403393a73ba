package tenantnet

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// TestAddressThatGoesToAnotherServer answers at once by its new owner, from outside and from guests that knew the old.
func TestAddressThatGoesToAnotherServer(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	n.Publish = []provider.Publish{{Address: "10.66.0.10", Port: 8080}}
	n.Leases = []provider.Lease{{MAC: macA, Address: "10.66.0.10", Name: "old"}}
	outside := ensure(t, m, n).Publish[0].Listen
	serve(t, plug(t, n, "s1", macA, "10.66.0.10"), ":8080", "old")
	other := plug(t, n, "s3", "52:54:00:00:00:0c", "10.66.0.12")
	expect := func(want string) {
		for _, c := range []struct{ space, addr string }{{"", outside}, {other, "10.66.0.10:8080"}} {
			got, err := call(c.space, c.addr, 2*time.Second)
			require.NoError(t, err, "from %q", c.space)
			require.Equal(t, want+": hello", got)
		}
	}
	expect("old")

	require.NoError(t, deleteLink(TapName("s1", macA)))
	next := plug(t, n, "s2", macB, "10.66.0.10")
	time.Sleep(1100 * time.Millisecond) // a kernel believes what it has just learned for a second
	n.Leases = []provider.Lease{{MAC: macB, Address: "10.66.0.10", Name: "new"}}
	_, err := m.Ensure(t.Context(), n)
	require.NoError(t, err)
	serve(t, next, ":8080", "new")
	expect("new")

	n.Leases, n.Publish = nil, nil
	_, err = m.Ensure(t.Context(), n)
	require.NoError(t, err)
}
