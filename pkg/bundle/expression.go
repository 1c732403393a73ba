package bundle

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"google.golang.org/protobuf/types/known/structpb"
)

// errUnknown says that an expression refers to something that is not known yet.
var errUnknown = errors.New("not known yet")

// values are what expressions can refer to.
type values struct {
	Params    map[string]any
	Size      map[string]any
	Local     map[string]any
	Bundle    map[string]any
	Resources map[string]any
}

func (v values) activation() map[string]any {
	return map[string]any{"params": v.Params, "size": v.Size, "local": v.Local, "bundle": v.Bundle, "resources": v.Resources}
}

var environment = sync.OnceValues(func() (*cel.Env, error) {
	dyn := cel.MapType(cel.StringType, cel.DynType)
	return cel.NewEnv(cel.Variable("params", dyn), cel.Variable("size", dyn), cel.Variable("local", dyn), cel.Variable("bundle", dyn), cel.Variable("resources", dyn),
		ext.Strings(), ext.Lists(), ext.Encoders(), ext.Math(), ext.Bindings(),
		cel.Function("toJson", cel.Overload("to_json_dyn", []*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			n, err := native(v)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.String(canonical(n))
		}))),
		cel.Function("toYaml", cel.Overload("to_yaml_dyn", []*cel.Type{cel.DynType}, cel.StringType, cel.UnaryBinding(func(v ref.Val) ref.Val {
			n, err := native(v)
			if err != nil {
				return types.WrapErr(err)
			}
			text, err := yaml.Marshal(n)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.String(text)
		}))),
		cel.Function("hmacSha256", cel.Overload("hmac_sha256_string_string", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType, cel.BinaryBinding(func(key, text ref.Val) ref.Val {
			h := hmac.New(sha256.New, []byte(key.(types.String)))
			h.Write([]byte(text.(types.String)))
			return types.String(hex.EncodeToString(h.Sum(nil)))
		}))),
		cel.Function("indent", cel.MemberOverload("string_indent_int", []*cel.Type{cel.StringType, cel.IntType}, cel.StringType, cel.BinaryBinding(func(s, n ref.Val) ref.Val {
			pad := strings.Repeat(" ", int(n.(types.Int)))
			return types.String(strings.ReplaceAll(string(s.(types.String)), "\n", "\n"+pad))
		}))))
})

var compiled sync.Map // expression → *compiledExpression

type compiledExpression struct {
	program cel.Program
	refs    []string
}

func compile(expr string) (*compiledExpression, error) {
	if c, ok := compiled.Load(expr); ok {
		return c.(*compiledExpression), nil
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	checked, issues := env.Compile(expr)
	if issues.Err() != nil {
		return nil, fmt.Errorf("expression ${%s}: %w", expr, issues.Err())
	}
	program, err := env.Program(checked, cel.CostLimit(1_000_000))
	if err != nil {
		return nil, fmt.Errorf("expression ${%s}: %w", expr, err)
	}
	c := &compiledExpression{program: program, refs: selected(checked.NativeRep().Expr(), "resources")}
	compiled.Store(expr, c)
	return c, nil
}

// selected lists the fields of a variable that an expression selects.
func selected(e ast.Expr, variable string) []string {
	found := map[string]bool{}
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.SelectKind {
			if s := e.AsSelect(); s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == variable {
				found[s.FieldName()] = true
			}
		}
	}))
	out := make([]string, 0, len(found))
	for f := range found {
		out = append(out, f)
	}
	sort.Strings(out)
	return out
}

func evaluate(expr string, v values) (any, error) {
	c, err := compile(expr)
	if err != nil {
		return nil, err
	}
	out, _, err := c.program.Eval(v.activation())
	if err != nil {
		if strings.Contains(err.Error(), "no such key") || strings.Contains(err.Error(), "index out of bounds") {
			return nil, fmt.Errorf("%w: ${%s}: %w", errUnknown, expr, err)
		}
		return nil, fmt.Errorf("expression ${%s}: %w", expr, err)
	}
	return native(out)
}

