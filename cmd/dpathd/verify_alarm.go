package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

const (
	noticesWaiting = 16 // that are not sent yet; a state does not change often
	noticeAttempts = 5
	noticePause    = time.Second // before the second attempt; twice as long before each further one
	noticeTimeout  = 10 * time.Second
)

// notice is what the webhook is sent when the state has changed.
type notice struct {
	verify.Status
	Entry  string        `json:"entry"`
	Report verify.Report `json:"report"`
}

// alarm sends notices to the operator's webhook, one after the other.
type alarm struct {
	url, entry string
	log        *slog.Logger
	waiting    chan notice
	client     *http.Client
}

func newAlarm(c *verifyConfig, log *slog.Logger) *alarm {
	return &alarm{url: c.Alarm.Webhook, entry: c.Entry, log: log, waiting: make(chan notice, noticesWaiting),
		client: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}, Timeout: noticeTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// tell takes a notice over; it never waits.
func (a *alarm) tell(s verify.Status, r verify.Report) {
	if a.url == "" {
		return
	}
	select {
	case a.waiting <- notice{s, a.entry, r}:
	default:
		a.log.Error("the webhook is too slow; a notice is dropped", "state", s.State)
	}
}

// run sends until ctx ends.
func (a *alarm) run(ctx context.Context) {
	defer a.client.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-a.waiting:
			if err := a.send(ctx, n); err != nil && ctx.Err() == nil {
				a.log.Error("the webhook was not told", "state", n.State, "error", err)
			}
		}
	}
}

// send makes a few attempts while the receiver can not be reached, is busy or is broken.
func (a *alarm) send(ctx context.Context, n notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	pause := noticePause
	for attempt := 1; ; attempt++ {
		again, err := a.post(ctx, body)
		if err == nil || !again || attempt == noticeAttempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// post makes one attempt. Its errors do not name the URL, which may hold a secret.
func (a *alarm) post(ctx context.Context, body []byte) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.client.Do(req)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err
		}
		return true, err
	}
	_ = resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return false, nil
	}
	return resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests, fmt.Errorf("it answered %s", resp.Status)
}
