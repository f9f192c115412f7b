//go:build !(linux && amd64)

package trace

// Unable says why programs cannot be traced here.
const Unable = "the tracer is written for Linux on amd64"

func serve(_, _, _ string, _ []string) (code int) { return 1 }
