package tenancy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// TestABranchGoesFromItsLeavesUp as what hangs on it ends, and nothing comes to it meanwhile.
func TestABranchGoesFromItsLeavesUp(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		keeps := &attached{held: []string{"server web-1"}}
		s.Attach(keeps)
		const branch = "freshfoods/north/dailymart"
		id, shop := s.id(t, branch), s.id(t, own)
		member := s.login(t, "dailymart-member").Actor
		requireReason(t, resource.ReasonForbidden, s.DeleteBranch(t.Context(), member, branch))
		requireReason(t, resource.ReasonNotFound, s.DeleteBranch(t.Context(), member, foreign))
		requireReason(t, resource.ReasonInUse, s.DeleteBranch(t.Context(), s.admin, ""))
		require.NoError(t, s.Sweep(t.Context()))
		require.Empty(t, keeps.told, "nothing is to be deleted")

		require.NoError(t, s.Authorize(t.Context(), member, "create", "server", shop))
		require.NoError(t, s.DeleteBranch(t.Context(), s.admin, branch))
		require.NoError(t, s.DeleteBranch(t.Context(), s.admin, branch), "twice is once")
		require.Len(t, s.notes(t, "delete-branch"), 1)
		err := s.Authorize(t.Context(), member, "create", "server", shop)
		requireReason(t, resource.ReasonForbidden, err)
		require.ErrorContains(t, err, "it is being deleted")
		require.NoError(t, s.Authorize(t.Context(), member, "get", "server", shop))
		_, err = s.CreateNode(t.Context(), s.admin, NewNode{Type: Project, Parent: branch, Name: "late"})
		requireReason(t, resource.ReasonConflict, err)
		_, err = s.MoveNode(t.Context(), s.admin, "freshfoods/south/tealeaf", branch)
		requireReason(t, resource.ReasonConflict, err)
		_, err = s.MoveNode(t.Context(), s.admin, own, "freshfoods/south")
		requireReason(t, resource.ReasonConflict, err)
		n, err := s.Node(t.Context(), own)
		require.NoError(t, err)
		require.NotNil(t, n.DeletingAt)
		n, err = s.Node(t.Context(), foreign)
		require.NoError(t, err)
		require.Nil(t, n.DeletingAt)

		require.NoError(t, s.Sweep(t.Context()))
		require.Len(t, keeps.told, 3, "all three are asked to be cleared, and none is gone")
		// One that was being made below when the branch was marked.
		late := s.newNode(NewNode{Type: Project, Name: "late"}, &Node{ID: id, Path: s.path(t, branch), FullName: branch})
		_, err = s.db.Write.NewInsert().Model(&late).Exec(t.Context())
		require.NoError(t, err)
		keeps.held = nil
		require.NoError(t, s.Sweep(t.Context()))
		require.NoError(t, s.Sweep(t.Context()))
		_, err = s.Node(t.Context(), branch)
		requireReason(t, resource.ReasonNotFound, err)
		_, err = s.Node(t.Context(), foreign)
		require.NoError(t, err)
	})
}

// path is a node's.
func (s *site) path(t *testing.T, name string) string {
	n, err := s.Node(t.Context(), name)
	require.NoError(t, err)
	return n.Path
}
