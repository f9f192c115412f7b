// Package cli is a chapter's command line. Main is the program; what it does stands in the
// rooms below: real, source and serve.
package cli
