package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/audit"
)

var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// chain links entries, as a store does.
func chain(tb rapid.TB, entries []string) []audit.Link {
	links := make([]audit.Link, len(entries))
	before := ""
	for i, e := range entries {
		hash, err := audit.Hash(before, int64(i+1), []byte(e))
		require.NoError(tb, err)
		links[i], before = audit.Link{Seq: int64(i + 1), Hash: hash, Entry: json.RawMessage(e)}, hash
	}
	return links
}

// file writes links and a head of the last of them, as an export does.
func file(tb rapid.TB, links []audit.Link, head audit.Head) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	for _, l := range links {
		require.NoError(tb, e.Encode(l))
	}
	require.NoError(tb, e.Encode(audit.End{Head: head}))
	return b.String()
}

func headOf(links []audit.Link) audit.Head {
	last := links[len(links)-1]
	return audit.Sign(key, last.Seq, last.Hash, time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC))
}

func verify(tb rapid.TB, text string, want audit.Expectation) audit.Report {
	r, err := audit.Verify(strings.NewReader(text), want)
	require.NoError(tb, err)
	return r
}

// sound tells whether nothing speaks against a file.
func sound(r audit.Report) bool { return len(r.Faults) == 0 && r.Head != nil && r.Known }

func some(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`{"id":"%d","verb":"create","note":"<a & b> \u2028 ü","after":{"b":1e3,"a":12345678901234567890}}`, i))
	}
	return out
}

func TestAFileThatNobodyTouched(t *testing.T) {
	links := chain(t, some(5))
	text := file(t, links, headOf(links))
	r := verify(t, text, audit.Expectation{})
	require.True(t, sound(r), r.Faults)
	require.Equal(t, 5, r.Entries)
	require.EqualValues(t, 5, r.Last)

	// Spaces and the order of keys are not what was done; numbers are, to the last digit.
	pretty := strings.ReplaceAll(text, `"b":1e3,"a":12345678901234567890`, `"a": 12345678901234567890, "b": 1e3`)
	require.NotEqual(t, text, pretty)
	require.True(t, sound(verify(t, pretty, audit.Expectation{})))
	require.False(t, sound(verify(t, strings.Replace(text, "12345678901234567890", "12345678901234567891", 1), audit.Expectation{})))
}

// TestEveryAlterationIsFound alters a file in every way that keeps it readable.
func TestEveryAlterationIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links := chain(t, some(rapid.IntRange(2, 8).Draw(t, "entries")))
		head := headOf(links)
		at := rapid.IntRange(0, len(links)-1).Draw(t, "at")
		switch rapid.SampledFrom([]string{"entry", "hash", "delete", "empty", "swap", "cut", "repeat"}).Draw(t, "how") {
		case "entry":
			links[at].Entry = json.RawMessage(strings.Replace(string(links[at].Entry), "create", "delete", 1))
		case "hash":
			links[at].Hash = strings.Repeat("0", 64)
		case "delete":
			links = append(links[:at], links[at+1:]...)
		case "empty":
			links[at].Entry = nil
		case "swap":
			other := (at + 1) % len(links)
			links[at].Entry, links[other].Entry = links[other].Entry, links[at].Entry
		case "cut":
			links = links[:at]
		case "repeat":
			links = append(links[:at+1], links[at:]...)
		}
		require.NotEmpty(t, verify(t, file(t, links, head), audit.Expectation{}).Faults)
	})
}

// TestALogWrittenAnew is one by somebody who has the database and the key: only a head that was kept elsewhere tells.
func TestALogWrittenAnew(t *testing.T) {
	was := chain(t, some(6))
	kept := audit.Expectation{Seq: 4, Hash: was[3].Hash}
	require.True(t, sound(verify(t, file(t, was, headOf(was)), kept)))
	entries := some(6)
	entries[1] = strings.Replace(entries[1], "create", "delete", 1)
	now := chain(t, entries)
	require.True(t, sound(verify(t, file(t, now, headOf(now)), audit.Expectation{})))
	r := verify(t, file(t, now, headOf(now)), kept)
	require.Len(t, r.Faults, 1)
	require.EqualValues(t, 4, r.Faults[0].Seq)
	require.False(t, verify(t, file(t, was[:2], headOf(was[:2])), kept).Known, "it does not reach so far")
}

func TestHeads(t *testing.T) {
	links := chain(t, some(3))
	head := headOf(links)
	require.NoError(t, head.Check())
	for name, forge := range map[string]func(h *audit.Head){
		"seq":       func(h *audit.Head) { h.Seq++ },
		"hash":      func(h *audit.Head) { h.Hash = "" },
		"at":        func(h *audit.Head) { h.At = h.At.Add(time.Hour) },
		"key":       func(h *audit.Head) { h.Key = "AAAA" },
		"signature": func(h *audit.Head) { h.Signature = "no" },
	} {
		forged := head
		forge(&forged)
		require.ErrorIs(t, forged.Check(), audit.ErrSignature, name)
		require.NotEmpty(t, verify(t, file(t, links, forged), audit.Expectation{}).Faults, name)
	}
}

func TestAPartOfALog(t *testing.T) {
	links := chain(t, some(5))
	start, err := json.Marshal(audit.Start{Seq: 2, Before: links[1].Hash})
	require.NoError(t, err)
	part := string(start) + "\n" + file(t, links[2:], headOf(links))
	r := verify(t, part, audit.Expectation{Seq: 2, Hash: links[1].Hash})
	require.True(t, sound(r), r.Faults)
	require.Equal(t, 3, r.Entries)
	require.NotEmpty(t, verify(t, file(t, links[2:], headOf(links)), audit.Expectation{}).Faults, "without its start")
	require.Nil(t, verify(t, strings.Split(part, `{"head"`)[0], audit.Expectation{}).Head, "without its end")
}

func TestWhatNoExportWrote(t *testing.T) {
	links := chain(t, some(2))
	text := file(t, links, headOf(links))
	for _, wrong := range []string{"[]", "{}", "hello", text + text} {
		_, err := audit.Verify(strings.NewReader(wrong), audit.Expectation{})
		require.Error(t, err, wrong)
	}
}
