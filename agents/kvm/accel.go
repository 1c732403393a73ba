package kvm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/plazacloud/plaza/agents/kvm/bound"
	"github.com/plazacloud/plaza/agents/machine"
	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	accelKVM = "kvm"
	accelTCG = "tcg"
)

// Accel is what was found about hardware acceleration.
type Accel struct {
	Accel  string    `json:"accel"`  // kvm or tcg
	Reason string    `json:"reason"` // why, in a sentence
	Key    string    `json:"key"`    // of kernel and CPU: another kernel is another question
	At     time.Time `json:"at"`
}

func (a Accel) kvm() bool { return a.Accel == accelKVM }

// accelerator decides between KVM and TCG by booting a real kernel once: /dev/kvm may be there and run none.
type accelerator struct {
	kernel  string // set by configuration
	timeout time.Duration
	cache   string

	mu      sync.Mutex
	verdict *Accel
	probing chan struct{} // of the one probe that runs
	stop    context.CancelFunc
	closed  bool
}

func (a *accelerator) known() Accel {
	if v, ok := a.recall(""); ok {
		return v
	}
	return Accel{Accel: accelTCG, Reason: "not probed yet: the first image that carries a kernel decides"}
}

// recall returns the verdict for key, or the latest one when key is "".
func (a *accelerator) recall(key string) (Accel, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.verdict == nil {
		var v Accel
		if data, err := os.ReadFile(a.path()); err == nil && json.Unmarshal(data, &v) == nil {
			a.verdict = &v
		}
	}
	if a.verdict == nil || (key != "" && a.verdict.Key != key) {
		return Accel{}, false
	}
	return *a.verdict, true
}

func (a *accelerator) store(v Accel) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.verdict = &v
	if data, err := json.MarshalIndent(v, "", "  "); err == nil {
		_ = os.WriteFile(a.path(), data, 0o600) // losing it only costs another probe
	}
}

func (a *accelerator) path() string { return filepath.Join(a.cache, "accel.json") }

// decide waits for the verdict. A probe goes on when nobody waits for it any more, since whoever comes again wants the same:
// on a host that is emulated itself it takes longer than a call may.
func (a *accelerator) decide(ctx context.Context, kernel string) (Accel, error) {
	if a.kernel != "" {
		kernel = a.kernel
	}
	if kernel == "" {
		if v, ok := a.recall(""); ok {
			return v, nil
		}
		return Accel{Accel: accelTCG, Reason: "there is no kernel to probe KVM with"}, nil
	}
	key, err := probeKey(kernel)
	if err != nil {
		return Accel{Accel: accelTCG, Reason: "cannot read the probe kernel: " + err.Error()}, nil //nolint:nilerr // the verdict tells it
	}
	for {
		if v, ok := a.recall(key); ok {
			return v, nil
		}
		probing := a.begin(key, kernel)
		select {
		case <-probing:
		case <-ctx.Done():
			return Accel{}, provider.Errorf(provider.ReasonUnavailable, "", "it is still being tried whether guests run with KVM on this host; that is done once")
		}
	}
}

// begin starts a probe, or joins the one that runs; what it gives is closed at its end.
func (a *accelerator) begin(key, kernel string) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.probing != nil || a.closed {
		return a.probing // when closed, nil: nothing comes of it
	}
	done := make(chan struct{})
	ctx, cancel := context.WithTimeout(context.Background(), a.timeout)
	a.probing, a.stop = done, cancel
	go func() {
		defer cancel()
		v := Accel{Accel: accelTCG, Key: key, At: time.Now().UTC()}
		if err := probe(ctx, kernel); err != nil {
			v.Reason = err.Error()
		} else {
			v.Accel, v.Reason = accelKVM, "a probe guest booted with KVM"
		}
		if !errors.Is(ctx.Err(), context.Canceled) { // an interrupted probe is no verdict
			a.store(v)
		}
		a.mu.Lock()
		a.probing = nil
		a.mu.Unlock()
		close(done)
	}()
	return done
}

// close breaks off a probe, and waits for its end.
func (a *accelerator) close() {
	a.mu.Lock()
	done := a.probing
	if a.closed = true; done != nil {
		a.stop()
	}
	a.mu.Unlock()
	if done != nil {
		<-done
	}
}

// probeKey names kernel and CPU; the kernel by size and time, since images are immutable.
func probeKey(kernel string) (string, error) {
	st, err := os.Stat(kernel)
	if err != nil {
		return "", err
	}
	cpu := ""
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "model name") || strings.HasPrefix(line, "flags") {
				cpu += line
			}
			if line == "\n" {
				break
			}
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %s", st.Size(), st.ModTime().Unix(), machine.Kernel(), cpu))
	return hex.EncodeToString(sum[:8]), nil
}

const probeMarker = "plaza-probe-guest-is-up"

// probe lets two guests race, one with KVM and one without: kernel with a one-file initramfs whose init prints the marker. KVM
// is good when its guest is up first, however slow the host: one that is emulated itself takes half a minute for what
// others do in a second. The error says why KVM is no good.
func probe(ctx context.Context, kernel string) error {
	if machine.Arch() != "x86_64" {
		return errors.New("the KVM probe knows x86_64 only")
	}
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("KVM is not available: %w", err)
	}
	_ = f.Close()
	initrd, err := os.CreateTemp("", "plaza-probe-*.cpio")
	if err != nil {
		return err
	}
	defer os.Remove(initrd.Name())
	_, err = initrd.Write(probeInitramfs(probeMarker))
	if err = errors.Join(err, initrd.Close()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	with, without := make(chan error, 1), make(chan error, 1)
	var racers sync.WaitGroup
	defer racers.Wait()
	defer cancel()
	racers.Go(func() { with <- bootProbe(ctx, kernel, initrd.Name(), "-accel", accelKVM, "-cpu", "host") })
	racers.Go(func() { without <- bootProbe(ctx, kernel, initrd.Name(), "-accel", accelTCG, "-cpu", "max") })
	select {
	case err = <-with:
	case err = <-without:
		if err == nil {
			return errors.New("/dev/kvm opens but a Linux guest is up sooner without it")
		}
		err = <-with
	}
	if err != nil {
		return fmt.Errorf("/dev/kvm opens but a Linux guest does not boot with it: %w", err)
	}
	return nil
}

// bootProbe is nil when the probe's guest has come up before ctx ends.
func bootProbe(ctx context.Context, kernel, initrd string, accel ...string) error {
	begin := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	args := append(accel, "-machine", "q35", "-m", "256", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-serial", "stdio", "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 panic=-1 mitigations=off cryptomgr.notests i8042.noaux i8042.nokbd")
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", args...) //nolint:gosec // no shell, paths of our own pool
	var said bytes.Buffer
	screen := &marked{found: cancel}
	cmd.Stdout, cmd.Stderr = screen, &said
	// A probe that hangs must not go on when the agent is killed.
	err := bound.Run(cmd)
	text, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
	switch {
	case cmd.Process == nil:
		return fmt.Errorf("QEMU does not start: %w", err)
	case screen.up:
		return nil
	case text != "":
		return errors.New(text)
	}
	return fmt.Errorf("nothing of it within %s", time.Since(begin).Round(time.Second))
}

// marked calls found when the probe's marker has been written.
type marked struct {
	seen  []byte
	up    bool
	found func()
}

func (m *marked) Write(p []byte) (int, error) {
	if !m.up {
		m.seen = append(m.seen, p...)
		if m.up = bytes.Contains(m.seen, []byte(probeMarker)); m.up {
			m.found()
		}
	}
	return len(p), nil
}
