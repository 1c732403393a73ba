package providertest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (u *storageSuite) newShare(t *testing.T) provider.Share {
	t.Helper()
	want := provider.Share{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1}
	t.Cleanup(func() { require.NoError(t, u.DeleteShare(context.Background(), u.Place, want.ID)) })
	return want
}

func (u *storageSuite) ensureShare(t *testing.T, want provider.Share) provider.ShareState {
	t.Helper()
	st, err := u.EnsureShare(t.Context(), u.Place, want)
	require.NoError(t, err)
	require.Equal(t, want.ID, st.ID)
	require.Equal(t, want.SizeGiB, st.SizeGiB)
	require.NotEmpty(t, st.FS)
	require.NotEmpty(t, st.Monitors)
	require.NotEmpty(t, st.Path)
	modes := map[string]string{}
	for _, g := range st.Access {
		require.NotEmpty(t, g.Key)
		require.NotEmpty(t, g.Client)
		modes[g.Name] = g.Mode
	}
	wanted := map[string]string{}
	for _, a := range want.Access {
		wanted[a.Name] = a.Mode
	}
	require.Equal(t, wanted, modes)
	got, err := u.GetShare(t.Context(), u.Place, want.ID)
	require.NoError(t, err)
	got.ObservedAt, got.UsedBytes = st.ObservedAt, st.UsedBytes
	require.Equal(t, st, got)
	return st
}

func (u *storageSuite) shares(t *testing.T) {
	want := u.newShare(t)
	_, err := u.GetShare(t.Context(), u.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	first := u.ensureShare(t, want)
	require.Equal(t, first.Path, u.ensureShare(t, want).Path)
	want.SizeGiB = 3
	u.ensureShare(t, want)
	want.SizeGiB = 2
	u.ensureShare(t, want)
	if u.Witness.Share != nil {
		path, there := u.Witness.Share(t, want.ID)
		require.True(t, there)
		require.Equal(t, first.Path, path)
	}
	all, err := u.ListShares(t.Context(), u.Place)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(s provider.ShareState) bool { return s.ID == want.ID && s.SizeGiB == 2 && s.Path == first.Path }))
	for range 2 {
		require.NoError(t, u.DeleteShare(t.Context(), u.Place, want.ID))
	}
	_, err = u.GetShare(t.Context(), u.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	if u.Witness.Share != nil {
		_, there := u.Witness.Share(t, want.ID)
		require.False(t, there)
	}
	u.ensureShare(t, want) // the id may come back
}

// shareAccess lets clients in and out, and looks from a client's side.
func (u *storageSuite) shareAccess(t *testing.T) {
	want := u.newShare(t)
	want.SizeGiB = 2
	want.Access = []provider.Access{{Name: "till", Mode: "rw"}, {Name: "report", Mode: "ro"}}
	st := u.ensureShare(t, want)
	require.Len(t, st.Access, 2)
	report, till := st.Access[0], st.Access[1] // by name
	require.NotEqual(t, till.Key, report.Key)
	if enter := u.Witness.Enter; enter != nil {
		out, err := enter(t, st, till, "truncate -s 1100M big && echo hello > note && cat note")
		require.NoError(t, err, out)
		require.Contains(t, out, "hello")
		out, err = enter(t, st, report, "cat note")
		require.NoError(t, err, out)
		require.Contains(t, out, "hello")
		out, err = enter(t, st, report, "echo no > note")
		require.Error(t, err, out)
		u.refuseSmaller(t, want)
	}
	want.Access = []provider.Access{{Name: "till", Mode: "ro"}}
	st = u.ensureShare(t, want)
	require.Equal(t, till.Key, st.Access[0].Key, "a change of mode keeps the key")
	if u.Witness.Client != nil {
		require.False(t, u.Witness.Client(t, report.Client))
		require.True(t, u.Witness.Client(t, till.Client))
	}
	if enter := u.Witness.Enter; enter != nil {
		out, err := enter(t, st, report, "true")
		require.Error(t, err, out)
		out, err = enter(t, st, st.Access[0], "echo no > note")
		require.Error(t, err, out)
	}
	require.NoError(t, u.DeleteShare(t.Context(), u.Place, want.ID))
	if u.Witness.Client != nil {
		require.False(t, u.Witness.Client(t, till.Client))
	}
}

// shareTogether lets two clients in at once, each with a mount of its own: a lock that one has the other waits for, and a
// file that is replaced by a rename is always whole.
func (u *storageSuite) shareTogether(t *testing.T) {
	enter := u.Witness.Enter
	if enter == nil {
		t.Skip("no client that mounts")
	}
	want := u.newShare(t)
	want.Access = []provider.Access{{Name: "one", Mode: "rw"}, {Name: "two", Mode: "rw"}}
	st := u.ensureShare(t, want)
	type result struct {
		out string
		err error
	}
	one := make(chan result, 1)
	go func() {
		out, err := enter(t, st, st.Access[0], `exec 9>lock && flock 9 && echo 0 >current && echo held >held
for i in $(seq 100); do echo "$i whole" >.next && mv .next current || exit 1; done
sleep 3; echo released >released; flock -u 9; echo done`)
		one <- result{out, err}
	}()
	out, err := enter(t, st, st.Access[1], `for i in $(seq 300); do [ -e held ] && break; sleep 0.1; done; exec 9>lock
flock -n 9 && { echo "two have the lock"; exit 1; }
for i in $(seq 100); do grep -q -e ' whole$' -e '^0$' current || { echo "half a file: $(cat current)"; exit 1; }; done
flock -w 60 9 || { echo "the lock never came"; exit 1; }
[ -e released ] || { echo "the lock came early"; exit 1; }
cat current`)
	first := <-one
	require.NoError(t, first.err, first.out)
	require.NoError(t, err, out)
	require.Contains(t, out, "100 whole")
}

// refuseSmaller waits for the file system to have counted what was written.
func (u *storageSuite) refuseSmaller(t *testing.T, want provider.Share) {
	t.Helper()
	require.Eventually(t, func() bool {
		st, err := u.GetShare(t.Context(), u.Place, want.ID)
		return err == nil && st.UsedBytes > 1<<30
	}, time.Minute, time.Second)
	want.SizeGiB = 1
	_, err := u.EnsureShare(t.Context(), u.Place, want)
	requireReason(t, provider.ReasonConflict, err)
}
