package durability

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Loss is what became of the rows that a client committed before it died.
type Loss struct {
	Level    Level
	Death    string // "kill" or "power cut"
	Answered int    // rows whose COMMIT had returned
	Found    int    // rows in the database when it is opened again
}

// Lost returns how many rows were answered and are not there. One that is there
// and was not answered is no loss: its client knew nothing.
func (l Loss) Lost() int { return max(0, l.Answered-l.Found) }

// Losses is what several clients lost.
type Losses []Loss

// Rows is a table of the losses.
func (all Losses) Rows() [][]string {
	rows := [][]string{{"synchronous", "death", "answered", "found again", "lost"}}
	for _, l := range all {
		rows = append(rows, []string{
			string(l.Level), l.Death,
			strconv.Itoa(l.Answered), strconv.Itoa(l.Found), strconv.Itoa(l.Lost()),
		})
	}
	return rows
}

// Kill kills a client in the middle of its work, and opens its database again.
// It works in dir, and leaves nothing there.
func Kill(ctx context.Context, dir string, l Level) (loss Loss, err error) {
	loss = Loss{Level: l, Death: "kill"}
	err = inFolder(ctx, dir, func(path string) error {
		c, err := start(ctx, path, l)
		if err != nil {
			return err
		}
		go func() { // more than it will live to do
			_, _ = io.Copy(c.orders, strings.NewReader(strings.Repeat(commit+"\n", 100_000)))
		}()
		for range 20 {
			if err = c.wait(); err != nil {
				break
			}
			loss.Answered++
		}
		loss.Answered += c.kill()
		if err != nil {
			return err
		}
		loss.Found, err = count(ctx, path)
		return err
	})
	return loss, err
}

// half is how many rows are committed before a checkpoint, and after it.
const half = 10

// PowerCut lets a client commit rows, empty the log by a checkpoint, and commit
// as many again. Then it takes the client away, and from the files all that was
// never forced to the disk, and opens them again. It works in dir, and leaves
// nothing there.
//
// This is the kindest of power cuts. A real one may keep some of what was not
// forced and lose the rest, in any order, torn in the middle of a page. FULL
// and NORMAL are made to survive that, too; OFF is not, and the database may be
// corrupt.
func PowerCut(ctx context.Context, dir string, l Level) (loss Loss, err error) {
	loss = Loss{Level: l, Death: "power cut"}
	err = inFolder(ctx, dir, func(path string) error {
		disk := read(path)
		c, err := start(ctx, path, l)
		if err != nil {
			return err
		}
		for n := range 2*half + 1 {
			statement := commit
			if n == half {
				statement = checkpoint
			} else {
				loss.Answered++
			}
			if err = c.do(statement); err != nil {
				break
			}
			if l.forces(statement) {
				disk = read(path)
			}
		}
		c.kill()
		if err != nil {
			return err
		}
		if err := disk.write(path); err != nil {
			return err
		}
		loss.Found, err = count(ctx, path)
		return err
	})
	return loss, err
}

// inFolder lets fn work on a new database.
func inFolder(ctx context.Context, dir string, fn func(path string) error) error {
	folder, err := os.MkdirTemp(dir, "durability-")
	if err != nil {
		return fmt.Errorf("durability: %w", err)
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return fmt.Errorf("durability: %w", err)
	}
	path := filepath.Join(folder, "note.db")
	if err = create(ctx, path); err == nil {
		err = fn(path)
	}
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		return fmt.Errorf("durability: %w", err)
	}
	return nil
}
