package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/dtx/internal/httpapi"
	"github.com/stretchr/testify/require"
)

// order is a request with everything that a request here can have.
type order struct {
	Customer string `json:"customer"`
	Quantity int32  `json:"quantity"`
	Note     string `json:"note,omitzero"`
	Gift     *gift  `json:"gift,omitzero"`
	Lines    []gift `json:"lines,omitzero"`
	Rush     bool   `json:",omitzero"`
}

type gift struct {
	To string `json:"to"`
}

const good = `{"customer":"ada","quantity":2}`

// bodies is the table of the design's section HTTP. A detail of "" means that
// the body is accepted.
var bodies = []struct{ name, body, detail, reason string }{
	{"good", good, "", "it is exactly an order"},
	{"good with spaces", " \n" + good + "\t\r\n ", "", "space around a value is JSON"},
	{"good with all fields", `{"customer":"ada","quantity":2,"note":"x",` +
		`"gift":{"to":"bob"},"lines":[{"to":"eve"}],"Rush":true}`,
		"", "optional fields may be there"},
	{"empty values", `{"customer":"","quantity":-1,"note":""}`, "",
		"values are the service's business"},
	{"largest", `{"customer":"ada","quantity":2147483647}`, "", "it just fits"},
	{"empty", ``, "bad JSON", "nothing is no order"},
	{"only spaces", "  \n", "bad JSON", "neither is space"},
	{"malformed", `{"customer":"ada",`, "bad JSON at byte 18", "it stops in the middle"},
	{"single quotes", `{'customer':'ada','quantity':2}`, "bad JSON", "not JSON"},
	{"trailing comma", `{"customer":"ada","quantity":2,}`, "bad JSON", "not JSON"},
	{"comment", `{"customer":"ada","quantity":2}//x`, "bad JSON", "not JSON"},
	{"byte order mark", "\ufeff" + good, "bad JSON", "RFC 8259 forbids it"},
	{"trailing data", good + ` x`, "bad JSON", "the rest would be ignored"},
	{"two values", good + good, "bad JSON", "which one?"},
	{"unknown field", `{"customer":"ada","quantity":2,"coupon":"X"}`, `"/coupon": unknown field`,
		"a wish would be ignored"},
	{"unknown nested field", `{"customer":"ada","quantity":2,"gift":{"to":"bob","b":1}}`,
		`"/gift/b": unknown field`, "as outside"},
	{"duplicate field", `{"customer":"ada","quantity":2,"quantity":3}`,
		`"/quantity": duplicate field`, "parsers differ on which one counts"},
	{"duplicate in disguise", `{"customer":"ada","quantity":2,"quantit\u0079":3}`,
		`"/quantity": duplicate field`, "an escape is the same name"},
	{"other letter case", `{"customer":"ada","Quantity":2}`, `"/Quantity": unknown field`,
		"encoding/json takes it"},
	{"other case of a bare field", `{"customer":"ada","quantity":2,"rush":true}`,
		`"/rush": unknown field`, "its name is Rush"},
	{"missing field", `{"customer":"ada"}`, `"/quantity": missing field`,
		"zero is not what was ordered"},
	{"missing nested field", `{"customer":"ada","quantity":2,"gift":{}}`,
		`"/gift/to": missing field`, "as outside"},
	{"missing field in a list", `{"customer":"ada","quantity":2,"lines":[{"to":"a"},{}]}`,
		`"/lines/1/to": missing field`, "as outside"},
	{"empty object", `{}`, `"/customer": missing field`, "no order"},
	{"null", `null`, `null`, "encoding/json leaves the zero order"},
	{"null field", `{"customer":"ada","quantity":null}`, `"/quantity": null`, "it would be a zero"},
	{"null optional field", `{"customer":"ada","quantity":2,"note":null}`, `"/note": null`,
		"leave it out instead"},
	{"null nested struct", `{"customer":"ada","quantity":2,"gift":null}`, `"/gift": null`,
		"leave it out instead"},
	{"null nested field", `{"customer":"ada","quantity":2,"gift":{"to":null}}`, `"/gift/to": null`,
		"as outside"},
	{"null in a list", `{"customer":"ada","quantity":2,"lines":[null]}`, `"/lines/0": null`,
		"it would be a zero"},
	{"string for a number", `{"customer":"ada","quantity":"2"}`, `"/quantity": wrong type`,
		"no guessing"},
	{"number for a string", `{"customer":7,"quantity":2}`, `"/customer": wrong type`,
		"no guessing"},
	{"boolean for a number", `{"customer":"ada","quantity":true}`, `"/quantity": wrong type`,
		"no guessing"},
	{"list for the order", `[` + good + `]`, "wrong type", "an order is an object"},
	{"string for the order", `"x"`, "wrong type", "an order is an object"},
	{"fraction", `{"customer":"ada","quantity":2.5}`,
		`"/quantity": wrong type, or a number that does not fit`, "half a unit"},
	{"whole fraction", `{"customer":"ada","quantity":2.0}`, `"/quantity": wrong type`,
		"one way to write a number"},
	{"exponent", `{"customer":"ada","quantity":2e0}`, `"/quantity": wrong type`,
		"one way to write a number"},
	{"leading zero", `{"customer":"ada","quantity":02}`, `bad JSON`, "octal?"},
	{"overflow", `{"customer":"ada","quantity":2147483648}`,
		`"/quantity": wrong type, or a number that does not fit`, "it would wrap round"},
	{"underflow", `{"customer":"ada","quantity":-2147483649}`, `"/quantity": wrong type`,
		"it would wrap round"},
	{"huge", `{"customer":"ada","quantity":1e999}`, `"/quantity": wrong type`,
		"it is no int at all"},
	{"invalid UTF-8", "{\"customer\":\"a\xff\",\"quantity\":2}", `"/customer": bad JSON`,
		"it would become U+FFFD, another name"},
	{"half a surrogate", `{"customer":"\ud800","quantity":2}`, `"/customer": bad JSON`,
		"the same with an escape"},
	{"deep", strings.Repeat("[", 20_000), "wrong type", "and no stack overflows"},
	{"long name", `{"` + strings.Repeat("x", 60_000) + `":1}`, `unknown field`,
		"and the detail stays short"},
}

