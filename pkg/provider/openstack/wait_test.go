package openstack

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func TestNewsWakesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Driver{}
		deaf := d.news.hear()
		began, looks := time.Now(), 0
		go func() {
			time.Sleep(100 * time.Millisecond)
			d.news.heard("other")
			d.news.heard("s1")
			d.news.heard("s1")
		}()
		err := d.pollServer(t.Context(), "s1", "build server", func() (bool, error) {
			looks++
			return time.Since(began) >= 100*time.Millisecond, nil
		})
		require.NoError(t, err)
		require.Equal(t, 100*time.Millisecond, time.Since(began), "it looked when it was told")
		require.Equal(t, 2, looks)
		require.Empty(t, d.news.waiting)

		deaf()
		began = time.Now()
		require.NoError(t, d.pollServer(t.Context(), "s1", "build server", func() (bool, error) { return time.Since(began) > 0, nil }))
		require.Equal(t, pollFirst, time.Since(began), "without a message bus it looks more often")
	})
}

func TestNewsBeforeTheFirstLookIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Driver{}
		defer d.news.hear()()
		began, looks := time.Now(), 0
		require.NoError(t, d.pollServer(t.Context(), "s1", "build server", func() (bool, error) {
			looks++
			d.news.heard("s1") // while it looks
			return looks == 2, nil
		}))
		require.Zero(t, time.Since(began))
	})
}

// What takes longer than the call may is told before the call's time is over, and as nothing wrong.
func TestWaitingEndsBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := poll(ctx, "build server", func() (bool, error) { return false, nil })
		require.Equal(t, provider.ReasonUnderWay, provider.ReasonOf(err))
		require.NoError(t, ctx.Err())
	})
}

func TestManyWhoWaitLookLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
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
	})
}
