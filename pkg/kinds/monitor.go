package kinds

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// MonitorSpec says what of a server is watched, and how.
type MonitorSpec struct {
	Server       string `json:"server" doc:"Server that it watches, by name or id; kept as its id"`
	Port         int    `json:"port,omitempty" minimum:"0" maximum:"65535" doc:"Published TCP port that must answer; with 0 the server only has to run"`
	Path         string `json:"path,omitempty" maxLength:"512" pattern:"^(/[!-~]*)?$" doc:"What the port must answer with 200 by HTTP; a connection is enough when empty"`
	EverySeconds int    `json:"everySeconds,omitempty" minimum:"5" maximum:"3600" doc:"Default 30"`
	Failures     int    `json:"failures,omitempty" minimum:"1" maximum:"100" doc:"Failures in a row that make it be down; default 2"`
}

// MonitorStatus is what was seen last.
type MonitorStatus struct {
	Up        bool                  `json:"up"`
	Since     *time.Time            `json:"since,omitempty" doc:"Of up or down"`
	CheckedAt *time.Time            `json:"checkedAt,omitempty"`
	Failures  int                   `json:"failures,omitempty" doc:"In a row, up to now"`
	Error     string                `json:"error,omitempty" doc:"Of the last check"`
	LatencyMs int64                 `json:"latencyMs,omitempty" doc:"Of the last check that was answered"`
	Load      *Load                 `json:"load,omitempty" doc:"Between the last two looks at a server that ran"`
	Counters  *provider.ServerStats `json:"counters,omitempty" doc:"As its place counts since the guest's start"`
}

// Load is what a server uses.
type Load struct {
	CPUPercent          float64 `json:"cpuPercent" doc:"Of all its vCPUs"`
	MemoryMiB           int64   `json:"memoryMiB" doc:"Of the host's, as far as its place tells"`
	ReadBytesPerSecond  int64   `json:"readBytesPerSecond"`
	WriteBytesPerSecond int64   `json:"writeBytesPerSecond"`
	RxBytesPerSecond    int64   `json:"rxBytesPerSecond"`
	TxBytesPerSecond    int64   `json:"txBytesPerSecond"`
}

// Monitor watches a server.
type Monitor = resource.Object[MonitorSpec, MonitorStatus]

func monitorKind(b Backends) resource.Kind[MonitorSpec, MonitorStatus] {
	return resource.Kind[MonitorSpec, MonitorStatus]{
		Name: "monitor", Plural: "monitors", Doc: "Watches a server: whether it runs and a port of it answers, and what it uses. Its history tells when it went and came back.",
		Columns: []resource.Column{{Header: "UP", Path: "status.up"}, {Header: "SINCE", Path: "status.since"}, {Header: "LATENCY MS", Path: "status.latencyMs"},
			{Header: "CPU %", Path: "status.load.cpuPercent"}, {Header: "MEMORY MIB", Path: "status.load.memoryMiB"}, {Header: "ERROR", Path: "status.error"}},
		Indexed: []string{"spec.server"},
		Charge:  func(*Monitor) resource.Charges { return resource.Charges{"monitors": 1} },
		Default: func(ctx context.Context, a *resource.Admission, o *Monitor) error {
			if o.Spec.EverySeconds == 0 {
				o.Spec.EverySeconds = 30
			}
			if o.Spec.Failures == 0 {
				o.Spec.Failures = 2
			}
			s, err := find[ServerSpec, ServerStatus](ctx, a, "server", o.Project, o.Spec.Server, "spec.server", "monitor")
			if err == nil {
				o.Spec.Server = s.ID
			}
			return err
		},
		Validate: func(ctx context.Context, a *resource.Admission, _, o *Monitor) error {
			return validateMonitor(ctx, a, o)
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Monitor) (resource.Result, error) {
			return reconcileMonitor(ctx, b, r, o)
		},
		Delete: func(context.Context, *resource.Reconciliation, *Monitor) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		},
	}
}

func validateMonitor(ctx context.Context, a *resource.Admission, o *Monitor) error {
	if o.Spec.Path != "" && o.Spec.Port == 0 {
		return resource.Invalid("monitor", "spec.path", o.Spec.Path, "is asked for on a port: name that")
	}
	if o.Spec.Port == 0 {
		return nil
	}
	s, err := find[ServerSpec, ServerStatus](ctx, a, "server", o.Project, o.Spec.Server, "spec.server", "monitor")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Spec.Publish, func(p PublishSpec) bool { return p.Port == o.Spec.Port }) {
		p := resource.Invalid("monitor", "spec.port", o.Spec.Port, "server %s does not publish that port, so nobody outside can ask it", s.Name)
		p.Hint = "publish it, or leave it out to watch only that the server runs"
		return p
	}
	return nil
}