// native turns a CEL value into what JSON knows.
func native(v ref.Val) (any, error) {
	n, err := v.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return nil, err
	}
	value := n.(*structpb.Value).AsInterface()
	if f, ok := value.(float64); ok && v.Type() == types.IntType && f == float64(int64(f)) {
		return int64(f), nil
	}
	return value, nil
}

// part is a piece of a template string: literal text or an expression.
type part struct {
	text string
	expr bool
}

// split cuts a string into text and ${expressions}; $${ stands for a literal ${.
func split(s string) ([]part, error) {
	var out []part
	var text strings.Builder
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "$${"):
			text.WriteString("${")
			i += 3
		case strings.HasPrefix(s[i:], "${"):
			end, err := closing(s, i+2)
			if err != nil {
				return nil, err
			}
			if text.Len() > 0 {
				out = append(out, part{text: text.String()})
				text.Reset()
			}
			out = append(out, part{text: strings.TrimSpace(s[i+2 : end]), expr: true})
			i = end + 1
		default:
			text.WriteByte(s[i])
			i++
		}
	}
	if text.Len() > 0 {
		out = append(out, part{text: text.String()})
	}
	return out, nil
}

// closing finds the brace that ends an expression, past braces and quotes within it.
func closing(s string, from int) (int, error) {
	depth, quote := 0, byte(0)
	for i := from; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			switch c {
			case '\\':
				i++
			case quote:
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}' && depth == 0:
			return i, nil
		case c == '}':
			depth--
		}
	}
	return 0, fmt.Errorf("expression is not closed: %.40s", s[from:])
}

// fill evaluates every expression within a value.
func fill(v any, vals values) (any, error) {
	switch x := v.(type) {
	case string:
		return fillString(x, vals)
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			var err error
			if out[i], err = fill(e, vals); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			var err error
			if out[k], err = fill(e, vals); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

// fillString keeps the type of a value that is one expression alone; otherwise it makes text.
func fillString(s string, vals values) (any, error) {
	parts, err := split(s)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 && parts[0].expr {
		return evaluate(parts[0].text, vals)
	}
	var b strings.Builder
	for _, p := range parts {
		if !p.expr {
			b.WriteString(p.text)
			continue
		}
		v, err := evaluate(p.text, vals)
		if err != nil {
			return nil, err
		}
		if f, ok := v.(float64); ok && f == float64(int64(f)) {
			v = int64(f)
		}
		if text, ok := v.(string); ok {
			b.WriteString(text)
		} else {
			b.WriteString(canonical(v))
		}
	}
	return b.String(), nil
}

// references lists the resources a template refers to.
func references(t Template) ([]string, error) {
	return referred(t.Spec, t.Labels, t.Name, condition(t.When))
}

// condition is When as a template string; it may leave the braces out.
func condition(when string) string {
	if when == "" || strings.HasPrefix(strings.TrimSpace(when), "${") {
		return when
	}
	return "${" + when + "}"
}

// referred lists the resources that the expressions within values refer to, and refuses expressions that do not compile.
func referred(values ...any) ([]string, error) {
	found := map[string]bool{}
	var walk func(v any) error
	walk = func(v any) error {
		switch x := v.(type) {
		case string:
			parts, err := split(x)
			if err != nil {
				return err
			}
			for _, p := range parts {
				if !p.expr {
					continue
				}
				c, err := compile(p.text)
				if err != nil {
					return err
				}
				for _, r := range c.refs {
					found[r] = true
				}
			}
		case []any:
			for _, e := range x {
				if err := walk(e); err != nil {
					return err
				}
			}
		case map[string]any:
			for _, e := range x {
				if err := walk(e); err != nil {
					return err
				}
			}
		case map[string]string:
			for _, e := range x {
				if err := walk(e); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for _, v := range values {
		if err := walk(v); err != nil {
			return nil, err
		}
	}
	out := make([]string, 0, len(found))
	for r := range found {
		out = append(out, r)
	}
	sort.Strings(out)
	return out, nil
}
