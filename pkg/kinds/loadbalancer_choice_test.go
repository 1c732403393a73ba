package kinds

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func members(addresses ...string) []ListenerStatus {
	l := ListenerStatus{Name: "web", Port: 80}
	for _, a := range addresses {
		l.Members = append(l.Members, BalancedMember{"m" + a, a, 8080})
	}
	return []ListenerStatus{l}
}

// TestNodesAreToldOfMembersThatHaveSettled looks at when nodes, which are replaced for it, are told of other members.
func TestNodesAreToldOfMembersThatHaveSettled(t *testing.T) {
	t.Parallel()
	now, moving := time.Now(), []string{"nodegroup web"}
	for name, c := range map[string]struct {
		known, fresh []ListenerStatus
		moving       []string
		after        time.Duration
		told         bool
	}{
		"the same":                           {members("1", "2"), members("1", "2"), nil, 0, true},
		"another, and settled":               {members("1", "2"), members("1", "3"), nil, 0, true},
		"one is replaced":                    {members("1", "2"), members("2"), moving, 0, false},
		"the group grows":                    {members("1", "2"), members("1", "2", "3"), moving, 0, false},
		"it has been growing for long":       {members("1", "2"), members("1", "2", "3"), moving, memberPatience, true},
		"the only one is replaced":           {members("1"), members(), moving, 0, false},
		"and is elsewhere now":               {members("1"), members("2"), moving, 0, true},
		"half of them are elsewhere":         {members("1", "2"), members("2", "3"), moving, 0, false},
		"most of them are":                   {members("1", "2", "3"), members("3", "4", "5"), moving, 0, true},
		"the first, while they come":         {nil, members("1"), moving, 0, false},
		"the first, when some never come":    {nil, members("1"), moving, memberPatience, true},
		"another listener, whatever changes": {members("1"), append(members("1"), ListenerStatus{Name: "db", Port: 81}), moving, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := &LoadBalancer{}
			o.Status.Listeners = c.known
			waits := learn(o, c.fresh, c.moving, now)
			if c.after > 0 {
				require.True(t, waits)
				waits = learn(o, c.fresh, c.moving, now.Add(c.after))
			}
			require.Equal(t, !c.told, waits)
			require.Equal(t, waits, o.Status.WaitingSince != nil)
			if c.told {
				require.Equal(t, c.fresh, o.Status.Listeners)
			} else {
				require.Equal(t, c.known, o.Status.Listeners)
			}
		})
	}
}

func TestWhereTheAddressLeads(t *testing.T) {
	t.Parallel()
	well := BalancerNode{Well: true, Updated: true}
	old := BalancerNode{Well: true}
	boots, silent, gone := BalancerNode{Message: nodeIsBooting, Updated: true}, BalancerNode{Silent: true, Message: nodeIsSilent, Updated: true}, BalancerNode{Message: "it does not run"} // and old
	has := func(n BalancerNode) BalancerNode { n.Leads = true; return n }
	for name, c := range map[string]struct {
		nodes []BalancerNode
		want  int
	}{
		"to the first":                            {[]BalancerNode{well, well}, 0},
		"it stays":                                {[]BalancerNode{well, has(well)}, 1},
		"away from what is lost":                  {[]BalancerNode{has(gone), well}, 1},
		"away from what is started anew":          {[]BalancerNode{has(boots), well}, 1},
		"to what boots, rather than nowhere":      {[]BalancerNode{has(gone), boots}, 1},
		"away from what does not answer":          {[]BalancerNode{has(silent), well}, 1},
		"to what did not answer, if to anything":  {[]BalancerNode{has(silent), gone}, 0},
		"nowhere":                                 {[]BalancerNode{gone, gone}, -1},
		"it stays when all are old":               {[]BalancerNode{has(old), old}, 0},
		"it stays until the new one has booted":   {[]BalancerNode{boots, has(old)}, 1},
		"onto the new one before the old is gone": {[]BalancerNode{well, has(old)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			holder := ""
			for i := range c.nodes {
				c.nodes[i].ID = fmt.Sprint("n", i)
				if c.nodes[i].Leads {
					holder = c.nodes[i].ID
				}
			}
			n := best(c.nodes, holder)
			if c.want < 0 {
				require.Nil(t, n)
				return
			}
			require.Same(t, &c.nodes[c.want], n)
		})
	}
	replaced, lost := BalancerNode{Message: nodeIsReplaced}, BalancerNode{Message: "it does not run", Updated: true}
	for name, c := range map[string]struct {
		nodes []BalancerNode
		want  int
	}{
		"none":                              {[]BalancerNode{has(well), well}, -1},
		"first the one without the address": {[]BalancerNode{has(old), old}, 1},
		"not while another boots":           {[]BalancerNode{has(old), boots}, -1},
		"not while another is lost":         {[]BalancerNode{has(old), lost}, -1},
		"not while another is replaced":     {[]BalancerNode{gone, replaced}, -1},
		"not while it has the address":      {[]BalancerNode{has(old), well}, -1},
		"when the address has left it":      {[]BalancerNode{old, has(well)}, 0},
		"of three, one":                     {[]BalancerNode{old, has(old), well}, 0},
		"what is lost anyway":               {[]BalancerNode{has(old), old, gone}, 2},
		"even if it is the only hope":       {[]BalancerNode{{Message: nodeIsStuck}, lost}, 0},
		"not what boots, while none serves": {[]BalancerNode{{Message: nodeIsBooting}, {Message: nodeIsBooting}}, -1},
		"the only one":                      {[]BalancerNode{has(old)}, 0},
	} {
		t.Run("replaced: "+name, func(t *testing.T) { require.Equal(t, c.want, next(c.nodes)) })
	}
}
