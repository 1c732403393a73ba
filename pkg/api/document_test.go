package api_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDocumentTellsOfKinds(t *testing.T) {
	r := newRig(t)
	d := r.document(t)
	for path, ids := range map[string]map[string]string{
		"/v1/boxes":                {"get": "listBoxes", "post": "createBox"},
		"/v1/boxes/{id}":           {"get": "getBox", "put": "updateBox", "patch": "patchBox", "delete": "deleteBox"},
		"/v1/boxes/{id}/close":     {"post": "closeBox"},
		"/v1/boxes/{id}/grow":      {"post": "growBox"},
		"/v1/shelves/{id}/history": {"get": "listShelfHistory"},
	} {
		for method, id := range ids {
			require.Equal(t, id, d.Paths[path][method].OperationID)
		}
	}
	for _, name := range []string{"BoxObject", "BoxSpec", "BoxStatus", "BoxCreate", "BoxUpdate", "BoxPatch", "BoxList", "BoxApplied", "BoxGrowInput", "ShelfObject"} {
		require.Contains(t, d.Components.Schemas, name)
	}
	require.NotNil(t, d.Tags[0].Kind)
	require.Equal(t, "boxes", d.Tags[0].Kind.Plural)
}
