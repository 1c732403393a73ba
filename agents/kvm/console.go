package kvm

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"syscall"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
)

// recalled is how much of what a serial line said before is shown to who opens it: a login prompt does not come twice.
const recalled = 4 << 10 // bytes

// addScreen gives the hardware a screen that listens nowhere: libvirt hands connections to it over.
func addScreen(list *libvirtxml.DomainDeviceList) {
	list.Graphics = []libvirtxml.DomainGraphic{{VNC: &libvirtxml.DomainGraphicVNC{Listeners: []libvirtxml.DomainGraphicListener{{}}}}}
	list.Videos = []libvirtxml.DomainVideo{{Model: libvirtxml.DomainVideoModel{Type: "vga"}}}
}

// OpenConsole opens the first serial line of a running server, or its screen.
func (d *Driver) OpenConsole(_ context.Context, host, id string, console provider.ConsoleType) (io.ReadWriteCloser, error) {
	return withServer(d, host, id, func(dom *libvirt.Domain) (io.ReadWriteCloser, error) {
		def, _, err := d.describe(dom)
		if err != nil {
			return nil, err
		}
		active, err := dom.IsActive()
		switch {
		case err != nil:
			return nil, mapped("look at server", err)
		case !active:
			return nil, provider.Errorf(provider.ReasonConflict, "start it", "server %s does not run", id)
		case console == provider.ConsoleSerial:
			return d.openSerial(id, def)
		case console == provider.ConsoleVNC:
			return openScreen(dom, def)
		}
		return nil, provider.Errorf(provider.ReasonInvalid, "serial or vnc", "there is no console %q", console)
	})
}

func openScreen(dom *libvirt.Domain, def *libvirtxml.Domain) (io.ReadWriteCloser, error) {
	if len(def.Devices.Graphics) == 0 || def.Devices.Graphics[0].VNC == nil {
		return nil, provider.Errorf(provider.ReasonUnsupported, "stop and start it: then it has one", "server %s was started without a screen", def.UUID)
	}
	f, err := dom.OpenGraphicsFD(0, libvirt.DOMAIN_OPEN_GRAPHICS_SKIPAUTH)
	if err != nil {
		return nil, mapped("open the screen", err)
	}
	defer func() { _ = f.Close() }() // the connection has its own
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, mapped("open the screen", err)
	}
	return conn, nil
}

// serials are the serial lines that are open, by server.
type serials struct {
	mu   sync.Mutex
	open map[string]*serialLine
}

// serialLine is the terminal that QEMU keeps for a serial line.
type serialLine struct {
	file   *os.File
	recall []byte // what it said before, not read yet
	lost   atomic.Bool
	leave  func()
}

func (d *Driver) openSerial(id string, def *libvirtxml.Domain) (io.ReadWriteCloser, error) {
	if len(def.Devices.Serials) == 0 || def.Devices.Serials[0].Source == nil || def.Devices.Serials[0].Source.Pty == nil {
		return nil, provider.Errorf(provider.ReasonUnsupported, "", "server %s has no serial line", id)
	}
	// Not to block makes it one that Close wakes the reader of.
	f, err := os.OpenFile(def.Devices.Serials[0].Source.Pty.Path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, mapped("open the serial line", err)
	}
	// Read after the line was opened: rather some bytes twice than any missed.
	before, err := d.pool.ConsoleTail(id, recalled)
	if err != nil {
		before = nil // a server that was adopted has no log
	}
	line := &serialLine{file: f, recall: quiet(before)}
	line.leave = d.serials.enter(id, line)
	return line, nil
}

// enter makes line the server's only one: two readers of a terminal get half of the bytes each.
func (s *serials) enter(id string, line *serialLine) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string]*serialLine{}
	}
	if was := s.open[id]; was != nil {
		was.lost.Store(true)
		_ = was.file.Close()
	}
	s.open[id] = line
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[id] == line {
			delete(s.open, id)
		}
	}
}

func (l *serialLine) Read(p []byte) (int, error) {
	if n := copy(p, l.recall); n > 0 {
		l.recall = l.recall[n:]
		return n, nil
	}
	n, err := l.file.Read(p)
	switch {
	case l.lost.Load():
		err = provider.Errorf(provider.ReasonConflict, "", "somebody else opened this serial line")
	case errors.Is(err, syscall.EIO): // QEMU has closed its end
		err = io.EOF
	}
	return n, err
}

func (l *serialLine) Write(p []byte) (int, error) { return l.file.Write(p) }

func (l *serialLine) Close() error {
	l.leave()
	return l.file.Close()
}

// orders are what a terminal is told to do but for colours; among them are questions, which it would answer as if typed.
var orders = regexp.MustCompile("\x1b\\[[0-?]*[ -/]*[@-ln-~]|\x1b[\\]PX^_][^\x07\x1b]*(\x07|\x1b\\\\)?|\x1b[^\\[\\]PX^_]")

// quiet is text of a terminal without orders, begun at a line.
func quiet(text []byte) []byte {
	if len(text) == recalled {
		for i, b := range text {
			if b == '\n' {
				text = text[i+1:]
				break
			}
		}
	}
	return orders.ReplaceAll(text, nil)
}
