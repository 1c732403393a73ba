package openstack

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// What takes longer than the call may is told before the call's time is over, and as nothing wrong.
func TestWaitingEndsBeforeItsTime(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := poll(ctx, "build server", func() (bool, error) { return false, nil })
	require.Equal(t, provider.ReasonUnderWay, provider.ReasonOf(err))
	require.NoError(t, ctx.Err())
}

func TestManyWhoWaitLookLessOften(t *testing.T) {
	require.Equal(t, pollFirst, backOff(pollFirst, pollLast, 0))
	require.Equal(t, pollLast, backOff(pollFirst, pollLast, 100))
	d := &Driver{}
	for i := range 10 {
		_, leave := d.news.listen(fmt.Sprint(i))
		defer leave()
	}
	looks := 0
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	err := d.pollServer(ctx, "0", "build server", func() (bool, error) { looks++; return false, nil })
	require.Equal(t, provider.ReasonUnderWay, provider.ReasonOf(err))
	require.LessOrEqual(t, looks, 4, "one look in one and a half seconds")
}
