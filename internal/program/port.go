package program

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Port returns a port of 127.0.0.1 that is free. It is below those that systems give to
// outgoing connections: another program does not get it by chance before it is used.
func Port() (port string, err error) {
	const first, count, tries = 20_000, 10_000, 100
	for range tries {
		port = fmt.Sprint(first + rand.N(count))
		var listener net.Listener
		if listener, err = net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			return port, listener.Close()
		}
	}
	return "", fmt.Errorf("find a free port: %w", err)
}
