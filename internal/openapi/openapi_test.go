package openapi_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/openapi"
)

const document = `
openapi: 3.1.0
paths:
  /tea:
    post:
      parameters:
        - {name: sugar, in: query, schema: {type: integer, maximum: 2}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Tea'}}}
      responses:
        '200':
          headers: {Retry-After: {schema: {type: string, pattern: '^[0-9]+$'}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Tea'}}}
        '422':
          content: {application/problem+json: {schema: {type: object}}}
  /tea/{id}:
    delete:
      responses:
        '204': {}
components:
  schemas:
    Tea:
      type: object
      additionalProperties: false
      required: [cups]
      properties:
        cups: {type: integer, minimum: 1}
`

func TestEitherSideOfADriftIsFound(t *testing.T) {
	problem := http.Header{"Content-Type": {"application/problem+json"}}
	good := http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Retry-After": {"1"}}
	for _, row := range []struct {
		name, method, path, body string
		status                   int
		got                      http.Header
		answer, wrong            string
	}{
		{"as it should be", "POST", "/tea?sugar=2", `{"cups":1}`, 200, good, `{"cups":1}`, ""},
		{"refused as it should be", "POST", "/tea", `{"cups":0}`, 422, problem, `{}`, ""},
		{"a parameter that is refused as it should be", "POST", "/tea?sugar=3", `{"cups":1}`, 422,
			problem, `{}`, ""},
		{"gone as it should be", "DELETE", "/tea/1", ``, 204, nil, ``, ""},
		{"a status of no document", "POST", "/tea", `{"cups":1}`, 201, good, `{"cups":1}`,
			"not in the document"},
		{"an answer with a member too many", "POST", "/tea", `{"cups":1}`, 200, good,
			`{"cups":1,"hot":true}`, "hot"},
		{"an answer with the same name twice", "POST", "/tea", `{"cups":1}`, 200, good,
			`{"cups":1,"cups":1}`, "no JSON"},
		{"an answer of another type", "POST", "/tea", `{"cups":1}`, 200,
			http.Header{"Content-Type": {"text/html"}, "Retry-After": {"1"}},
			`{"cups":1}`, "Content-Type"},
		{"a header that is missing", "POST", "/tea", `{"cups":1}`, 200,
			http.Header{"Content-Type": {"application/json"}}, `{"cups":1}`, "Retry-After"},
		{"a body where none belongs", "DELETE", "/tea/1", ``, 204, nil, `{}`, "a body"},
		{"accepted though forbidden", "POST", "/tea", `{"cups":0}`, 200, good, `{"cups":1}`,
			"the document forbids it"},
		{"a parameter accepted though forbidden", "POST", "/tea?sugar=3", `{"cups":1}`, 200, good,
			`{"cups":1}`, "the document forbids it"},
		{"refused though allowed", "POST", "/tea", `{"cups":1}`, 422, problem, `{}`,
			"the document allows it"},
		{"a path of no document", "GET", "/coffee", ``, 200, good, `{}`, "instead of 404"},
		{"a method of no document", "GET", "/tea", ``, 404, problem, `{}`, "instead of 405"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := load(t)
			u, err := url.Parse("http://tea" + row.path)
			require.NoError(t, err)
			err = d.Check(openapi.Exchange{
				Method: row.method, URL: u, Body: []byte(row.body),
				Status: row.status, Got: row.got, Answer: []byte(row.answer),
			})
			if row.wrong == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.wrong)
		})
	}
}

func TestWhatWasNotSeenIsNamed(t *testing.T) {
	d := load(t)
	require.Equal(t, []string{"DELETE /tea/{id} 204", "POST /tea 200", "POST /tea 422"}, d.Unseen())
	u, err := url.Parse("http://tea/tea/1")
	require.NoError(t, err)
	require.NoError(t, d.Check(openapi.Exchange{Method: "DELETE", URL: u, Status: 204}))
	require.Equal(t, []string{"POST /tea 200", "POST /tea 422"}, d.Unseen())
}

func load(t *testing.T) *openapi.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	require.NoError(t, os.WriteFile(file, []byte(document), 0o600))
	d, err := openapi.Load(file)
	require.NoError(t, err)
	return d
}
