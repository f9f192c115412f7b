package httpapi

import (
	"net/http"
	"strings"
)

const (
	keyHeader = "Idempotency-Key"
	keyChars  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
)

// MaxKey is the length of the longest Idempotency-Key, in bytes.
const MaxKey = 64

// Key returns the Idempotency-Key of a request: 1 to [MaxKey] characters of
// A-Z a-z 0-9 . _ ~ and -, and neither . nor .., so that it can stand in a URL,
// a log and the name of a fault point as it is. The errors are [MissingKey],
// also for an empty one, and [Malformed].
//
// The header is that of draft-ietf-httpapi-idempotency-key-header, and so are
// the answers 400 (missing), 422 (reused with another body) and 409 (in
// flight). Here it is simpler in two ways: the value is written bare and not
// as a structured field in quotes, and a key is kept for ever.
func Key(r *http.Request) (string, error) {
	values := r.Header.Values(keyHeader)
	if len(values) == 0 || len(values) == 1 && values[0] == "" {
		return "", MissingKey.With("the header %s is missing or empty", keyHeader)
	}
	if len(values) > 1 {
		return "", Malformed.With("the header %s is given %d times", keyHeader, len(values))
	}
	key := values[0]
	if len(key) > MaxKey || strings.Trim(key, keyChars) != "" || key == "." || key == ".." {
		return "", Malformed.With("an %s has at most %d characters of A-Z a-z 0-9 . _ ~ -, "+
			"and is neither . nor ..", keyHeader, MaxKey)
	}
	return key, nil
}
