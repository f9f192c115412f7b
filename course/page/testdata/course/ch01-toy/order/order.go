// Package order is an excerpt's home.
package order

func Place() int { return 201 }
