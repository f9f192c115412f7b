// Package load measures: orders of several clients at once, in real processes on the real
// disk, without the laboratory's fault points.
package load