func reconcileMonitor(ctx context.Context, b Backends, r *resource.Reconciliation, o *Monitor) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	again := time.Duration(o.Spec.EverySeconds) * time.Second
	now := time.Now().UTC()
	if at := o.Status.CheckedAt; at != nil && o.ObservedGeneration == o.Generation && now.Sub(*at) < again {
		return resource.Result{Done: true, Again: again - now.Sub(*at)}, nil // something else woke it
	}
	s, err := find[ServerSpec, ServerStatus](ctx, r, "server", o.Project, o.Spec.Server, "spec.server", "monitor")
	switch {
	case resource.ReasonOf(err) == resource.ReasonInvalid:
		err = errors.New("its server was deleted")
		o.Status.Load, o.Status.Counters = nil, nil
	case err != nil:
		return resource.Result{}, err
	default:
		began := time.Now()
		if err = checkServer(ctx, b, s, o.Spec); err == nil {
			o.Status.LatencyMs = time.Since(began).Milliseconds()
		}
		measure(ctx, b, s, &o.Status)
	}
	o.Status.CheckedAt = &now
	o.Status.judge(r, err, o.Spec.Failures, now)
	return resource.Result{Done: true, Again: again}, nil
}

// judge counts a check, and tells the history when the server went or came back.
func (s *MonitorStatus) judge(r *resource.Reconciliation, err error, limit int, now time.Time) {
	first := s.Since == nil
	if err == nil {
		s.Failures, s.Error = 0, ""
		if first || !s.Up {
			s.Up, s.Since = true, &now
			r.Note("monitor.up", "it answers")
		}
		return
	}
	s.Failures, s.Error = s.Failures+1, err.Error()
	if first || s.Up && s.Failures >= limit {
		s.Up, s.Since = false, &now
		r.Note("monitor.down", s.Error)
	}
}

// checkServer asks a server as somebody outside would.
func checkServer(ctx context.Context, b Backends, s Server, spec MonitorSpec) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if s.Status.Power != provider.PowerRunning {
		return fmt.Errorf("server %s is %s", s.Name, cmp.Or(string(s.Status.Power), "not made yet"))
	}
	if spec.Port == 0 {
		return nil
	}
	i := slices.IndexFunc(s.Status.Published, func(p Published) bool { return p.Port == spec.Port })
	if i < 0 {
		return fmt.Errorf("port %d is not published yet", spec.Port)
	}
	endpoint := s.Status.Published[i].Endpoint
	if spec.Path != "" {
		if b.Ask == nil {
			return errors.New("nothing can be asked from here")
		}
		return b.Ask(ctx, "http://"+endpoint+spec.Path)
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", endpoint)
	if err != nil {
		return err
	}
	return c.Close()
}

// measure reads the counters of a server that runs; a place that does not tell them leaves the last ones.
func measure(ctx context.Context, b Backends, s Server, st *MonitorStatus) {
	if s.Status.Power != provider.PowerRunning {
		st.Load, st.Counters = nil, nil
		return
	}
	is, err := b.Driver.ServerStats(ctx, s.Status.Host, s.ID)
	if err != nil {
		return
	}
	if was := st.Counters; was != nil {
		st.Load = load(*was, is, s.Status.VCPUs)
	}
	st.Counters = &is
}

// load is what was used between two readings; nil when they tell nothing, as after a guest's new start.
func load(was, is provider.ServerStats, vcpus int) *Load {
	seconds := is.ObservedAt.Sub(was.ObservedAt).Seconds()
	if seconds <= 0 || is.CPUNanos < was.CPUNanos {
		return nil
	}
	rate := func(was, is uint64) int64 {
		if is < was {
			return 0
		}
		return int64(float64(is-was) / seconds)
	}
	percent := float64(is.CPUNanos-was.CPUNanos) / 1e7 / seconds / float64(max(vcpus, 1))
	return &Load{CPUPercent: float64(int(percent*10)) / 10, MemoryMiB: int64(is.MemoryRSSKiB >> 10), ReadBytesPerSecond: rate(was.ReadBytes, is.ReadBytes), //nolint:gosec // below 2^63
		WriteBytesPerSecond: rate(was.WriteBytes, is.WriteBytes), RxBytesPerSecond: rate(was.RxBytes, is.RxBytes), TxBytesPerSecond: rate(was.TxBytes, is.TxBytes)}
}
