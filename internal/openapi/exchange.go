package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Exchange is a request and its answer.
type Exchange struct {
	Method string
	URL    *url.URL
	Sent   http.Header
	Body   []byte

	Status int
	Got    http.Header
	Answer []byte

	// Finer marks a request that is refused for what JSON Schema cannot say.
	Finer bool
}

// Check holds an exchange against the document.
func (d *Document) Check(x Exchange) error {
	path, item := d.find(x.URL.Path)
	if !item.there() {
		return x.requireProblem(http.StatusNotFound)
	}
	operation := item.member(strings.ToLower(x.Method))
	if !operation.there() {
		return x.requireProblem(http.StatusMethodNotAllowed)
	}
	what := x.Method + " " + path + " " + strconv.Itoa(x.Status)
	response := operation.member("responses").member(strconv.Itoa(x.Status))
	if !response.there() {
		return fmt.Errorf("%s is not in the document: %s", what, x.Answer)
	}
	d.see(what)
	if err := x.checkAnswer(response); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := x.checkVerdict(x.checkRequest(item, operation)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// find returns the path item for a path. A fixed path goes before a template.
func (d *Document) find(path string) (template string, item node) {
	for t, i := range d.top("paths").members() {
		switch {
		case t == path:
			return t, i
		case matches(t, path):
			template, item = t, i
		}
	}
	return template, item
}

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && (!strings.HasPrefix(want[i], "{") || got[i] == "") {
			return false
		}
	}
	return true
}

// requireProblem checks an answer to what is not in the document.
func (x Exchange) requireProblem(status int) error {
	if x.Status != status || x.Got.Get("Content-Type") != "application/problem+json" {
		const other = "%s %s is not in the document, and is answered %d %s instead of %d"
		contentType := x.Got.Get("Content-Type")
		return fmt.Errorf(other, x.Method, x.URL, x.Status, contentType, status)
	}
	return nil
}

// checkAnswer holds status, headers and body against a response.
func (x Exchange) checkAnswer(response node) error {
	for name, header := range response.member("headers").members() {
		if err := header.document.validate(header.member("schema"), x.Got.Get(name)); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	content := response.member("content").members()
	if len(content) == 0 {
		if len(x.Answer) > 0 {
			return fmt.Errorf("a body that is not in the document: %s", x.Answer)
		}
		return nil
	}
	declared, _, err := mime.ParseMediaType(x.Got.Get("Content-Type"))
	if err != nil || !content[declared].there() {
		return fmt.Errorf("Content-Type %q is not in the document", x.Got.Get("Content-Type"))
	}
	value, err := decode(x.Answer)
	if err != nil {
		return fmt.Errorf("%w: %s", err, x.Answer)
	}
	schema := content[declared].member("schema")
	if err := schema.document.validate(schema, value); err != nil {
		return fmt.Errorf("%w: %s", err, x.Answer)
	}
	return nil
}

// checkRequest holds parameters and body against an operation.
func (x Exchange) checkRequest(item, operation node) error {
	shared, own := item.member("parameters").items(), operation.member("parameters").items()
	for _, p := range append(shared, own...) {
		if err := x.checkParameter(p); err != nil {
			return fmt.Errorf("%s %s: %w", p.text("in"), p.text("name"), err)
		}
	}
	body := operation.member("requestBody")
	if !body.there() {
		return nil
	}
	value, err := decode(x.Body)
	if err != nil {
		return err
	}
	schema := body.member("content").member("application/json").member("schema")
	return schema.document.validate(schema, value)
}

func (x Exchange) checkParameter(p node) error {
	var values []string
	switch p.text("in") {
	case "query":
		values = x.URL.Query()[p.text("name")]
	case "header":
		values = x.Sent.Values(p.text("name"))
	default: // of the path: that it is there is why we are here
		return nil
	}
	if required, _ := p.member("required").value.(bool); len(values) == 0 && required {
		return errors.New("it is missing")
	}
	if len(values) > 1 {
		return errors.New("it is there twice")
	}
	for _, text := range values {
		var value any = text
		number, err := decode([]byte(text))
		isInteger := p.member("schema").text("type") == "integer"
		if err == nil && text == strings.TrimSpace(text) && isInteger {
			value = number
		}
		if err := p.document.validate(p.member("schema"), value); err != nil {
			return err
		}
	}
	return nil
}

// checkVerdict compares the service's opinion of a request with the document's.
func (x Exchange) checkVerdict(flaw error) error {
	refused := x.Status == http.StatusBadRequest || x.Status == http.StatusUnprocessableEntity
	refused = refused && !bytes.Contains(x.Answer, []byte("/key-reused"))
	switch {
	case x.Status/100 == 2 && flaw != nil:
		return fmt.Errorf("it is accepted, and the document forbids it: %w", flaw)
	case refused && flaw == nil && !x.Finer:
		return fmt.Errorf("it is refused, and the document allows it: %s", x.Answer)
	}
	return nil
}

// decode reads one JSON value: UTF-8, no name twice, and nothing after it.
func decode(text []byte) (any, error) {
	if !jsontext.Value(text).IsValid() {
		return nil, errors.New("this is no JSON")
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}
