// Package openapi holds exchanges over HTTP against an OpenAPI 3.1 document, and
// the document against the exchanges: what it allows must be accepted, what it
// forbids refused, and each status that it names must have been seen.
package openapi

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// name stands for the document in the addresses of its schemas.
const name = "openapi.json"

// Document is an OpenAPI document, and what has been seen of it. It is safe for
// use by several goroutines.
type Document struct {
	root any

	mu       sync.Mutex
	compiler *jsonschema.Compiler
	seen     map[string]bool // "GET /jobs 200"
}

// Load reads a document in YAML.
func Load(path string) (*Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var read any
	if err := yaml.Unmarshal(text, &read); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	text, err = json.Marshal(read)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	root, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	d := &Document{root: root, compiler: jsonschema.NewCompiler(), seen: map[string]bool{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020) // that of OpenAPI 3.1
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(name, root); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// Unseen returns the operations and statuses that no exchange has shown yet.
func (d *Document) Unseen() (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for path, item := range d.top("paths").members() {
		for method, operation := range item.members() {
			if method == "parameters" {
				continue
			}
			for status := range operation.member("responses").members() {
				if what := strings.ToUpper(method) + " " + path + " " + status; !d.seen[what] {
					list = append(list, what)
				}
			}
		}
	}
	slices.Sort(list)
	return list
}

// Answers returns how many operations there are, and how many answers to them.
func (d *Document) Answers() (operations, answers int) {
	for _, item := range d.top("paths").members() {
		for method, operation := range item.members() {
			if method != "parameters" {
				operations++
				answers += len(operation.member("responses").members())
			}
		}
	}
	return operations, answers
}

// see notes that an operation has been answered with a status.
func (d *Document) see(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[what] = true
}

// validate holds a value against the schema at a node.
func (d *Document) validate(schema node, value any) error {
	d.mu.Lock()
	compiled, err := d.compiler.Compile(name + "#" + schema.pointer)
	d.mu.Unlock()
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}
