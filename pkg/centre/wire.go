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
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const maxAnswer = 4 << 20 // bytes of a version as JSON, in which 256 KiB may grow sixfold

// web is a Plaza over HTTP.
type web struct {
	o    Options
	base *url.URL
	http *http.Client
	tag  string // ETag of the last pull
}

// ack is an acknowledgement as it is sent.
type ack struct {
	Subscriber string `json:"subscriber"`
	Ack
}

// HTTP is the source of the document at the options' URL.
func HTTP(o Options) (Source, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("centre: %q is not a URL such as https://plaza.example.net/v1/configs/NAME?project=PROJECT", o.URL)
	}
	t, err := transport(o.CA)
	if err != nil {
		return nil, err
	}
	return &web{o: o.withDefaults(), base: u, http: &http.Client{Transport: t}}, nil
}

// String is path and query of the URL: the document is the same at whatever server.
func (s *web) String() string { return s.base.RequestURI() }

func (s *web) Close() { s.http.CloseIdleConnections() }

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
func (s *web) at(part string, query url.Values) string {
	u := s.base.JoinPath(part)
	q := u.Query()
	for k, v := range query {
		q[k] = v
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// send makes a request; any answer but those in ok is an error.
func (s *web) send(ctx context.Context, method, where string, body io.Reader, header map[string]string, ok ...int) (*http.Response, error) {
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

// Pull asks for the newest version, which costs nothing while it is the one of the last pull.
func (s *web) Pull(ctx context.Context, offer func(Version)) error {
	header := map[string]string{}
	if s.tag != "" {
		header["If-None-Match"] = s.tag
	}
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
	v, err := ParseVersion(text)
	if err != nil {
		return err
	}
	s.tag = resp.Header.Get("ETag")
	offer(v)
	return nil
}

// Watch reads one stream of events.
func (s *web) Watch(ctx context.Context, since int64, offer func(Version)) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	silence := time.AfterFunc(s.o.pace.silence, cancel)
	defer silence.Stop()
	resp, err := s.send(ctx, http.MethodGet, s.at("watch", url.Values{"since": {strconv.FormatInt(since, 10)}}), nil, map[string]string{"Accept": "text/event-stream"}, http.StatusOK)
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
			v, err := ParseVersion([]byte(text))
			if err != nil {
				return heard, err
			}
			offer(v)
		}
	}
	return heard, cmp.Or(lines.Err(), io.ErrUnexpectedEOF)
}

func (s *web) Acknowledge(ctx context.Context, a Ack) error {
	text, err := json.Marshal(ack{s.o.Name, a})
	if err != nil {
		return err
	}
	resp, err := s.send(ctx, http.MethodPost, s.at("acks", nil), bytes.NewReader(text), map[string]string{"Content-Type": "application/json"}, http.StatusNoContent, http.StatusOK)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
