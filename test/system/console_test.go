package system

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/cli"
	"github.com/plazacloud/plaza/test/system/rig"
)

// worksAtConsole logs in at a guest's serial line as the command does it, sees its screen as the portal does, and finds both
// in the history of the server.
func worksAtConsole(t *testing.T, p *rig.Plane, server string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	keys, typing := io.Pipe()
	shown := &screen{}
	left := make(chan int, 1)
	go func() {
		env := map[string]string{"PLAZA_SERVER": p.Base(), "PLAZA_TOKEN": p.Token(), "PLAZA_CONFIG": "none"}
		left <- cli.Run(ctx, []string{"server", "console", server, "--serial"},
			cli.Env{In: keys, Out: shown, Err: shown, Getenv: func(name string) string { return env[name] }, Now: time.Now, Version: "test"})
	}()
	shown.shows(t, libvirttest.LoginMark)
	_, err := typing.Write([]byte("root\r"))
	require.NoError(t, err)
	shown.shows(t, "Password:")
	_, err = typing.Write([]byte{0x1d})
	require.NoError(t, err)
	require.Zero(t, <-left, shown.String())
	require.NoError(t, typing.Close())

	ticket := rig.Call[struct{ Path string }](t, p.Client, http.MethodPost, "/v1/servers/"+server+"/console", m{"type": "vnc"})
	ws, _, err := websocket.Dial(ctx, p.Base()+ticket.Path, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + p.Token()}}}) //nolint:bodyclose // it is taken over
	require.NoError(t, err)
	_, said, err := ws.Read(ctx)
	require.NoError(t, err)
	require.Contains(t, string(said), "RFB 003.00")
	require.NoError(t, ws.Close(websocket.StatusNormalClosure, ""))

	rig.Within(t, time.Minute, func() error {
		left := 0
		for _, x := range p.History(t, "servers", server) {
			if x.Verb == "console" && strings.HasPrefix(x.Note, "left the ") {
				left++
			}
		}
		if left != 2 {
			return fmt.Errorf("%d consoles were left", left)
		}
		return nil
	})
}

// screen is where a command writes.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *screen) shows(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(s.String(), text) }, 90*time.Second, 50*time.Millisecond, "%s", text)
}
