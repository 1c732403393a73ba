package openstack

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
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
