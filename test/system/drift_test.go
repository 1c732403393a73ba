package system

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// noticed waits until a server's condition Drift tells of something that came after since, and its power is back.
func noticed(t *testing.T, p *rig.Plane, h *rig.Host, id string, since time.Time, limit time.Duration, cause string) {
	t.Helper()
	var audit resource.Audit
	took := rig.Within(t, limit, func() error {
		for _, a := range p.History(t, "servers", id) {
			if a.Verb == "drift.repaired" && a.At.After(since) {
				audit = a
				return nil
			}
		}
		return errors.New("the history does not tell")
	})
	require.Contains(t, audit.Note, cause)
	rig.Within(t, time.Minute, func() error {
		o := p.Get(t, "servers", id)
		c := o.Condition("Drift")
		if !o.Settled() || rig.Status(o, "status.power") != "running" || c.Status != resource.True || !h.Domains(t)[id] {
			return fmt.Errorf("%s, %s, %+v", o.Phase, o.Status, c)
		}
		require.Equal(t, "ChangedOutsidePlaza", c.Reason)
		require.Contains(t, c.Message, cause)
		return nil
	})
	t.Logf("noticed after %s, running again after %s: %s", took.Round(time.Millisecond), time.Since(since).Round(time.Millisecond), audit.Note)
}

// TestDrift changes servers behind Plaza's back.
func TestDrift(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	n := p.Create(t, "networks", project, "front", m{"cidr": "10.84.0.0/24"})
	s := p.Create(t, "servers", project, "app", server(n.ID, nil))
	v := p.Create(t, "volumes", project, "data", m{"sizeGiB": 1})
	p.Booted(t, s.ID)

	begin := time.Now()
	h.Virsh(t, "destroy", s.ID)
	noticed(t, p, h, s.ID, begin, 5*time.Second, "destroyed")

	begin = time.Now()
	h.Virsh(t, "undefine", s.ID)
	h.Virsh(t, "destroy", s.ID)
	noticed(t, p, h, s.ID, begin, 5*time.Second, "")
	p.Booted(t, s.ID)

	idle(t, openBooks(t, p)) // what was asked for earlier does not tell of what comes
	h.KillAgent()
	begin = time.Now()
	h.Virsh(t, "destroy", s.ID)
	time.Sleep(time.Second)
	h.StartAgent(t)
	noticed(t, p, h, s.ID, begin, 15*time.Second, "inventory")

	usage := strings.Join(conditions(p.Get(t, "servers", s.ID)), " ")
	require.Contains(t, usage, "Ready=True")
	p.Delete(t, "servers", s.ID)
	p.Delete(t, "volumes", v.ID)
	p.Delete(t, "networks", n.ID)
	require.Empty(t, h.Domains(t))
}

func conditions(o resource.Raw) (out []string) {
	for _, c := range o.Conditions {
		out = append(out, c.Type+"="+string(c.Status))
	}
	return out
}
