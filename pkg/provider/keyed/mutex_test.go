package keyed

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

func lock(t *testing.T, k *Mutex, keys ...string) func() {
	t.Helper()
	unlock, err := k.Lock(t.Context(), keys...)
	require.NoError(t, err)
	return unlock
}

func TestWaitEndsWithItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k Mutex
		unlock := lock(t, &k, "a")
		why := errors.New("the caller has gone")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, why)
		defer cancel()
		began := time.Now()
		_, err := k.Lock(ctx, "b", "a")
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, provider.ReasonTimeout, provider.ReasonOf(err))
		require.ErrorIs(t, err, why)
		lock(t, &k, "b")() // what it had is given back
		unlock()
		unlock() // may be called again
		again := lock(t, &k, "a")
		again()
		require.Empty(t, k.held)
	})
}

// One that was released twice must not let two in.
func TestKeysAreHeldByOne(t *testing.T) {
	var k Mutex
	keys := []string{"a", "b", "c"}
	counts := map[string]*int{"a": new(int), "b": new(int), "c": new(int)}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for n := range 300 {
				first := (i + n) % 3
				held := keys[first : first+1+(n%(3-first))]
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n%5)*10*time.Microsecond+time.Microsecond)
				if n%2 == 0 {
					ctx = t.Context()
				}
				unlock, err := k.Lock(ctx, held...)
				if err == nil {
					for _, key := range held {
						*counts[key]++ // the race detector looks
					}
					unlock()
					unlock()
				}
				cancel()
			}
		})
	}
	all.Wait()
	require.Empty(t, k.held)
	for _, key := range keys {
		require.Positive(t, *counts[key])
	}
}
