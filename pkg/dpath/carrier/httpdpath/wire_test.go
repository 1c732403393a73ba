package httpdpath_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// script is a node that answers the requests of each connection with given bytes, then closes it.
func script(t *testing.T, answers ...string) (url string, conns *atomic.Int64) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	conns = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			in := bufio.NewReader(c)
			for _, a := range answers {
				r, err := http.ReadRequest(in)
				if err != nil {
					break
				}
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(c, a)
			}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String() + "/", conns
}

func send(w http.RoundTripper, method, url, body string) (int, string, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	resp, err := w.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

const fine = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"

func TestWireKeepsConnections(t *testing.T) {
	w := httpdpath.NewWire(httpdpath.NewBase())
	defer w.CloseIdleConnections()
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n4\r\nfine\r\n0\r\nX-End: 1\r\n\r\n"
	url, conns := script(t, fine, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+fine, chunked, "HTTP/1.1 204 No Content\r\n\r\n", fine)
	for _, want := range []string{"200 fine", "200 fine", "200 fine", "204 ", "200 fine"} {
		status, text, err := send(w, http.MethodPost, url, "order")
		require.NoError(t, err)
		require.Equal(t, want, fmt.Sprint(status, " ", text))
	}
	require.EqualValues(t, 1, conns.Load())
	for range 20 { // the node closes after five
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			body := map[string]string{http.MethodPost: "order"}[method]
			failed := 0 // a call that crossed the closing on its way is repeated by those who count attempts, not here
			for _, _, err := send(w, method, url, body); err != nil; _, _, err = send(w, method, url, body) {
				failed++
				require.Less(t, failed, 3, "%v", err)
			}
		}
	}
}

func TestWireRefusesWhatIsNoAnswer(t *testing.T) {
	w := httpdpath.NewWire(httpdpath.NewBase())
	defer w.CloseIdleConnections()
	for _, answer := range []string{"", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 50_000) + fine,
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"} {
		url, _ := script(t, answer)
		_, _, err := send(w, http.MethodGet, url, "")
		require.Error(t, err, "%.40q", answer)
	}
	// Bytes nobody asked for are not the next answer.
	url, conns := script(t, fine+"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong", fine)
	for range 5 {
		_, text, err := send(w, http.MethodGet, url, "")
		require.NoError(t, err)
		require.Equal(t, "fine", text)
	}
	require.EqualValues(t, 5, conns.Load())
}

func TestWireEndsWithItsContext(t *testing.T) {
	begun := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "half")
			w.(http.Flusher).Flush()
		}
		if r.URL.Path != "/" {
			begun <- struct{}{}
			<-r.Context().Done()
		}
	}))
	defer s.Close()
	w := httpdpath.NewWire(httpdpath.NewBase())
	defer w.CloseIdleConnections()
	for _, path := range []string{"/head", "/body"} {
		ctx, cancel := context.WithCancel(context.Background())
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
		require.NoError(t, err)
		go func() { <-begun; cancel() }()
		resp, err := w.RoundTrip(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			require.NoError(t, resp.Body.Close())
		}
		require.Error(t, err)
		_, _, err = send(w, http.MethodGet, s.URL, "")
		require.NoError(t, err, "the spoilt connection is not used again")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	require.NoError(t, err)
	_, err = w.RoundTrip(req)
	require.ErrorIs(t, err, context.Canceled)
}
