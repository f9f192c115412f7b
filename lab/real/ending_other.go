//go:build !unix

package real

// tellToEnd tells a process to end through its pipe: there is no SIGTERM here.
func tellToEnd(p *process) error { return p.write(note{End: true}) }
