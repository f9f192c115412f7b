package shop_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
	"example.com/dtx/lab/shop"
)

// wire keeps what is sent.
type wire struct{ sent string }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	w.sent = string(body)
	return &http.Response{Body: http.NoBody}, err
}

// relay sends on what it reads, and remembers it.
type relay struct {
	client *http.Client
	read   string
}

func (s *relay) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.read = string(body)
	if sent, err := s.client.Post("http://till/charge", "", strings.NewReader(s.read)); err == nil {
		_ = sent.Body.Close()
	}
}

func (*relay) Run(context.Context) error { return io.EOF }

func TestAFieldMoreIsReadByOneReleaseAndSentByTheNext(t *testing.T) {
	s := &relay{}
	versions := shop.WithFieldMore(lab.Service{
		Schema: "CREATE TABLE charges (id TEXT); CREATE TABLE accounts (name TEXT)",
		New: func(_ *sqlite.DB, client *http.Client) http.Handler {
			s.client = client
			return s
		},
	})
	for i, row := range []struct {
		upgrades         int
		body, read, sent string
	}{
		{0, `{"id":"order-1"}`, `{"id":"order-1"}`, `{"id":"order-1"}`},
		{2, `{"id":"order-1"}`, `{"id":"order-1"}`, `{"note":"a gift","id":"order-1"}`},
		{0, `{"note":"a gift","id":1}`, `{                "id":1}`, `{                "id":1}`},
		{0, `{"note":"a gift"}`, `{               }`, `{               }`},
		{2, `{}`, `{}`, `{"note":"a gift"}`},
	} {
		version := versions[min(row.upgrades, 1)]
		require.Len(t, version.Upgrade, row.upgrades, "one for each table")
		w := &wire{}
		service := version.New(nil, &http.Client{Transport: w})
		r := httptest.NewRequest(http.MethodPost, "/orders", strings.NewReader(row.body))
		service.ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, row.read, s.read, i)
		require.Equal(t, row.sent, w.sent, i)
		require.ErrorIs(t, service.(lab.Runner).Run(t.Context()), io.EOF, "its work goes on")
	}
}
