package resource_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// each runs f on both databases with a plant whose engine runs.
func each(t *testing.T, f func(t *testing.T, p *operationtest.Plant)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, operationtest.New(t, db, operationtest.Options{})) })
}

// eachIdle is each without a running engine: the test makes the passes.
func eachIdle(t *testing.T, f func(t *testing.T, p *operationtest.Plant)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f(t, operationtest.New(t, db, operationtest.Options{Idle: true}))
	})
}
