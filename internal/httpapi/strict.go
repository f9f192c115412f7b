package httpapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// explain says what is wrong with a JSON text, in the words of its sender:
// the names of fields, not of Go types.
func explain(err error) string {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		if errors.Is(err, json.ErrUnknownName) {
			return at(semantic.JSONPointer) + "unknown field"
		}
		return at(semantic.JSONPointer) + "wrong type, or a number that does not fit"
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return at(syntactic.JSONPointer) + "duplicate field"
		}
		return fmt.Sprintf("%sbad JSON at byte %d", at(syntactic.JSONPointer), syntactic.ByteOffset)
	}
	return "bad JSON"
}

// at names a place in a JSON text (RFC 6901), cut short: a name can be long.
func at(place jsontext.Pointer) string {
	if place == "" {
		return ""
	}
	return fmt.Sprintf("%.64q: ", string(place))
}

// incomplete says which field of a valid JSON text is missing or null, which no
// option of the decoder forbids: it would leave a zero in the Go struct, and an
// order for nothing looks like an order. It returns "" if none is.
func incomplete(body []byte, t reflect.Type) string {
	known := jsontext.AllowDuplicateNames(true) // it has none, and need not be asked again
	return flawOf(jsontext.NewDecoder(bytes.NewBuffer(body), known), t)
}

// flawOf reads the next value of a text, and says what is missing or null in it. A
// text that is valid gives no errors.
func flawOf(text *jsontext.Decoder, t reflect.Type) (flaw string) {
	t = pointee(t)
	switch kind := text.PeekKind(); {
	case kind == '{' && t.Kind() == reflect.Struct:
		return flawOfObject(text, fieldsOf(t))
	case kind == '[' && t.Kind() == reflect.Slice:
		_, _ = text.ReadToken()
		for flaw == "" && text.PeekKind() != ']' {
			flaw = flawOf(text, t.Elem())
		}
		_, _ = text.ReadToken()
	default:
		_ = text.SkipValue()
		if kind == 'n' {
			return at(text.StackPointer()) + "null"
		}
	}
	return flaw
}

func flawOfObject(text *jsontext.Decoder, missing []field) string {
	_, _ = text.ReadToken()
	for text.PeekKind() != '}' {
		token, _ := text.ReadToken()
		name := token.String()
		i := slices.IndexFunc(missing, func(f field) bool { return f.name == name })
		if i < 0 { // an answer may have more
			_ = text.SkipValue()
			continue
		}
		if flaw := flawOf(text, missing[i].Type); flaw != "" {
			return flaw
		}
		missing = slices.Delete(missing, i, i+1)
	}
	_, _ = text.ReadToken()
	for _, f := range missing {
		if !f.optional {
			return at(text.StackPointer().AppendToken(f.name)) + "missing field"
		}
	}
	return ""
}

// field is what a JSON object may have, or must have.
type field struct {
	reflect.Type
	name     string
	optional bool
}

func fieldsOf(t reflect.Type) []field {
	list := make([]field, 0, t.NumField())
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			list = append(list, fieldsOf(pointee(f.Type))...)
		case f.IsExported() && name != "-":
			list = append(list,
				field{f.Type, cmp.Or(name, f.Name), strings.Contains(options, "omitzero")})
		}
	}
	return list
}

func pointee(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
