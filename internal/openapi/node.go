package openapi

import (
	"strconv"
	"strings"
)

// node is a place in a document.
type node struct {
	document *Document
	pointer  string // RFC 6901
	value    any    // nil if there is nothing
}

func (d *Document) top(member string) node {
	return node{document: d, value: d.root}.member(member)
}

// member returns a member, behind any reference.
func (n node) member(name string) node {
	object, _ := n.value.(map[string]any)
	found := node{n.document, n.pointer + "/" + escape(name), object[name]}
	return found.resolved()
}

func (n node) resolved() node {
	object, _ := n.value.(map[string]any)
	target, ok := object["$ref"].(string)
	if !ok {
		return n
	}
	at := node{document: n.document, value: n.document.root}
	for step := range strings.SplitSeq(strings.TrimPrefix(target, "#/"), "/") {
		at = at.member(unescape(step))
	}
	return at
}

// members returns all members of an object.
func (n node) members() map[string]node {
	object, _ := n.value.(map[string]any)
	list := map[string]node{}
	for name := range object {
		list[name] = n.member(name)
	}
	return list
}

// items returns the elements of an array.
func (n node) items() (list []node) {
	array, _ := n.value.([]any)
	for i, item := range array {
		list = append(list, node{n.document, n.pointer + "/" + strconv.Itoa(i), item}.resolved())
	}
	return list
}

func (n node) text(member string) string {
	text, _ := n.member(member).value.(string)
	return text
}

func (n node) there() bool { return n.value != nil }

func escape(step string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(step)
}

func unescape(step string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
}
