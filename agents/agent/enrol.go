package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

const (
	enrolTimeout = 30 * time.Second
	maxSkew      = 5 * time.Minute
	maxAnswer    = 1 << 20
)

// EnrolOptions says where and as what a host enrols.
type EnrolOptions struct {
	Server      string // https://host:port, or http:// on loopback
	Token       string // one-time
	CA          []byte // PEM of the server's authority; empty: the system's
	Fingerprint string // SHA-256 of the server's or its authority's certificate, in hex, instead of CA
	Dir         string
	Name        string // empty: the machine's
	Roles       []string
	Version     string
}

// Refusal is why a host could not enrol.
type Refusal struct {
	Kind   RefusalKind
	Detail string
	Hint   string
	Err    error
}

// RefusalKind tells refusals apart.
type RefusalKind string

const (
	RefusedUsage  RefusalKind = "usage"  // the command is wrong
	RefusedToken  RefusalKind = "token"  // the server does not take the token or the name
	RefusedServer RefusalKind = "server" // the server is not reached or fails
	RefusedTrust  RefusalKind = "trust"  // the server is not who it should be
	RefusedClock  RefusalKind = "clock"  // host and server disagree on the time
)

func (r *Refusal) Error() string { return r.Detail }

func (r *Refusal) Unwrap() error { return r.Err }

// Enrol makes the host known to the control plane and keeps its identity in Dir. A host already enrolled at Server
// keeps its identity and already is true. Errors that a person can mend are *Refusal.
func Enrol(ctx context.Context, opts EnrolOptions) (id Identity, already bool, err error) {
	base, err := serverURL(opts.Server)
	if err != nil {
		return Identity{}, false, err
	}
	switch known, err := LoadIdentity(opts.Dir); {
	case err == nil && known.Server == base:
		return known, true, nil
	case err == nil:
		return Identity{}, false, &Refusal{Kind: RefusedUsage, Detail: fmt.Sprintf("this host is enrolled at %s already", known.Server),
			Hint: "use another --dir, or remove " + opts.Dir + " to leave that site"}
	case !errors.Is(err, ErrNotEnrolled):
		return Identity{}, false, err
	}
	if opts.Token == "" {
		return Identity{}, false, &Refusal{Kind: RefusedUsage, Detail: "the enrolment token is missing", Hint: "ask an admin for one: plaza host enrol-token"}
	}
	seed, public, err := ensureSeed(opts.Dir)
	if err != nil {
		return Identity{}, false, err
	}
	if opts.Name == "" {
		opts.Name, _ = os.Hostname() // the server names a host without a name by its id
	}
	res, err := introduce(ctx, base, public, opts)
	if err != nil {
		return Identity{}, false, err
	}
	id = Identity{HostID: res.HostID, Name: opts.Name, Server: base, BusURL: res.BusURL, BusCA: res.BusCA,
		PublicKey: public, EnrolledAt: time.Now().UTC(), seed: seed}
	return id, false, id.save(opts.Dir)
}

// serverURL admits plain HTTP on loopback alone: the token and the CA of the bus travel here.
func serverURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", &Refusal{Kind: RefusedUsage, Detail: fmt.Sprintf("%q is not the address of a server", text),
			Hint: "--server https://host:port", Err: err}
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", &Refusal{Kind: RefusedUsage, Detail: "plain http would show the token to the network", Hint: "use https://" + u.Host}
	}
	return u.Scheme + "://" + u.Host, nil
}

func introduce(ctx context.Context, base, public string, opts EnrolOptions) (kvm.EnrolResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, enrolTimeout)
	defer cancel()
	client, err := trusting(opts.CA, opts.Fingerprint)
	if err != nil {
		return kvm.EnrolResponse{}, err
	}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(kvm.EnrolRequest{Token: opts.Token, Name: opts.Name, PublicKey: public, Arch: runtime.GOARCH,
		Roles: opts.Roles, CPUs: runtime.NumCPU(), MemoryMiB: memoryMiB(), AgentVersion: opts.Version, Time: time.Now().UTC()})
	if err != nil {
		return kvm.EnrolResponse{}, fmt.Errorf("encoding the enrolment: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+kvm.EnrolPath, bytes.NewReader(body))
	if err != nil {
		return kvm.EnrolResponse{}, fmt.Errorf("preparing the enrolment: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return kvm.EnrolResponse{}, unreached(base, err)
	}
	defer func() { _ = res.Body.Close() }() // read to its end or refused already
	blob, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return kvm.EnrolResponse{}, unreached(base, err)
	}
	return understand(base, res.StatusCode, blob)
}

func understand(base string, status int, blob []byte) (kvm.EnrolResponse, error) {
	var out kvm.EnrolResponse
	if status/100 != 2 {
		return out, refused(base, status, blob)
	}
	if err := json.Unmarshal(blob, &out); err != nil || out.HostID == "" || out.BusURL == "" {
		return out, &Refusal{Kind: RefusedServer, Detail: base + " did not answer as a Plaza server does", Hint: "is the address right?", Err: err}
	}
	if skew := time.Since(out.Time).Abs(); !out.Time.IsZero() && skew > maxSkew {
		return out, &Refusal{Kind: RefusedClock, Detail: fmt.Sprintf("the clocks of this host and of the server are %s apart", skew.Round(time.Second)),
			Hint: "set the clock, for example with chrony, and enrol again with the same token"}
	}
	return out, nil
}

func refused(base string, status int, blob []byte) *Refusal {
	var p kvm.Problem
	_ = json.Unmarshal(blob, &p) // a proxy's HTML page leaves the status alone to tell
	detail := p.Detail
	if detail == "" {
		detail = strings.TrimSpace(fmt.Sprintf("%s answered %d %s", base, status, http.StatusText(status)))
	}
	r := &Refusal{Kind: RefusedServer, Detail: detail, Hint: p.Hint}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusConflict, http.StatusGone:
		r.Kind = RefusedToken
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		r.Kind = RefusedUsage
	}
	if r.Hint == "" && r.Kind == RefusedToken {
		r.Hint = "ask an admin for a fresh token: plaza host enrol-token"
	}
	return r
}

func memoryMiB() int {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int(uint64(info.Totalram) * uint64(info.Unit) >> 20) //nolint:gosec,unconvert // fits; the field's width differs by platform
}