func TestABodyIsAcceptedOnlyIfItIsExactlyTheStruct(t *testing.T) {
	server := decoding(t)
	for _, row := range bodies {
		t.Run(row.name, func(t *testing.T) {
			_, err := post(t, server, strings.NewReader(row.body), "application/json")
			if row.detail == "" {
				require.NoError(t, err, row.reason)
				return
			}
			require.ErrorIs(t, err, httpapi.Malformed, row.reason)
			require.ErrorContains(t, err, row.detail)
			require.Less(t, len(err.Error()), 200)
		})
	}
}

func TestADecodedStructHasTheValuesOfTheBody(t *testing.T) {
	got, err := post(t, decoding(t), strings.NewReader(bodies[2].body), "application/json")
	require.NoError(t, err)
	require.Equal(t, order{"ada", 2, "x", &gift{"bob"}, []gift{{"eve"}}, true}, got)
}

func TestAFieldWithoutATagIsNotOptional(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "application/json")
	_, err := httpapi.Decode[struct{ Quantity int }](httptest.NewRecorder(), r)
	require.ErrorContains(t, err, `"/Quantity": missing field`)
}

func TestABodyMustBeDeclaredToBeJSON(t *testing.T) {
	server := decoding(t)
	for _, row := range []struct {
		name, body string
		types      []string
		accepted   bool
		reason     string
	}{
		{"plain", good, []string{"application/json"}, true, "as declared"},
		{"charset", good, []string{"application/json; charset=utf-8"}, true,
			"the only one there is"},
		{"charset in capitals", good, []string{`Application/JSON; Charset="UTF-8"`}, true,
			"RFC 9110: case does not count"},
		{"other parameter", good, []string{"application/json; profile=x"}, true,
			"it changes nothing"},
		{"other charset", good, []string{"application/json; charset=latin1"}, false,
			"the bytes would be misread"},
		{"none", good, nil, false, "any HTML form can send that"},
		{"none and no body", "", nil, false, "chi's AllowContentType lets it pass"},
		{"form", good, []string{"application/x-www-form-urlencoded"}, false,
			"what curl sends unasked"},
		{"text", good, []string{"text/plain"}, false, "what a browser sends across sites"},
		{"longer name", good, []string{"application/json5"}, false, "a prefix is not enough"},
		{"problem", good, []string{"application/problem+json"}, false, "not a request"},
		{"broken", good, []string{"application/json; charset"}, false, "not a content type"},
		{"two", good, []string{"application/json", "text/plain"}, false, "which one?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := post(t, server, strings.NewReader(row.body), row.types...)
			if row.accepted {
				require.NoError(t, err, row.reason)
				return
			}
			require.ErrorIs(t, err, httpapi.UnsupportedMediaType, row.reason)
		})
	}
}

func TestACodingThatIsNotUnderstoodIsRefused(t *testing.T) {
	for coding, accepted := range map[string]bool{
		"identity": true, "gzip": false, "br": false, "": false,
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(good))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Content-Encoding", coding)
		_, err := httpapi.Decode[order](httptest.NewRecorder(), r)
		if accepted {
			require.NoError(t, err, coding)
			continue
		}
		require.ErrorIs(t, err, httpapi.UnsupportedMediaType, "Content-Encoding %q", coding)
	}
}

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	server := decoding(t)
	padding := strings.Repeat(" ", httpapi.MaxBody-len(good))
	chunked := func(s string) *chunks { return &chunks{strings.NewReader(s)} }

	_, err := post(t, server, strings.NewReader(good+padding), "application/json")
	require.NoError(t, err, "exactly the limit")
	_, err = post(t, server, strings.NewReader(good+padding+" "), "application/json")
	require.ErrorIs(t, err, httpapi.TooLarge, "one Decode would stop after the value")
	_, err = post(t, server, chunked(good+padding), "application/json")
	require.NoError(t, err, "exactly the limit, no Content-Length")
	_, err = post(t, server, chunked(good+padding+" "), "application/json")
	require.ErrorIs(t, err, httpapi.TooLarge, "Content-Length alone would not tell")
	_, err = post(t, server, strings.NewReader(padding+padding), "text/plain")
	require.ErrorIs(t, err, httpapi.UnsupportedMediaType, "not even read")
}

func FuzzDecode(f *testing.F) {
	for _, row := range bodies {
		if len(row.body) < 1000 { // the fuzzer takes a minute to minimize a long one
			f.Add([]byte(row.body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		got, err := httpapi.Decode[order](httptest.NewRecorder(), r)
		if err != nil {
			require.Equal(t, httpapi.Refused, httpapi.OutcomeOf(err))
			require.Zero(t, got)
			return
		}
		// The standard library, an independent parser, must read the same.
		require.True(t, utf8.Valid(body))
		require.True(t, json.Valid(body))
		var other order
		require.NoError(t, json.Unmarshal(body, &other))
		require.Equal(t, other, got)
		var fields map[string]any
		require.NoError(t, json.Unmarshal(body, &fields))
		require.Contains(t, fields, "customer")
		require.Contains(t, fields, "quantity")
		for name, value := range fields {
			require.NotNil(t, value)
			known := []string{"customer", "quantity", "note", "gift", "lines", "Rush"}
			require.Contains(t, known, name)
		}
	})
}
