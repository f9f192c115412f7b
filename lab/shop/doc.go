// Package shop is what the chapters' shops have in common: what they sell, what an order
// does, and the situations that each of them meets.
//
// A chapter's schemas begin with: 100 salt at 50 cents, 10 tea at 500, 1 truffle at 900, in a
// table accounts with a column name; the prices in a table prices (item, cents) of order; ada
// with 100 euros, bob with 10; 100 places in any-day, 5 in mon-am, 1 in sat-pm, none in sun-am.
package shop
