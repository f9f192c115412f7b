package trace

import "golang.org/x/sys/unix"

// call is a system call that changes or forces a file.
type call struct {
	name    string
	file    place
	from    place // the old name, if the call renames
	flags   int   // the argument that has the flags of a call that opens; 0 means none
	renames bool
	removes bool
	forces  bool
	all     bool // the call forces more than one file
}

// place says which arguments name a file: a descriptor; or a path, and the folder that it
// starts in. -1 means that there is none.
type place struct{ descriptor, path int }

// calls returns the calls that count. The key is the number.
func calls() map[uint64]call {
	descriptor, path, at := place{0, -1}, place{-1, 0}, place{0, 1}
	return map[uint64]call{
		unix.SYS_WRITE:     {name: "write", file: descriptor},
		unix.SYS_PWRITE64:  {name: "pwrite64", file: descriptor},
		unix.SYS_WRITEV:    {name: "writev", file: descriptor},
		unix.SYS_PWRITEV:   {name: "pwritev", file: descriptor},
		unix.SYS_PWRITEV2:  {name: "pwritev2", file: descriptor},
		unix.SYS_FTRUNCATE: {name: "ftruncate", file: descriptor},
		unix.SYS_FALLOCATE: {name: "fallocate", file: descriptor},
		unix.SYS_TRUNCATE:  {name: "truncate", file: path},
		unix.SYS_OPEN:      {name: "open", file: path, flags: 1},
		unix.SYS_OPENAT:    {name: "openat", file: at, flags: 2},
		unix.SYS_RENAME:    {name: "rename", file: place{-1, 1}, renames: true, from: path},
		unix.SYS_RENAMEAT:  {name: "renameat", file: place{2, 3}, renames: true, from: at},
		unix.SYS_RENAMEAT2: {name: "renameat2", file: place{2, 3}, renames: true, from: at},
		unix.SYS_UNLINK:    {name: "unlink", file: path, removes: true},
		unix.SYS_UNLINKAT:  {name: "unlinkat", file: at, removes: true},
		unix.SYS_FSYNC:     {name: "fsync", file: descriptor, forces: true},
		unix.SYS_FDATASYNC: {name: "fdatasync", file: descriptor, forces: true},
		unix.SYS_SYNC:      {name: "sync", all: true},
		unix.SYS_SYNCFS:    {name: "syncfs", all: true},
		unix.SYS_MSYNC:     {name: "msync", all: true},
	}
}
