package front

import "bytes"

// plainHead gives the length of the request head at the start of b when the
// short way can take it: whole, HTTP/1.1, one Host, no body, nothing that
// changes the connection, and no byte that a strict reader would have to judge.
// Anything else gives 0, and net/http says what to do about it.
func plainHead(b []byte) int {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	line, rest, _ := bytes.Cut(b[:end+2], []byte("\r\n"))
	if !plainLine(line) {
		return 0
	}
	hosts := 0
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || !all(name, nameByte) || !all(value, valueByte) || special(name) {
			return 0
		}
		if bytes.EqualFold(name, []byte("Host")) {
			hosts++
			if value = bytes.TrimSpace(value); len(value) == 0 || !all(value, hostByte) {
				return 0
			}
		}
	}
	if hosts != 1 {
		return 0
	}
	return end + 4
}

// plainLine is a request line with a method that has no body and a path.
func plainLine(line []byte) bool {
	line, ok := bytes.CutSuffix(line, []byte(" HTTP/1.1"))
	if !ok || !all(line, lineByte) {
		return false
	}
	for _, method := range []string{"GET /", "HEAD /", "DELETE /", "OPTIONS /"} {
		if bytes.HasPrefix(line, []byte(method)) {
			return bytes.Count(line, []byte(" ")) == 1
		}
	}
	return false
}

// special names the fields that announce a body or change the connection.
// A field that only looks like one of them is as suspicious as the real one.
func special(name []byte) bool {
	switch len(name) {
	case 2:
		return bytes.EqualFold(name, []byte("TE"))
	case 6:
		return bytes.EqualFold(name, []byte("Expect"))
	case 7:
		return bytes.EqualFold(name, []byte("Upgrade")) || bytes.EqualFold(name, []byte("Trailer"))
	case 10:
		return bytes.EqualFold(name, []byte("Connection"))
	case 14:
		return looksLike(name, "content-length")
	case 16:
		return bytes.EqualFold(name, []byte("Proxy-Connection"))
	case 17:
		return looksLike(name, "transfer-encoding")
	}
	return false
}

// looksLike compares without case and with underscores read as hyphens.
func looksLike(name []byte, as string) bool {
	for i, c := range name {
		if c == '_' {
			c = '-'
		}
		if c|0x20 != as[i]|0x20 {
			return false
		}
	}
	return true
}

func all(b []byte, table [256]bool) bool {
	for _, c := range b {
		if !table[c] {
			return false
		}
	}
	return true
}

var (
	nameByte  = bytesOf("!#$%&'*+-.^_`|~", alphanumeric)
	hostByte  = bytesOf(".-_:[]", alphanumeric)
	lineByte  = visible(true)
	valueByte = visible(false)
)

const alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func bytesOf(sets ...string) (t [256]bool) {
	for _, s := range sets {
		for i := range len(s) {
			t[s[i]] = true
		}
	}
	return t
}

// visible is printable ASCII; a field's value may also hold tabs and bytes beyond.
func visible(line bool) (t [256]bool) {
	for c := 0x20; c < 0x7f; c++ {
		t[c] = true
	}
	if !line {
		t['\t'] = true
		for c := 0x80; c <= 0xff; c++ {
			t[c] = true
		}
	}
	return t
}
