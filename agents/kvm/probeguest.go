package kvm

import (
	"bytes"
	"encoding/binary"

	"github.com/plazacloud/plaza/agents/kvm/initramfs"
)

// probeInitramfs has one program, an init that writes text to the console and waits: the smallest userland an x86_64
// kernel can be seen to reach.
func probeInitramfs(text string) []byte {
	return initramfs.Build(append(initramfs.Console(), initramfs.Entry{Name: "init", Mode: 0o755, Data: probeInit(text + "\n")}))
}

// probeInit is a static ELF program of one segment: write(1, text), then pause() for ever.
func probeInit(text string) []byte {
	const base, headers, length = 0x400000, 64 + 56, 18
	code := []byte{
		0xb8, 1, 0, 0, 0, // mov eax, 1 (write)
		0xbf, 1, 0, 0, 0, // mov edi, 1
		0x48, 0x8d, 0x35, 16, 0, 0, 0, // lea rsi, [rip+16]: the text behind the code
		0xba, 0, 0, 0, 0, // mov edx, length of the text, set below
		0x0f, 0x05, // syscall
		0xb8, 34, 0, 0, 0, // mov eax, 34 (pause)
		0x0f, 0x05, // syscall
		0xeb, 0xf7, // jmp to the pause
	}
	binary.LittleEndian.PutUint32(code[length:], uint32(len(text))) //nolint:gosec // a line
	size := uint64(headers + len(code) + len(text))
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01")
	b.Write(make([]byte, 9))
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	le([]uint16{2, 62}) // executable, x86-64
	le(uint32(1))
	le([]uint64{base + headers, 64, 0}) // entry, program headers, no sections
	le(uint32(0))
	le([]uint16{64, 56, 1, 0, 0, 0})
	le([]uint32{1, 5}) // PT_LOAD, read and execute
	le([]uint64{0, base, base, size, size, 0x1000})
	b.Write(code)
	b.WriteString(text)
	return b.Bytes()
}
