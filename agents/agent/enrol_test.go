package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

// registrar answers enrolments as plazad does: a token is bound to the first key that uses it.
type registrar struct {
	asked  int
	keys   map[string]string
	answer func(http.ResponseWriter) bool // true: it has answered
	now    func() time.Time
}

func (g *registrar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.asked++
	var req kvm.EnrolRequest
	if r.URL.Path != kvm.EnrolPath || r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&req) != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if g.answer != nil && g.answer(w) {
		return
	}
	if req.Token != "good" || (g.keys["good"] != "" && g.keys["good"] != req.PublicKey) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(kvm.Problem{Detail: "the token is not valid", Hint: "plaza host enrol-token"})
		return
	}
	g.keys = map[string]string{"good": req.PublicKey}
	now := time.Now()
	if g.now != nil {
		now = g.now()
	}
	_ = json.NewEncoder(w).Encode(kvm.EnrolResponse{HostID: "h1", BusURL: "tls://127.0.0.1:1", BusCA: "PEM", Time: now})
}

func enrolAt(t *testing.T, url, dir, token string, change func(*EnrolOptions)) (Identity, bool, error) {
	t.Helper()
	o := EnrolOptions{Server: url, Token: token, Dir: dir, Name: "edge-1", Roles: []string{"kvm"}, Version: "test"}
	if change != nil {
		change(&o)
	}
	return Enrol(t.Context(), o)
}

func requireRefused(t *testing.T, err error, kind RefusalKind) {
	t.Helper()
	var r *Refusal
	require.ErrorAs(t, err, &r)
	require.Equal(t, kind, r.Kind, r.Detail)
}

func serveHTTP(t *testing.T, secure bool, g *registrar) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(g)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func TestEnrolTwiceIsOnce(t *testing.T) {
	g := &registrar{}
	s, dir := serveHTTP(t, false, g), filepath.Join(t.TempDir(), "agent")
	id, already, err := enrolAt(t, s.URL+"/", dir, "good", nil)
	require.NoError(t, err)
	require.False(t, already)
	require.Equal(t, "h1", id.HostID)
	for _, name := range []string{seedFile, identityFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	again, already, err := enrolAt(t, s.URL, dir, "spent", nil)
	require.NoError(t, err)
	require.True(t, already)
	require.Equal(t, id.PublicKey, again.PublicKey)
	require.Equal(t, 1, g.asked)
	_, _, err = enrolAt(t, "https://elsewhere.example", dir, "good", nil)
	requireRefused(t, err, RefusedUsage)

	// The identity is lost after the token was spent: the key still stands for it.
	require.NoError(t, os.Remove(filepath.Join(dir, identityFile)))
	third, already, err := enrolAt(t, s.URL, dir, "good", nil)
	require.NoError(t, err)
	require.False(t, already)
	require.Equal(t, id.PublicKey, third.PublicKey)
}

func TestEnrolRefusals(t *testing.T) {
	g := &registrar{}
	plain, secure := serveHTTP(t, false, g), serveHTTP(t, true, g)
	gone := httptest.NewServer(g)
	gone.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	sum := sha256.Sum256(secure.Certificate().Raw)
	for _, c := range []struct {
		name, url, token string
		change           func(*EnrolOptions)
		kind             RefusalKind
	}{
		{"bad token", plain.URL, "bad", nil, RefusedToken},
		{"no token", plain.URL, "", nil, RefusedUsage},
		{"server down", gone.URL, "good", nil, RefusedServer},
		{"no address", "plaza", "good", nil, RefusedUsage},
		{"plain http abroad", "http://192.0.2.1:1", "good", nil, RefusedUsage},
		{"unknown authority", secure.URL, "good", nil, RefusedTrust},
		{"wrong fingerprint", secure.URL, "good", func(o *EnrolOptions) { o.Fingerprint = hex.EncodeToString(make([]byte, 32)) }, RefusedTrust},
		{"bad fingerprint", secure.URL, "good", func(o *EnrolOptions) { o.Fingerprint = "xyz" }, RefusedUsage},
		{"bad CA", secure.URL, "good", func(o *EnrolOptions) { o.CA = []byte("x") }, RefusedUsage},
		{"both", secure.URL, "good", func(o *EnrolOptions) { o.CA, o.Fingerprint = ca, hex.EncodeToString(sum[:]) }, RefusedUsage},
		{"TLS to plain", "https" + plain.URL[4:], "good", nil, RefusedServer},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			_, _, err := enrolAt(t, c.url, dir, c.token, c.change)
			requireRefused(t, err, c.kind)
			_, err = LoadIdentity(dir)
			require.ErrorIs(t, err, ErrNotEnrolled)
		})
	}
	_, _, err := enrolAt(t, secure.URL, t.TempDir(), "good", func(o *EnrolOptions) { o.CA = ca })
	require.NoError(t, err)
	g.keys = nil
	_, _, err = enrolAt(t, secure.URL, t.TempDir(), "good", func(o *EnrolOptions) { o.Fingerprint = "SHA256:" + hex.EncodeToString(sum[:]) })
	require.NoError(t, err)
}

func TestEnrolAnswers(t *testing.T) {
	g := &registrar{now: func() time.Time { return time.Now().Add(-time.Hour) }}
	s := serveHTTP(t, false, g)
	_, _, err := enrolAt(t, s.URL, t.TempDir(), "good", nil)
	requireRefused(t, err, RefusedClock)
	for status, kind := range map[int]RefusalKind{500: RefusedServer, 502: RefusedServer, 404: RefusedServer, 401: RefusedToken,
		409: RefusedToken, 422: RefusedUsage, 200: RefusedServer} {
		g.answer = func(w http.ResponseWriter) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>")
			return true
		}
		_, _, err := enrolAt(t, s.URL, t.TempDir(), "good", nil)
		requireRefused(t, err, kind)
	}
}

func TestOneAgentPerDirectory(t *testing.T) {
	g := &registrar{}
	s, dir := serveHTTP(t, false, g), t.TempDir()
	_, err := ReadStatus(dir)
	require.ErrorIs(t, err, ErrNotEnrolled)
	_, _, err = enrolAt(t, s.URL, dir, "good", nil)
	require.NoError(t, err)
	st, err := ReadStatus(dir)
	require.NoError(t, err)
	require.False(t, st.Running)
	unlock, err := Lock(dir)
	require.NoError(t, err)
	_, err = Lock(dir)
	require.ErrorIs(t, err, ErrLocked)
	st, err = ReadStatus(dir)
	require.NoError(t, err)
	require.True(t, st.Running)
	require.NoError(t, unlock())
}

func TestStatusOfARunningAgent(t *testing.T) {
	s := newSite(t)
	dir := t.TempDir()
	require.NoError(t, writeFile(filepath.Join(dir, seedFile), s.id.seed))
	require.NoError(t, s.id.save(dir))
	unlock, err := Lock(dir)
	require.NoError(t, err)
	stop := s.run(t, Config{Dir: dir}, newFaulty(), nil)
	require.Eventually(t, func() bool {
		st, err := ReadStatus(dir)
		return err == nil && st.Running && st.Connected && st.PID == os.Getpid()
	}, 5*time.Second, 20*time.Millisecond)
	s.proxy.Stop()
	require.Eventually(t, func() bool { st, err := ReadStatus(dir); return err == nil && !st.Connected }, 5*time.Second, 20*time.Millisecond)
	stop()
	require.NoError(t, unlock())
}
