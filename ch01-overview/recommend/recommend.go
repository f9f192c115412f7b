// Package recommend says what goes well with an item. An order can live without
// it.
package recommend

import (
	"net/http"

	"example.com/dtx/internal/httpapi"
)

// Pick names the items that it would recommend beside an item.
type Pick func(item string) []string

// BestSellers is the first version: everybody is told the same.
func BestSellers(item string) []string {
	if item == "tea" {
		return []string{}
	}
	return []string{"tea"}
}

// GoesWith is the second version.
func GoesWith(item string) []string {
	switch item {
	case "salt":
		return []string{"pepper"}
	case "tea":
		return []string{"biscuits", "honey"}
	case "truffle":
		return []string{"pasta"}
	}
	return []string{}
}

// Answer is the answer to GET /recommendations/{item}.
type Answer struct {
	Item        string   `json:"item"`
	Recommended []string `json:"recommended"`
}

// New returns the service. It has no database.
func New(pick Pick) http.Handler {
	r := httpapi.NewRouter()
	serve := func(w http.ResponseWriter, r *http.Request) error {
		item := httpapi.Param(r, "item")
		return httpapi.WriteJSON(w, http.StatusOK, Answer{item, pick(item)})
	}
	r.Get("/recommendations/{item}", httpapi.Handle(serve))
	return r
}
