//go:build cgo

package machine

const hasC = true
