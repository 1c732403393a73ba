package cli

import (
	"strings"
	"unicode"

	"github.com/plazacloud/plaza/pkg/client"
)

// flagOf is the flag of a field.
func flagOf(path []string) string {
	name := flagName(path)
	if reserved[name] {
		return "spec-" + name
	}
	return name
}

// flagName turns template.memoryMiB into template-memory-mib.
func flagName(path []string) string {
	text := strings.NewReplacer("MiB", "Mib", "GiB", "Gib", "KiB", "Kib").Replace(strings.Join(path, "-"))
	var b strings.Builder
	var before rune
	for _, r := range text {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return strings.ReplaceAll(b.String(), "_", "-")
}

func usage(p client.Property, path []string) string {
	text := p.Doc
	if len(text) > 1 && unicode.IsLower(rune(text[1])) {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	if len(p.Enum) > 0 {
		text = strings.TrimPrefix(text+"; "+strings.Join(p.Enum, ", "), "; ")
	}
	if text == "" {
		text = plainly(p, path)
	}
	switch {
	case p.Type == "array" && p.Items == "object":
		var names []string
		for _, f := range p.Properties {
			names = append(names, fieldNames(f)...)
		}
		text += " (repeatable: " + strings.Join(names, ",") + ")"
	case p.Type == "array":
		text += " (repeatable)"
	case p.Type == "object":
		text += " (repeatable: key=value)"
	}
	if p.Required {
		text += " (required)"
	}
	return strings.TrimSpace(text)
}

// plainly says what a field is that the server tells nothing of: what its name means, or what it is called.
func plainly(p client.Property, path []string) string {
	name := strings.ToLower(p.Name)
	if n, ok := client.FindNoun(name); ok {
		return n.Name + " by name or id"
	}
	for _, unit := range []string{"KiB", "MiB", "GiB"} {
		if what, ok := strings.CutSuffix(p.Name, unit); ok {
			return strings.ReplaceAll(flagName([]string{what}), "-", " ") + " in " + unit
		}
	}
	return "field " + strings.Join(path, ".")
}

// fieldNames are the forms in which a field of an object is given.
func fieldNames(p client.Property) []string {
	if p.Type != "object" || len(p.Properties) == 0 {
		return []string{p.Name + "="}
	}
	var names []string
	for _, f := range p.Properties {
		for _, n := range fieldNames(f) {
			names = append(names, p.Name+"."+n)
		}
	}
	return names
}

// one puts the article before a kind's name that it takes.
func one(name string) string {
	if strings.ContainsRune("aeio", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}
