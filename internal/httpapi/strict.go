package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
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

// incomplete says which field of a valid JSON text is missing or null, which
// no option of the decoder forbids: it would leave a zero in the Go struct,
// and an order for nothing looks like an order. It returns "" if none is.
func incomplete(place jsontext.Pointer, text jsontext.Value, t reflect.Type) string {
	switch kind := text.Kind(); {
	case kind == 'n':
		return at(place) + "null"
	case t.Kind() == reflect.Pointer:
		return incomplete(place, text, t.Elem())
	case kind == '{' && t.Kind() == reflect.Struct:
		return incompleteObject(place, text, t)
	case kind == '[' && t.Kind() == reflect.Slice:
		return incompleteArray(place, text, t.Elem())
	}
	return ""
}

func incompleteObject(place jsontext.Pointer, text jsontext.Value, t reflect.Type) string {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(text, &members); err != nil {
		return explain(err)
	}
	for _, field := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" || !field.IsExported() || field.Anonymous && name == "" {
			continue
		}
		name = cmp.Or(name, field.Name)
		member, present := members[name]
		if !present && strings.Contains(options, "omitzero") {
			continue
		}
		if !present {
			return at(place.AppendToken(name)) + "missing field"
		}
		if flaw := incomplete(place.AppendToken(name), member, field.Type); flaw != "" {
			return flaw
		}
	}
	return ""
}

func incompleteArray(place jsontext.Pointer, text jsontext.Value, element reflect.Type) string {
	var elements []jsontext.Value
	if err := json.Unmarshal(text, &elements); err != nil {
		return explain(err)
	}
	for i, e := range elements {
		if flaw := incomplete(place.AppendToken(strconv.Itoa(i)), e, element); flaw != "" {
			return flaw
		}
	}
	return ""
}
