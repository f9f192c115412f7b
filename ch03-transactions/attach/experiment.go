package attach

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/dtx/ch03-transactions/strace"
)

// changing are the system calls that can change a file. A question mark stands
// before those that not every processor has.
const changing = "write,pwrite64,writev,?pwritev,openat,?open,?creat," +
	"fsync,fdatasync,ftruncate,fallocate," +
	"?unlink,unlinkat,?rename,?renameat,renameat2,?mkdir,mkdirat,?fchmod,fchown"

// step is a system call of the order.
type step struct {
	name string
	nth  int    // among those of its name, from the start of the process
	file string // the file that it changes
}

func (s step) String() string { return s.name + " " + s.file }

// experiment is a folder with the two files, as they are before the order.
type experiment struct {
	folder  string
	journal Journal
}

// outcome is what a run did, and what the files say after it.
type outcome struct {
	steps        []step
	units, cents int
}

// prepare makes the files that each run begins with.
func (e experiment) prepare(ctx context.Context) error {
	for file, n := range map[string]int{stock: unitsBefore, payment: centsBefore} {
		db, err := open(e.original(file))
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, fmt.Sprintf(`PRAGMA journal_mode = %s;
			CREATE TABLE amount (n INTEGER NOT NULL) STRICT;
			INSERT INTO amount VALUES (%d)`, e.journal, n))
		if err = errors.Join(err, db.Close()); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func (e experiment) original(file string) string {
	return filepath.Join(e.folder, "original-"+file)
}

// run places the order on fresh copies of the files, in a process that does not
// survive the step (the zero step is survived by all), and reads them again.
func (e experiment) run(ctx context.Context, at step) (o outcome, err error) {
	folder := filepath.Join(e.folder, "run")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for _, file := range []string{stock, payment} {
		content, err := os.ReadFile(e.original(file))
		if err != nil {
			return o, err
		}
		if err := os.WriteFile(filepath.Join(folder, file), content, 0o600); err != nil {
			return o, err
		}
	}
	calls, killed, err := strace.Self(ctx, e.folder, strace.Run{
		Env: []string{folderVariable + "=" + folder}, Trace: changing, Kill: at.name, When: at.nth,
	})
	if err != nil {
		return o, err
	}
	if killed != (at != step{}) {
		return o, fmt.Errorf("killed: %v", killed)
	}
	o.steps = steps(calls, folder)
	o.units, err = read(ctx, filepath.Join(folder, stock))
	if err == nil {
		o.cents, err = read(ctx, filepath.Join(folder, payment))
	}
	return o, err
}

// steps finds in a trace what the order changed in the folder.
func steps(calls []strace.Call, folder string) (found []step) {
	thread, nth := "", map[string]int{}
	for _, c := range calls {
		switch {
		case c.Says(beginning):
			thread = c.Thread
		case c.Says(done):
			return found
		}
		nth[c.Thread+c.Name]++
		if thread != c.Thread || !strings.Contains(c.Args, folder) {
			continue
		}
		if strings.HasPrefix(c.Name, "open") && !strings.Contains(c.Args, "O_CREAT") {
			continue
		}
		found = append(found, step{c.Name, nth[c.Thread+c.Name], title(c, folder)})
	}
	return found
}

// title says which file a call is about.
func title(c strace.Call, folder string) string {
	if c.File() == filepath.Base(folder) {
		return "the folder"
	}
	if _, _, found := strings.Cut(c.File(), "-mj"); found { // its name ends at random
		return "the super-journal"
	}
	return c.File()
}

// read opens a file again, at which SQLite mends what the crash has left, and
// returns its amount.
func read(ctx context.Context, path string) (n int, err error) {
	db, err := open(path)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT n FROM amount").Scan(&n)
	if err = errors.Join(err, db.Close()); err != nil {
		return 0, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return n, nil
}
