package dpath

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Parse reads one rule document strictly: one JSON object of at most
// [MaxDocumentBytes], no unknown, duplicate or differently-cased field, no
// text after it, valid by [Document.Validate] without group names resolved.
// A refusal is an [*InvalidError] listing every fault by JSON path.
func Parse(r io.Reader) (*Document, error) {
	text, err := readBounded(r)
	if err != nil {
		return nil, err
	}
	return parseText(text)
}

func readBounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxDocumentBytes+1))
	if err != nil {
		return nil, fmt.Errorf("dpath: read rule document: %w", err)
	}
	if len(text) > MaxDocumentBytes {
		return nil, &InvalidError{Problems: []Problem{{
			Path: "$", Reason: "too_large", Message: "the document is larger than 256 KiB",
			Hint: "name node groups instead of single addresses",
		}}}
	}
	if !utf8.Valid(text) {
		return nil, &InvalidError{Problems: []Problem{{Path: "$", Reason: "not_utf8", Message: "the document is not UTF-8 text"}}}
	}
	return text, nil
}

func parseText(text []byte) (*Document, error) {
	w := &walker{dec: json.NewDecoder(bytes.NewReader(text))}
	w.dec.UseNumber()
	if err := w.value(documentShape, "$"); err != nil {
		return nil, w.syntaxError(err, text)
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, w.syntaxError(errors.New("extra data after the document"), text)
	}
	if err := w.err(); err != nil {
		return nil, err
	}
	doc := &Document{}
	if err := json.Unmarshal(text, doc); err != nil {
		// Only times are left to fail: the shape has been checked.
		return nil, &InvalidError{Problems: []Problem{{Path: "$", Reason: "wrong_type", Message: err.Error(), Hint: "times are RFC 3339, such as 2026-11-11T00:00:00+08:00"}}}
	}
	doc.normalize()
	if _, err := doc.Validate(nil); err != nil {
		return nil, err
	}
	return doc, nil
}
