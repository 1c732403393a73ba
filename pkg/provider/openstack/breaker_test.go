package openstack

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// faulty answers with what it is told to, which no real service does on demand.
type faulty struct {
	*httptest.Server
	code  atomic.Int32
	asked atomic.Int32
}

func newFaulty(t *testing.T) (*faulty, *circuits) {
	t.Helper()
	f := &faulty{}
	f.code.Store(http.StatusOK)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.asked.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/v2.1/patience" && f.asked.Load() == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.WriteHeader(int(f.code.Load()))
	}))
	t.Cleanup(f.Close)
	c := newCircuits(&http.Transport{})
	t.Cleanup(c.closeIdle)
	c.add(compute, f.URL+"/v2.1")
	return f, c
}

func send(t *testing.T, c *circuits, method, url string) (int, error) {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: c}).Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func TestReadsAreRepeatedAndWritesAreNot(t *testing.T) {
	f, c := newFaulty(t)
	f.code.Store(http.StatusBadGateway)
	code, err := send(t, c, http.MethodGet, f.URL+"/v2.1/servers")
	require.NoError(t, err)
	require.Equal(t, http.StatusBadGateway, code)
	require.EqualValues(t, sends, f.asked.Load())
	f.asked.Store(0)
	_, err = send(t, c, http.MethodPost, f.URL+"/v2.1/servers")
	require.NoError(t, err)
	require.EqualValues(t, 1, f.asked.Load(), "a write may have been done")
}

func TestAskedForPatienceEvenAWriteIsRepeated(t *testing.T) {
	f, c := newFaulty(t)
	begin := time.Now()
	code, err := send(t, c, http.MethodPost, f.URL+"/v2.1/patience")
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, code)
	require.EqualValues(t, 2, f.asked.Load())
	require.GreaterOrEqual(t, time.Since(begin), time.Second)
}

func TestCircuitOpensTellsAndCloses(t *testing.T) {
	f, c := newFaulty(t)
	f.code.Store(http.StatusInternalServerError)
	for range failuresToOpen {
		_, _ = send(t, c, http.MethodPost, f.URL+"/v2.1/servers")
	}
	asked := f.asked.Load()
	_, err := send(t, c, http.MethodGet, f.URL+"/v2.1/servers")
	err = mapped("list servers", err)
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.Regexp(t, `list servers: compute is not asked until \d\d:\d\d:\d\d: HTTP 500`, err.Error())
	require.Equal(t, asked, f.asked.Load(), "nothing was sent")
	require.Len(t, c.turned, 1, "who follows the region hears of it")
	<-c.turned
	health := c.health()
	require.Len(t, health, 1)
	require.Equal(t, "open", health[0].Circuit)
	require.False(t, health[0].Up)
	require.Equal(t, [2]uint64{failuresToOpen, failuresToOpen}, [2]uint64{health[0].Requests, health[0].Failures})

	f.code.Store(http.StatusOK)
	require.Eventually(t, func() bool {
		code, err := send(t, c, http.MethodGet, f.URL+"/v2.1/servers")
		return err == nil && code == http.StatusOK
	}, openFor+5*time.Second, 200*time.Millisecond)
	require.Len(t, c.turned, 1)
	health = c.health()
	require.Equal(t, "closed", health[0].Circuit)
	require.True(t, health[0].Up)
}

func TestRefusalsOfTheServiceDoNotOpenTheCircuit(t *testing.T) {
	f, c := newFaulty(t)
	for _, code := range []int32{http.StatusNotFound, http.StatusConflict, http.StatusForbidden, http.StatusNotImplemented} {
		f.code.Store(code)
		for range failuresToOpen {
			_, err := send(t, c, http.MethodPost, f.URL+"/v2.1/servers")
			require.NoError(t, err)
		}
	}
	require.Equal(t, "closed", c.health()[0].Circuit)
}

func TestCallersThatLeaveDoNotOpenTheCircuit(t *testing.T) {
	f, c := newFaulty(t)
	for range failuresToOpen + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL+"/v2.1/servers", nil)
		require.NoError(t, err)
		_, err = (&http.Client{Transport: c}).Do(req) //nolint:bodyclose // there is no answer
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Equal(t, "closed", c.health()[0].Circuit)
}

