package dpath_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// Work that goes on after its call is answered takes the call's context without
// its cancellation. The label, like every value, stays, and sync.WaitGroup waits;
// nothing of ours is needed for either. What may outlive the label belongs into
// a queue or a job.
func ExampleFromContext_goroutine() {
	keys, _ := dpath.NewKeyring("1", map[string][]byte{"1": make([]byte, 16)})
	label, _ := dpath.Sign(keys, "newRetail", dpath.NewTrace(), time.Now(), 0)
	call, answered := context.WithCancel(dpath.WithLabel(context.Background(), label))

	var background sync.WaitGroup
	ctx := context.WithoutCancel(call)
	background.Go(func() {
		<-call.Done()
		fmt.Println(dpath.Env(ctx), ctx.Err())
	})
	answered()
	background.Wait()
	// Output: newRetail <nil>
}
