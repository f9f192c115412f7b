//go:build !cgo

package machine

const hasC = false
