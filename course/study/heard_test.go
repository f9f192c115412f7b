package study

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAProgramThatIsBuiltForLongIsSaidToBe(t *testing.T) {
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		s := session{root: root, stderr: &said}
		slow := func(context.Context, string, string, string) (string, error) {
			time.Sleep(3 * time.Second)
			return "", errors.New("it does not build")
		}
		require.Error(t, s.launch(t.Context(), "once a minute", slow, "ch07-toy"))
		require.Equal(t, "… 2 s (building ch07-toy; once a minute)\n", said.String())
	})
}

// waits is an exercise's test that ends when the listener hangs up.
const waits = `package exercise

import (
	"net"
	"os"
	"testing"
)

func TestExercise(t *testing.T) {
	c, err := net.Dial("tcp", os.Getenv("TOY_DIAL"))
	if err != nil {
		t.Fatal(err)
	}
	c.Read(make([]byte, 1))
	t.Run("1 it is right", func(t *testing.T) { t.Fail() })
}
`

func TestACommandThatTestsSaysThatItIsAtWork(t *testing.T) {
	root := course(t, ".")
	write(t, filepath.Join(root, folderOfToy, "exercise_test.go"), waits)
	typed(t, "start 7")
	for line, what := range map[string]string{
		"test 7": "building and running the tests", "watch 7": "testing",
		"next": "testing " + folderOfToy, "solution 7": "testing " + folderOfToy,
	} {
		t.Run(line, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			t.Setenv("TOY_DIAL", listener.Addr().String())
			ctx, stop := context.WithCancel(t.Context())
			said, ended := make(seen), make(chan int)
			go func() { ended <- Main(ctx, strings.Fields(line), io.Discard, said) }()
			heard := said.until("… 2 s (" + what)
			stop()
			require.NoError(t, listener.Close())
			for open := true; open; {
				select {
				case <-said:
				case <-ended:
					open = false
				}
			}
			require.True(t, heard, "two seconds in silence")
		})
	}
}
