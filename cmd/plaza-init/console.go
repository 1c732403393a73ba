package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A serial port is slow, and under emulation every byte is an exit: chatty services are thinned out here, not in their log.
const (
	consoleLinesPerSecond = 20
	consoleBurst          = 100
	consoleLineBytes      = 1024
)

// console writes whole lines to the serial port.
type console struct {
	mu     sync.Mutex
	out    io.Writer
	uptime func() float64 // seconds since the kernel started
}

func newConsole(out io.Writer) *console { return &console{out: out, uptime: kernelUptime} }

func kernelUptime() float64 {
	data, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0
	}
	var seconds float64
	_, _ = fmt.Sscanf(string(data), "%f", &seconds)
	return seconds
}

func (c *console) line(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.WriteString(c.out, text+"\n")
}

// stage marks a step of boot or shutdown; readers of the console log match on it.
func (c *console) stage(name string) { c.line(fmt.Sprintf("plaza-init: %s t=%.2f", name, c.uptime())) }

func (c *console) warn(text string) { c.line("plaza-init: warning: " + text) }

func (c *console) failed(stage string, err error) {
	c.line(fmt.Sprintf("plaza-init: FAILED %s t=%.2f: %s", stage, c.uptime(), strings.ReplaceAll(err.Error(), "\n", "; ")))
}

// channel is one service's bounded share of the console.
type channel struct {
	console *console
	name    string
	limit   *rate.Limiter
	dropped int
}

func (c *console) channel(name string) *channel {
	return &channel{console: c, name: name, limit: rate.NewLimiter(consoleLinesPerSecond, consoleBurst)}
}

func (c *channel) line(text string) {
	if !c.limit.AllowN(time.Now(), 1) {
		c.dropped++
		return
	}
	if c.dropped > 0 {
		c.console.line(fmt.Sprintf("%s: [%d lines left out here, see /var/log/%s.log]", c.name, c.dropped, c.name))
		c.dropped = 0
	}
	if len(text) > consoleLineBytes {
		text = text[:consoleLineBytes] + "…"
	}
	c.console.line(c.name + ": " + text)
}
