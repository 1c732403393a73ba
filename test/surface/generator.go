package surface

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// Request is one that a generator made up.
type Request struct {
	Operation Operation
	Path      string // with its query
	Body      []byte
	Header    []string // names and values in turn
}

func (r Request) String() string {
	return fmt.Sprintf("%s %s %.600q %v", r.Operation.Method, r.Path, r.Body, r.Header)
}

// Generator makes requests up, most of them nearly right. The same seed and memory make the same ones.
type Generator struct {
	// Neat requests have nothing in them that the document does not allow, and are about what is known wherever they can be.
	Neat bool

	document *Document
	memory   *Memory
	rand     *rand.Rand
}

// NewGenerator returns one that asks about what the memory knows.
func NewGenerator(d *Document, m *Memory, seed uint64) *Generator {
	return &Generator{document: d, memory: m, rand: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // to be repeated, not to be secret
}

// Any makes a request of any operation. Deletions are rarer than the rest, so that there is something to ask about.
func (g *Generator) Any() Request {
	for {
		op := g.document.Operations[g.rand.IntN(len(g.document.Operations))]
		if op.Method != http.MethodDelete || g.chance(0.25) {
			return g.Make(op)
		}
	}
}

// Make makes a request of an operation.
func (g *Generator) Make(op Operation) Request {
	r := Request{Operation: op, Path: op.Path}
	query := url.Values{}
	for _, p := range op.Parameters {
		if !p.Required && !g.chance(0.3) {
			continue
		}
		text := g.parameter(op, p)
		switch p.In {
		case "path":
			r.Path = strings.Replace(r.Path, "{"+p.Name+"}", url.PathEscape(text), 1)
		case "query":
			query.Add(p.Name, text)
		case "header":
			r.Header = append(r.Header, p.Name, visible(text))
		}
	}
	if len(query) > 0 {
		r.Path += "?" + query.Encode()
	}
	if op.Body != nil {
		r.Body, _ = json.Marshal(g.value(op.Body, "", 0)) // it is made of what JSON has
		if g.wild(0.02) {
			r.Body = r.Body[:g.rand.IntN(len(r.Body)+1)]
		}
	}
	return r
}

// visible is what a header may hold; anything else is refused before it is sent.
func visible(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, text)
}

