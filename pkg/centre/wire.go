package centre

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer = 4 << 20 // bytes of a version as JSON, in which 256 KiB may grow sixfold
	maxReason = 1024    // bytes of an acknowledgement's reason
)

// What a subscriber did with a version.
const (
	applied = "applied"
	refused = "refused"
)

type ack struct {
	Subscriber string `json:"subscriber"`
	Version    int64  `json:"version"`
	State      string `json:"state"`
	Reason     string `json:"reason,omitempty"`
	Report     any    `json:"report,omitempty"`
}

// errAsked marks what asking again does not help.
var errAsked = errors.New("the centre refuses")

func transport(ca []byte) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	// With HTTP/2 all would share a connection, and one that died silently would be used again for minutes.
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	if len(ca) == 0 {
		return t, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return nil, errors.New("centre: the CA holds no certificate in PEM")
	}
	t.TLSClientConfig.RootCAs = pool
	return t, nil
}

// at is the URL of a part of the document.
func (s *Subscription) at(part string, query url.Values) string {
	u := s.base.JoinPath(part)
	q := u.Query()
	for k, v := range query {
		q[k] = v
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// send makes a request; any answer but those in ok is an error.
func (s *Subscription) send(ctx context.Context, method, where string, body io.Reader, header map[string]string, ok ...int) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, where, body)
	if err != nil {
		return nil, err
	}
	token := s.o.Token
	if token == "" && s.o.TokenFile != "" {
		text, err := os.ReadFile(s.o.TokenFile)
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(text))
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	for _, status := range ok {
		if resp.StatusCode == status {
			return resp, nil
		}
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	err = fmt.Errorf("%s: %s", resp.Status, bytes.TrimSpace(text))
	if resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests {
		err = fmt.Errorf("%w: %w", errAsked, err)
	}
	return nil, err
}

// decode reads a version and checks that it arrived whole.
func decode(text []byte) (Version, error) {
	var wire struct {
		Version int64
		Hash    string
		Spec    struct{ Format, Document, Comment string }
	}
	if err := json.Unmarshal(text, &wire); err != nil {
		return Version{}, fmt.Errorf("what came is no version: %w", err)
	}
	v := Version{Number: wire.Version, Hash: wire.Hash, Format: wire.Spec.Format, Document: wire.Spec.Document, Comment: wire.Spec.Comment}
	if v.Number < 1 || v.Hash != digest([]byte(v.Document)) {
		return Version{}, fmt.Errorf("version %d did not arrive whole", v.Number)
	}
	return v, nil
}

// pulls asks for the newest version now and then, whatever the stream says.
func (s *Subscription) pulls(ctx context.Context) {
	for {
		// A whole pace at first, too: the stream begins with the newest.
		if !sleep(ctx, jitter(s.o.pace.pull)) {
			return
		}
		if err := s.pull(ctx); err != nil && ctx.Err() == nil {
			s.o.Log.Debug("the centre can not be asked", "error", err)
		}
	}
}

func (s *Subscription) pull(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.pace.answer)
	defer cancel()
	s.mu.Lock()
	header := map[string]string{}
	if s.tag != "" {
		header["If-None-Match"] = s.tag
	}
	s.mu.Unlock()
	resp, err := s.send(ctx, http.MethodGet, s.at("versions/current", nil), nil, header, http.StatusOK, http.StatusNotModified)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusNotModified {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	v, err := decode(text)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.tag = resp.Header.Get("ETag")
	s.mu.Unlock()
	s.offer(v)
	return nil
}

// follow keeps a stream open; one that breaks off is taken up again, later and later while that fails.
func (s *Subscription) follow(ctx context.Context) {
	wait, away := s.o.pace.first, false
	for ctx.Err() == nil {
		heard, err := s.stream(ctx)
		if ctx.Err() != nil {
			return
		}
		if heard {
			wait, away = s.o.pace.first, false
		}
		if !away {
			s.o.Log.Warn("the centre is away; the last good version stays", "error", err)
			away = true
		}
		if !sleep(ctx, jitter(wait)) {
			return
		}
		wait = min(2*wait, s.o.pace.most)
	}
}

// stream reads one connection's versions, and tells whether it was a stream at all.
func (s *Subscription) stream(ctx context.Context) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	since := strconv.FormatInt(s.highest, 10)
	s.mu.Unlock()
	silence := time.AfterFunc(s.o.pace.silence, cancel)
	defer silence.Stop()
	resp, err := s.send(ctx, http.MethodGet, s.at("watch", url.Values{"since": {since}}), nil, map[string]string{"Accept": "text/event-stream"}, http.StatusOK)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxAnswer)
	event := ""
	for lines.Scan() {
		silence.Reset(s.o.pace.silence)
		heard = true
		field, text, _ := strings.Cut(lines.Text(), ":")
		text = strings.TrimPrefix(text, " ")
		switch {
		case field == "event" && text == "gone":
			return heard, errors.New("the document was deleted")
		case field == "event":
			event = text
		case field == "data" && event == "version":
			v, err := decode([]byte(text))
			if err != nil {
				return heard, err
			}
			s.offer(v)
		}
	}
	return heard, cmp.Or(lines.Err(), io.ErrUnexpectedEOF)
}

// say has a version acknowledged; what was not sent by then is out of date.
func (s *Subscription) say(a ack) {
	a.Subscriber, a.Reason = s.o.Name, strings.ReplaceAll(strings.ToValidUTF8(a.Reason[:min(len(a.Reason), maxReason)], ""), "\x00", "")
	for {
		select {
		case s.acks <- a:
			return
		default:
		}
		select {
		case <-s.acks:
		default:
		}
	}
}

// acknowledges sends the newest acknowledgement until it arrives, and again now and then, as a sign of life.
func (s *Subscription) acknowledges(ctx context.Context) {
	var last *ack
	wait, told := s.o.pace.first, 0
	for due := s.heartbeat(0); ; {
		select {
		case <-ctx.Done():
			return
		case a := <-s.acks:
			last, wait, told = &a, s.o.pace.first, 0
		case <-after(last != nil, due):
		}
		if s.o.Report != nil {
			last.Report = s.o.Report()
		}
		err := s.acknowledge(ctx, *last)
		switch {
		case err == nil, errors.Is(err, errAsked):
			due, wait, told = s.heartbeat(told), s.o.pace.first, told+1
		default:
			due, wait = jitter(wait), min(2*wait, s.o.pace.most)
		}
		if err != nil && ctx.Err() == nil {
			s.o.Log.Debug("an acknowledgement did not arrive", "version", last.Version, "error", err)
		}
	}
}

// heartbeat is how long the next acknowledgement without news may wait. Reports are more frequent after a version that is
// new, as then there is most to tell.
func (s *Subscription) heartbeat(told int) time.Duration {
	if s.o.Report != nil {
		return jitter(s.o.pace.report >> max(3-told, 0))
	}
	return jitter(s.o.pace.heartbeat)
}

func (s *Subscription) acknowledge(ctx context.Context, a ack) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.pace.answer)
	defer cancel()
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	resp, err := s.send(ctx, http.MethodPost, s.at("acks", nil), bytes.NewReader(text), map[string]string{"Content-Type": "application/json"}, http.StatusNoContent, http.StatusOK)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// jitter is d, more or less by half: those who lost the centre together do not come back together.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d+1) //nolint:gosec // nobody guesses it to any use
}
