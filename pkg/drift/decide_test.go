package drift

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestWhatCanNotBeAdopted(t *testing.T) {
	card := []provider.Card{{Network: "n", MAC: "m", Address: "10.0.0.2"}}
	ok := []Spec{
		{Kind: "server", Facts: provider.Facts{Power: "stopped", Cards: card}}, {Kind: "volume", Facts: provider.Facts{State: "in-use"}},
		{Kind: "network", Facts: provider.Facts{CIDR: "10.0.0.0/24"}}, {Kind: "image", Facts: provider.Facts{State: "active", Visibility: "community"}},
	}
	for _, s := range ok {
		s.Difference = Extra
		require.NoError(t, mayBeAdopted(s), s.Kind)
		s.Difference = Zombie
		require.Error(t, mayBeAdopted(s), s.Kind)
	}
	for word, s := range map[string]Spec{
		"can not be adopted": {Kind: "baremetal"},
		"is paused":          {Kind: "server", Facts: provider.Facts{Power: "paused", Cards: card}},
		"is BUILD":           {Kind: "server", Facts: provider.Facts{State: "BUILD", Cards: card}},
		"IPv4 address":       {Kind: "server", Facts: provider.Facts{Power: "running", Cards: []provider.Card{{Network: "n"}}}},
		"IPv4 subnet":        {Kind: "network"},
		"is private":         {Kind: "image", Facts: provider.Facts{State: "active", Visibility: "private"}},
		"is queued":          {Kind: "image", Facts: provider.Facts{State: "queued", Visibility: "public"}},
		"is error":           {Kind: "volume", Facts: provider.Facts{State: "error"}},
	} {
		s.Difference = Extra
		err := mayBeAdopted(s)
		require.ErrorContains(t, err, word)
		require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err))
	}
}

func TestNamesOfAdoptedObjects(t *testing.T) {
	for from, want := range map[string]string{"Mail Server": "mail-server", "db_01.prod": "db-01.prod", "--": "server-0123abcd", "": "server-0123abcd", "机房": "server-0123abcd"} {
		require.Equal(t, want, nameOf(Spec{Kind: "server", Backend: "0123abcd-77", BackendName: from}))
	}
	long := nameOf(Spec{Kind: "server", BackendName: string(make([]byte, 300)) + "x"})
	require.LessOrEqual(t, len(long), 63)
}
