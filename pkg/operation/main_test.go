package operation_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		crashChild(url, os.Getenv(crashDir))
		return
	}
	code := m.Run()
	storetest.Stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
