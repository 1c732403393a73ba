package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unicode"

	"github.com/plazacloud/plaza/pkg/client"
)

// signInBy has a browser on this machine sign in by an identity provider, and waits for it to bring a ticket. The ticket is of
// use to this process alone, which made the challenge.
func (a *app) signInBy(ctx context.Context, cl *client.Client, c *Context, o loginOptions) error {
	start, err := a.startOf(ctx, cl, o.provider)
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	verifier := rand.Text() + rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	_, port, _ := net.SplitHostPort(l.Addr().String())
	query := url.Values{"port": {port}, "challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	ticket, err := a.awaitTicket(ctx, l, c.Server+start+"?"+query.Encode(), !o.noBrowser)
	if err != nil {
		return err
	}
	in, err := client.Read[client.Login](cl.RedeemTicket(ctx, client.LoginTicket{Ticket: ticket, Verifier: verifier}))
	if err != nil {
		return err
	}
	c.User, c.Token = in.User.Name, in.Token
	return nil
}

// startOf is the path where a browser begins to sign in by a provider.
func (a *app) startOf(ctx context.Context, cl *client.Client, provider string) (string, error) {
	list, err := client.Read[client.LoginProviderList](cl.ListLoginProviders(ctx))
	if err != nil {
		return "", err
	}
	var names []string
	for _, p := range list.Items {
		if p.Name == provider {
			return p.Url, nil
		}
		names = append(names, p.Name)
	}
	return "", usagef("there is no identity provider %q that browsers sign in by; there are: %s", provider, first(strings.Join(names, ", "), "none"))
}

// awaitTicket serves the one page that the browser ends on.
func (a *app) awaitTicket(ctx context.Context, l net.Listener, address string, open bool) (string, error) {
	type answer struct {
		ticket string
		err    error
	}
	got := make(chan answer, 1)
	web := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		out := answer{ticket: q.Get("ticket")}
		if out.ticket == "" {
			if q.Get("reason") == "" {
				http.NotFound(w, r)
				return
			}
			out.err = &client.Problem{Reason: plain(q.Get("reason")), Detail: plain(q.Get("detail")), Hint: opt(plain(q.Get("hint")))}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintln(w, "Back to the command line; this page can be closed.")
		select {
		case got <- out:
		default:
		}
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = web.Serve(l) // ends by Shutdown
	}()
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if web.Shutdown(end) != nil { // the browser has its page by then
			_ = web.Close()
		}
		<-done
	}()
	fmt.Fprintf(a.Err, "Sign in with a browser on this machine:\n\n%s\n\n", address)
	if open {
		a.browse(ctx, address)
	}
	ctx, cancel := context.WithTimeout(ctx, a.o.timeout)
	defer cancel()
	select {
	case out := <-got:
		return out.ticket, out.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// plain drops what a terminal obeys: any page on this machine can say something here.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// browse opens a page; where that fails the user has its address.
func (a *app) browse(ctx context.Context, address string) {
	opener := first(a.Getenv("BROWSER"), map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS], "xdg-open")
	cmd := exec.CommandContext(ctx, opener, address) // #nosec G204 -- the user's own browser
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(a.Err, "No browser could be opened (%s): open the address yourself.\n", plain(err.Error()))
		return
	}
	go func() { _ = cmd.Wait() }()
}
