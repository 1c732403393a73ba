package front

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo tells what it was asked, and answers in the way that the path says.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	text := fmt.Sprintf("%s %s %s %v %s", r.Method, r.Host, r.RequestURI, len(r.Header), body)
	switch r.URL.Path {
	case "/length":
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	case "/empty":
		w.WriteHeader(http.StatusNoContent)
		return
	case "/nothing":
		return
	case "/cached":
		w.Header().Set("Content-Length", "7")
		w.WriteHeader(http.StatusNotModified)
		return
	case "/hints":
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(http.StatusEarlyHints)
	case "/trailer":
		w.Header().Set("Trailer", "X-Sum")
		defer func() { w.Header().Set("X-Sum", "1"); w.Header().Set(http.TrailerPrefix+"X-Late", "2") }()
	case "/close":
		w.Header().Set("Connection", "close")
	case "/short":
		w.Header().Set("Content-Length", "1000")
	case "/long":
		w.Header().Set("Content-Length", "1")
	case "/panic":
		panic(http.ErrAbortHandler)
	case "/large":
		text = strings.Repeat("0123456789", 10_000)
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, text)
}

func start(t *testing.T, h http.HandlerFunc) (*Server, string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := New(Options{Handler: h, HeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	return s, l.Addr().String()
}

// talk sends text on one connection and gives the answers, as they can be read.
func talk(t *testing.T, addr, text string) []string {
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(c, text)
	require.NoError(t, err)
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	in := bufio.NewReader(c)
	var out []string
	for {
		resp, err := http.ReadResponse(in, &http.Request{Method: strings.SplitN(text, " ", 2)[0]})
		if err != nil {
			return out
		}
		body, err := io.ReadAll(resp.Body)
		out = append(out, fmt.Sprint(resp.StatusCode, " ", resp.ContentLength, " ", resp.Header.Get("Link"), " ", resp.Trailer, " ", resp.Close, " ", err, " ", string(body)))
	}
}

// The short way answers as net/http does.
func TestAnswersAsTheLibrary(t *testing.T) {
	_, addr := start(t, echo)
	model := httptest.NewServer(http.HandlerFunc(echo))
	defer model.Close()
	for _, path := range []string{"/length", "/empty", "/cached", "/hints", "/trailer", "/close", "/short", "/panic", "/large"} {
		text := "GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n"
		want, got := talk(t, model.Listener.Addr().String(), text+text), talk(t, addr, text+text)
		for i := range want { // a short body without a length is told by chunks here
			if got[i] != want[i] && strings.HasPrefix(got[i], "200 -1") {
				want[i] = "200 -1" + strings.TrimPrefix(want[i], "200 "+strings.Fields(want[i])[1])
			}
		}
		require.Equal(t, want, got, path)
	}
	get := func(more string) string { return "GET /length HTTP/1.1\r\nHost: a.example\r\n" + more + "\r\n" }
	for _, text := range []string{
		"HEAD /length HTTP/1.1\r\nHost: a\r\n\r\n", "DELETE /length HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		get("Connection: close\r\n") + get(""), get("Connection: keep-alive\r\n") + get(""), "GET /length HTTP/1.0\r\nHost: a\r\n\r\n",
		get("") + get("Content-Length: 0\r\n") + get(""), get("X: " + strings.Repeat("x", 9000) + "\r\n"),
		// What must be refused, or be read like the library does.
		get("Host: b\r\n"), "GET /length HTTP/1.1\r\n\r\n", get("Bad Name: 1\r\n"), get("Bad: a\x00b\r\n"), get(" folded: 1\r\n"), get("no colon\r\n"), "GET  /length HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /length HTTP/1.1\nHost: a\n\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://b.example/length HTTP/1.1\r\nHost: a\r\n\r\n", "get /length HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /length HTTP/1.1\r\nHost: a b\r\n\r\n", get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", get("Content-Length: 3\r\nContent-Length: 4\r\n") + "abcd", get("Transfer-Encoding : chunked\r\n"), "\r\n" + get(""),
	} {
		require.Equal(t, statuses(talk(t, model.Listener.Addr().String(), text)), statuses(talk(t, addr, text)), "%q", text)
	}
	require.Len(t, talk(t, addr, strings.Repeat(get(""), 50)), 50, "pipelined requests are answered in turn")
	require.Empty(t, talk(t, addr, "GET /long HTTP/1.1\r\nHost: a\r\n\r\n")[1:])
	require.Equal(t, []string{"200 0  map[] false <nil> "}, talk(t, addr, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"))
}

// statuses are answers without what a refusal says in words.
func statuses(answers []string) []string {
	for i, a := range answers {
		if strings.HasPrefix(a, "400") {
			answers[i] = "400"
		}
	}
	return answers
}

// A head that takes the short way has no body for any reader, and reads the
// same for the library.
func TestPlainHeadsAreUnmistakable(t *testing.T) {
	lines := rapid.SampledFrom([]string{"Host: a.example", "host:b", "X-A: 1", "X-B:\t2", "Content-Length: 5", "content_length: 5", "Transfer-Encoding: chunked", "Transfer-Encoding : chunked", "Connection: close",
		"Upgrade: websocket", "Expect: 100-continue", "Cookie: a=b; c=d", "X-\x80: 1", "X-U: \x80", "no colon", " folded", "TE: trailers", "Trailer: x", ""})
	begin := rapid.SampledFrom([]string{"GET / HTTP/1.1", "GET /a?b=c HTTP/1.1", "HEAD /%41 HTTP/1.1", "DELETE /a HTTP/1.1", "GET / HTTP/1.0", "POST / HTTP/1.1", "GET  / HTTP/1.1", "GET /a b HTTP/1.1", "GET a HTTP/1.1"})
	ends := rapid.SampledFrom([]string{"\r\n", "\r\n", "\r\n", "\n", "\r"})
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		text, end := "GET /a HTTP/1.1\r\nHost: a\r\n", func() string { return "\r\n" }
		if rapid.Bool().Draw(t, "wild") {
			end = func() string { return ends.Draw(t, "end") }
			text = begin.Draw(t, "begin") + end()
		}
		for _, l := range rapid.SliceOfN(lines, 0, 3).Draw(t, "lines") {
			text += l + end()
		}
		text += "\r\n" + rapid.SampledFrom([]string{"", "hello", "GET / HTTP/1.1\r\n"}).Draw(t, "more")
		if i := rapid.IntRange(0, 3*len(text)).Draw(t, "at"); i < len(text) { // a byte is another one
			text = text[:i] + string([]byte{rapid.Byte().Draw(t, "byte")}) + text[i+1:]
		}
		n := plainHead([]byte(text))
		if n == 0 {
			return
		}
		taken++
		in := bufio.NewReader(strings.NewReader(text))
		r, err := http.ReadRequest(in)
		if err != nil {
			t.Skip("refused by the library as well")
		}
		left, err := io.ReadAll(in)
		if err != nil || string(left) != text[n:] {
			t.Fatalf("the library leaves %q of %q, plainHead %q", left, text, text[n:])
		}
		if r.ContentLength != 0 || len(r.TransferEncoding) != 0 || r.Close || r.Host == "" || r.ProtoMinor != 1 || strings.Contains(strings.ToLower(text[:n]), "upgrade:") {
			t.Fatalf("%q is not plain", text)
		}
	})
	require.Positive(t, taken)
}

// Shutdown lets requests end on either way, and closes what waits.
func TestShutdownWaitsForRequests(t *testing.T) {
	started, hold := make(chan struct{}, 2), make(chan struct{})
	s, addr := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			started <- struct{}{}
			<-hold
		}
		echo(w, r)
	})
	idle, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer idle.Close()
	var wg sync.WaitGroup
	for _, method := range []string{"GET", "POST"} {
		wg.Go(func() {
			answers := talk(t, addr, method+" /slow HTTP/1.1\r\nHost: a\r\n"+map[string]string{"POST": "Content-Length: 1\r\n"}[method]+"\r\n"+map[string]string{"POST": "x"}[method])
			if len(answers) != 1 || !strings.HasPrefix(answers[0], "200") {
				t.Errorf("%s: %v", method, answers)
			}
		})
	}
	<-started
	<-started
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
	_, err = net.Dial("tcp", addr)
	require.Error(t, err, "nobody is let in any more")
	close(hold)
	ctx, cancel = context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	require.NoError(t, s.Shutdown(ctx))
	wg.Wait()
	require.NoError(t, idle.SetDeadline(time.Now().Add(20*time.Second)))
	_, err = idle.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

// After a long answer, which was watched, the connection goes on.
func TestConnectionOutlivesALongAnswer(t *testing.T) {
	_, addr := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(watchAfter + 50*time.Millisecond)
		}
		if errors.Is(r.Context().Err(), context.Canceled) {
			t.Error("the client is still there")
		}
		echo(w, r)
	})
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer c.Close()
	in := bufio.NewReader(c)
	for _, path := range []string{"/length", "/slow", "/length", "/slow", "/slow", "/length"} {
		_, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
		require.NoError(t, err)
		resp, err := http.ReadResponse(in, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
	}
	// What comes early, while an answer is on its way, is not lost.
	require.Len(t, talk(t, addr, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /length HTTP/1.1\r\nHost: a\r\n\r\n"), 2)
}
