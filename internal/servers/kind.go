package servers

import (
	"database/sql"
	"fmt"

	"example.com/dtx/internal/machine"
)

// kind is what one kind of server does in its own way.
type kind struct {
	name     string // the name as its makers write it
	variable string // the environment variable with the DSN of a server that is running already
	install  string // what to install
	programs [2]string
	places   []string // where the programs are if they are not in PATH
	end      string   // the signals that end it at once
	make     func(maker string) []string
	serve    func(exe, dir string) []string
	dsn      func(dir string) string
	open     func(dsn string) (*sql.DB, error)
}

// find returns the paths of the program that makes the files and of the server.
func (k kind) find() (maker, exe string, err error) {
	maker, exe = machine.Find(k.programs[0], k.places), machine.Find(k.programs[1], k.places)
	if maker != "" && exe != "" && hasShell {
		return maker, exe, nil
	}
	const missing = "%s is %w (%s), or set %s to the DSN of a server that is running"
	return "", "", fmt.Errorf(missing, k.name, ErrNotInstalled, k.install, k.variable)
}
