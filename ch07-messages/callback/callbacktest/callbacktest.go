// Package callbacktest gives a test a shop, a payment provider, and the network between
// them. It belongs into a bubble of testing/synctest: its days take no time.
package callbacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/dtx/ch07-messages/callback"
	"example.com/dtx/ch07-messages/provider"
	"example.com/dtx/internal/sqlite"
)

// World is a shop and a payment provider.
type World struct {
	Provider *provider.Provider
	Shop     *callback.Shop
	Client   *http.Client // the shop's, and the provider's

	t     *testing.T
	began time.Time
	mu    sync.Mutex
	fate  func(m string) Fate
	sent  []string
}

// Fate is what the network does with a message.
type Fate int

// The fates.
const (
	Delivered Fate = iota
	Lost
	ReplyLost
)

// New returns a world whose provider is at work. The fate of each message is asked for
// under its name, such as "POST shop/notifications paid" or "GET provider/payments/p-1".
func New(t *testing.T, fate func(m string) Fate) *World {
	t.Helper()
	w := &World{t: t, fate: fate, began: time.Now()}
	w.Client = &http.Client{Transport: w}
	w.Provider = provider.New(open(t, "provider.db", provider.Schema), w.Client)
	w.Shop = callback.New("shop", open(t, "shop.db", callback.Schema), w.Client)
	w.Go(w.Provider.Run)
	return w
}

// Go runs background work until the test ends.
func (w *World) Go(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		require.NoError(w.t, <-ended)
	})
}

// Ask puts a question to the shop's books.
func (w *World) Ask() callback.Books {
	w.t.Helper()
	b, err := w.Shop.Books(w.t.Context())
	require.NoError(w.t, err)
	return b
}

// Sent returns the messages since the last call, each with its time since the beginning.
func (w *World) Sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent := w.sent
	w.sent = nil
	return sent
}

// RoundTrip carries a request to the shop or to the provider.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	m, err := name(r)
	if err != nil {
		return nil, err
	}
	fate := w.note(m)
	if fate == Lost {
		return nil, errors.New("lost")
	}
	answer := httptest.NewRecorder()
	map[string]http.Handler{"shop": w.Shop, "provider": w.Provider}[r.URL.Host].ServeHTTP(answer, r)
	if fate == ReplyLost {
		return nil, errors.New("reply lost")
	}
	return answer.Result(), nil
}

// note notes a message, and returns its fate.
func (w *World) note(m string) Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, fmt.Sprintf("%v %s", time.Since(w.began), m))
	return w.fate(m)
}

// name returns the name of a message. The body of a notification is read, and put back.
func name(r *http.Request) (string, error) {
	m := r.Method + " " + r.URL.Host + r.URL.Path
	if r.URL.Host != "shop" {
		return m, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return m, err
	}
	var p provider.Payment
	err = json.Unmarshal(body, &p)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return m + " " + string(p.State), err
}

func open(t *testing.T, name, schema string) *sqlite.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, Schema: schema})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}
