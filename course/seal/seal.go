// Package seal carries verdicts out of a process that also runs code which is not
// trusted. The parent draws a secret key. It hands the key over on the standard input,
// which the child reads before that code runs. A verdict is a file with a code that only
// the key can make. So neither what is printed nor an exit code says anything.
package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// Variable is set in the environment of a process that finds a seal on its standard
// input.
const Variable = "COURSE_SEAL"

// Seal writes verdicts and reads them. The zero Seal writes none.
type Seal struct {
	Dir string // the verdicts' folder; drawings lie in it, too
	Key string // the secret
}

// New returns a seal with a key of its own, for verdicts in a folder.
func New(dir string) Seal { return Seal{dir, rand.Text()} }

// Inherited returns the seal that the environment promises; without such a promise, the
// zero Seal.
func Inherited() (s Seal, err error) {
	if os.Getenv(Variable) == "" {
		return s, nil
	}
	if err := json.NewDecoder(os.Stdin).Decode(&s); err != nil {
		return s, fmt.Errorf("read the seal: %w", err)
	}
	return s, os.Stdin.Close()
}

// Reader returns a standard input for a process that is to inherit the seal.
func (s Seal) Reader() io.Reader {
	text, _ := json.Marshal(s) // of two strings: that does not fail
	return bytes.NewReader(text)
}

// Pass writes that a step passes.
func (s Seal) Pass(step int) error {
	if s.Dir == "" {
		return nil
	}
	return os.WriteFile(s.file(step), s.code(step), 0o600)
}

// Passed tells whether a step was written to pass.
func (s Seal) Passed(step int) bool {
	code, err := os.ReadFile(s.file(step))
	return err == nil && hmac.Equal(code, s.code(step))
}

func (s Seal) file(step int) string {
	return filepath.Join(s.Dir, "step-"+strconv.Itoa(step)+".passed")
}

func (s Seal) code(step int) []byte {
	code := hmac.New(sha256.New, []byte(s.Key))
	fmt.Fprintf(code, "step %d passes", step)
	return code.Sum(nil)
}
