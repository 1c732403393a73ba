package main

import (
	"encoding/binary"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	evKey     = 1
	keyPower  = 116
	eventSize = 24 // struct input_event on 64-bit
)

// watchPower delivers the reboot(2) command once somebody asks for the guest's end: by ACPI button or by signal.
func watchPower(asked chan<- int) {
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) // ctrl-alt-del becomes SIGINT
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGPWR, syscall.SIGUSR2, syscall.SIGINT)
	go func() {
		for sig := range signals {
			if sig == syscall.SIGINT {
				asked <- unix.LINUX_REBOOT_CMD_RESTART
				continue
			}
			asked <- unix.LINUX_REBOOT_CMD_POWER_OFF
		}
	}()
	go watchButtons(asked)
}

// watchButtons waits for the driver, then reads every power button (a machine may have two).
func watchButtons(asked chan<- int) {
	var opened sync.Map
	for range 50 {
		names, _ := filepath.Glob("/sys/class/input/event*/device/name")
		for _, name := range names {
			label, err := os.ReadFile(name)
			if err != nil || !strings.Contains(string(label), "Power Button") {
				continue
			}
			device := "/dev/input/" + strings.Split(name, "/")[4]
			if _, known := opened.LoadOrStore(device, true); !known {
				go readButton(device, asked)
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func readButton(device string, asked chan<- int) {
	file, err := os.Open(device)
	if err != nil {
		return
	}
	defer file.Close()
	event := make([]byte, eventSize)
	for {
		if n, err := file.Read(event); err != nil || n != eventSize {
			return
		}
		if isPowerPress(event) {
			asked <- unix.LINUX_REBOOT_CMD_POWER_OFF
		}
	}
}

// isPowerPress reads type, code and value after the 16-byte time stamp.
func isPowerPress(event []byte) bool {
	return binary.LittleEndian.Uint16(event[16:]) == evKey &&
		binary.LittleEndian.Uint16(event[18:]) == keyPower &&
		binary.LittleEndian.Uint32(event[20:]) == 1
}
