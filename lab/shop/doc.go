// Package shop is what the chapters' shops have in common: what they sell, what an order
// does, and the situations that each of them meets. ada has 100 euros, bob has 10.
package shop
