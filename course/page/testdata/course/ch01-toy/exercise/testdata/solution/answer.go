// Package exercise asks for a number.
package exercise

func answer() int { return 42 }
