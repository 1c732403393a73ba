package bundle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/bundles"
	"github.com/plazacloud/plaza/pkg/bundle"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

func registry() *resource.Registry {
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{})
	return reg
}

func TestShippedBlueprintsAreValid(t *testing.T) {
	c, err := bundle.Load(bundles.FS, registry())
	require.NoError(t, err)
	require.NotEmpty(t, c.List())
}