func (g *Generator) parameter(op Operation, p Parameter) string {
	switch {
	case p.Name == "wait" && g.Neat:
		return "0s"
	case p.Name == "wait":
		return g.of("0s", "10ms", "200ms", "1", "-1s", "soon", "99999h")
	case p.In == "path" && g.usual(0.85):
		if known, ok := g.memory.pick(g.rand, op.collection()); ok {
			return known
		}
	}
	v := g.value(p.Schema, p.Name, 1)
	if s, ok := v.(string); ok {
		if s == "" && p.In == "path" {
			return "x"
		}
		return s
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// deepest bounds how far values nest.
const deepest = 7

// value makes one of a schema; name is that of the property, which often tells what is meant.
func (g *Generator) value(s object, name string, depth int) any {
	s = g.document.resolve(s)
	if g.wild(0.02) {
		return g.strange()
	}
	if choices, ok := s["enum"].([]any); ok {
		return choices[g.rand.IntN(len(choices))]
	}
	switch g.kind(s) {
	case "string":
		return g.text(s, name)
	case "integer":
		return g.number(s)
	case "number":
		return float64(g.number(s)) + 0.5
	case "boolean":
		return g.chance(0.5)
	case "array":
		return g.array(s, name, depth)
	case "object":
		return g.object(s, depth)
	}
	return g.strange()
}

// kind is one of the schema's types.
func (g *Generator) kind(s object) string {
	switch t := s["type"].(type) {
	case string:
		return t
	case []any:
		kind, _ := t[g.rand.IntN(len(t))].(string)
		return kind
	}
	if s["properties"] != nil {
		return "object"
	}
	return ""
}

func (g *Generator) array(s object, name string, depth int) any {
	items, _ := s["items"].(object)
	n := g.rand.IntN(4)
	if least, ok := s["minItems"].(float64); ok && !g.wild(0.05) {
		n = max(n, int(least))
	}
	if most, ok := s["maxItems"].(float64); ok && g.wild(0.02) {
		n = int(most) + 1
	}
	if depth > deepest {
		n = 0
	}
	out := make([]any, min(n, 2000))
	for i := range out {
		out[i] = g.value(items, name, depth+1)
	}
	return out
}

func (g *Generator) object(s object, depth int) any {
	out := object{}
	properties, _ := s["properties"].(object)
	required, _ := s["required"].([]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(object)
		needed := slices.Contains(required, any(name))
		if needed && g.usual(0.98) || !needed && depth <= deepest && g.chance(0.35) {
			out[name] = g.value(property, name, depth+1)
		}
	}
	if more, ok := s["additionalProperties"].(object); ok && depth <= deepest {
		for range g.rand.IntN(3) {
			out[g.key()] = g.value(more, "", depth+1)
		}
	}
	if g.wild(0.02) {
		out[g.key()] = g.strange()
	}
	return out
}

// key names what the document has no name for.
func (g *Generator) key() string {
	if g.Neat {
		return g.of("a", "b", "tier", "city")
	}
	return g.text(object{}, "")
}

func (g *Generator) number(s object) int64 {
	least, most := int64(0), int64(100)
	if v, ok := s["minimum"].(float64); ok {
		least = int64(v)
		most = max(most, least+100)
	}
	if v, ok := s["maximum"].(float64); ok {
		most = int64(v)
	}
	if g.wild(0.08) {
		return []int64{least - 1, most + 1, -1 << 63, 1<<63 - 1, 1 << 31, 1 << 53, 0, -1}[g.rand.IntN(8)]
	}
	if g.chance(0.6) {
		most = min(most, least+8)
	}
	if most <= least {
		return least
	}
	return least + g.rand.Int64N(most-least+1)
}

func (g *Generator) text(s object, name string) string {
	return harmless(g.word(s, name))
}

// harmless leads nowhere: what a server follows an address to is this machine, where nothing listens.
func harmless(text string) string {
	if i := strings.Index(text, "://"); i > 0 {
		return text[:i] + "://127.0.0.1:1/"
	}
	return text
}

func (g *Generator) word(s object, name string) string {
	if name != "" && g.usual(0.75) {
		if known, ok := g.memory.pick(g.rand, name); ok {
			return known
		}
	}
	if g.wild(0.04) {
		return g.odd(s)
	}
	switch s["format"] {
	case "uuid":
		return uuid.Must(uuid.NewRandomFromReader(reader{g.rand})).String()
	case "date-time":
		return g.of("2020-01-01T00:00:00Z", "2036-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z")
	case "uri":
		return "http://127.0.0.1:1/"
	}
	if pattern, ok := s["pattern"].(string); ok && g.usual(0.9) {
		return g.matching(pattern)
	}
	return g.of("a", "web", "n1", "shop", "10.0.0.0/24", "10.0.0.9", "00:16:3e:00:00:01", "8Gi", "1h", "data", "x86_64", "status.phase=Ready", "true", "spec.size")
}

// matching makes a text that a pattern allows.
func (g *Generator) matching(pattern string) string {
	key := fmt.Sprint(pattern, "#", g.rand.IntN(6))
	return g.memory.once(key, func() string { return rapid.StringMatching(pattern).Example(g.rand.Int()) })
}

// odd is a text that programs have stumbled over.
func (g *Generator) odd(s object) string {
	long := 300
	if most, ok := s["maxLength"].(float64); ok {
		long = min(int(most)+1, 1<<20)
	}
	return g.of("", " ", "\x00", "a\x00b", "\xff\xfe", "\u2028", "\ufeff", "é", "e\u0301", "茶叶铺子", "👩‍👩‍👧", "\u202eabc", "'; DROP TABLE objects; --", `"`, `\`, "%", "%00", "_", "../../etc/passwd", "/", "a/b/c",
		"null", "-1", "1e309", "NaN", "${params.x}", "{{7*7}}", "<script>", "\r\nX-Header: x", "file:///etc/passwd", strings.Repeat("a", long), strings.Repeat("é", 1000), "00000000-0000-0000-0000-000000000000")
}

func (g *Generator) strange() any {
	return []any{nil, "", "text", 0, -1, 1.5, 1e300, true, []any{}, object{}, []any{nil}, object{"a": object{"b": []any{1}}}, []any{[]any{[]any{}}}}[g.rand.IntN(13)]
}

// wild is a chance that neat requests do not take, usual one that they always do.
func (g *Generator) wild(p float64) bool { return g.chance(p) && !g.Neat }

func (g *Generator) usual(p float64) bool { return g.chance(p) || g.Neat }

func (g *Generator) chance(p float64) bool { return g.rand.Float64() < p }

func (g *Generator) of(choices ...string) string { return choices[g.rand.IntN(len(choices))] }

// reader gives random bytes.
type reader struct{ rand *rand.Rand }

// Read implements io.Reader.
func (r reader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.rand.Uint32()) //nolint:gosec // any byte will do
	}
	return len(p), nil
}
