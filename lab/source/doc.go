// Package source is what needs the Go command and the course's source: programs of other
// chapters, classic mistakes and their patches, and the simulation's tests, which a program
// runs because it does not link the testing package.
package source
