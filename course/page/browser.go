package page

import (
	"context"
	"os/exec"
	"runtime"
)

// openBrowser asks the desktop to show an address. It does not wait for the
// browser to end.
func openBrowser(ctx context.Context, url string) error {
	opener := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		opener = []string{"open", url}
	case "windows":
		opener = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	open := exec.CommandContext(context.WithoutCancel(ctx), opener[0], opener[1:]...)
	if err := open.Start(); err != nil {
		return err
	}
	go func() { _ = open.Wait() }() // the browser is the reader's, and outlives us
	return nil
}