func TestWhatWasNeverSentIsSentAgain(t *testing.T) {
	f, c := newFaulty(t)
	f.Close()
	_, err := send(t, c, http.MethodPost, f.URL+"/v2.1/servers")
	err = mapped("make server", err)
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.Contains(t, err.Error(), "compute does not answer")
	require.EqualValues(t, sends, c.health()[0].Requests)
}

func TestServicesBehindOneAddressAreToldByPath(t *testing.T) {
	c := newCircuits(&http.Transport{})
	c.add(identity, "https://cloud.example/identity/v3")
	c.add(compute, "https://cloud.example/compute/v2.1")
	c.add(compute, "https://cloud.example/compute/v2.1")
	c.add(volume, "https://cloud.example/volume/v3/0123456789abcdef")
	require.Equal(t, compute, c.of("https://cloud.example/compute/v2.1/servers").service)
	require.Equal(t, identity, c.of("https://cloud.example/identity").service)
	require.Equal(t, volume, c.of("https://cloud.example/volume/v3/another/volumes").service)
	require.Nil(t, c.of("https://cloud.example/metric"))
	require.Len(t, c.routes, 3)
}

func TestOpeningAsksNothing(t *testing.T) {
	set := Settings{Place: "r", RegionSettings: provider.RegionSettings{AuthURL: "http://127.0.0.1:1/v3", Username: "u", Password: "p", Project: "p"}}
	d, err := Open(t.Context(), set)
	require.NoError(t, err)
	defer d.Close()
	_, err = d.ListServers(t.Context(), "r")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), err)
	require.Contains(t, err.Error(), "identity does not answer")
	require.NotContains(t, err.Error(), "secret")
	set.Password = ""
	_, err = Open(t.Context(), set)
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
}

func TestCallersWithoutTimeTellNothingOfTheService(t *testing.T) {
	c := newCircuits(&http.Transport{})
	t.Cleanup(c.closeIdle)
	var most, now atomic.Int32
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		select {
		case <-r.Context().Done():
		case <-time.After(300 * time.Millisecond):
		}
	}))
	t.Cleanup(slow.Close)
	c.add(compute, slow.URL+"/v2.1")
	var all sync.WaitGroup
	for range 3 * atOnce {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, slow.URL+"/v2.1/servers", nil)
			if assert.NoError(t, err) {
				_, err = (&http.Client{Transport: c}).Do(req) //nolint:bodyclose // there is no answer
				assert.ErrorIs(t, err, context.DeadlineExceeded)
			}
		})
	}
	all.Wait()
	require.Equal(t, "closed", c.health()[0].Circuit)
	require.True(t, c.health()[0].Up)
	require.Eventually(t, func() bool { return now.Load() == 0 }, 10*time.Second, time.Millisecond, "it hears later that nobody waits")
	most.Store(0)
	for range 3 * atOnce {
		all.Go(func() {
			code, err := send(t, c, http.MethodPost, slow.URL+"/v2.1/servers")
			assert.NoError(t, err)
			assert.Equal(t, http.StatusOK, code)
		})
	}
	all.Wait()
	require.LessOrEqual(t, most.Load(), int32(atOnce), "the others wait here, where waiting costs the service nothing")
}

func TestWhatALookMissedIsNotUp(t *testing.T) {
	_, c := newFaulty(t)
	look := func(err error) provider.Service {
		s := &stocktaking{Driver: &Driver{cloud: &cloud{circuits: c}}, failed: map[service]error{compute: err}}
		all := s.services()
		require.Len(t, all, 1)
		return all[0]
	}
	missed := look(provider.Errorf(provider.ReasonUnavailable, "", "its circuit was open"))
	require.False(t, missed.Up, "though it answers again by now")
	require.Equal(t, "its circuit was open", missed.Error)
	refused := look(provider.Errorf(provider.ReasonInvalid, "", "not for this user"))
	require.True(t, refused.Up, "it answers, and will not tell")
	require.Equal(t, "not for this user", refused.Error)
}
