package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
)

// MaxBody is the largest body that is read, in bytes, of a request and of an
// answer.
const MaxBody = 64 << 10

// Decode reads the body of a request as one JSON value of type T, a struct
// whose fields carry json tags, and reads it strictly: what is not exactly
// such a value is refused and never guessed at. The errors are
// [UnsupportedMediaType], also for a Content-Encoding, [TooLarge], and
// [Malformed] for everything else:
// bad syntax, trailing data, bad UTF-8, a field that is unknown, duplicate,
// missing, null, of another type or too big for its own. The case of a name
// counts. A field is optional if its tag says omitzero; even then it may be
// left out, but not null. It does not look at values: quantity -1 is decoded.
func Decode[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var value, none T
	if !isJSON(r.Header, "application/json") {
		return none, UnsupportedMediaType.With("Content-Type must be application/json in UTF-8")
	}
	for _, coding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(coding, "identity") {
			return none, UnsupportedMediaType.With("Content-Encoding %q is not understood", coding)
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody)) // to EOF: padding counts
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return none, TooLarge.With("a body has at most %d bytes", MaxBody)
	}
	if err != nil {
		return none, Malformed.With("the body cannot be read to its end")
	}
	if err := json.Unmarshal(body, &value, json.RejectUnknownMembers(true)); err != nil {
		return none, Malformed.With("%s", explain(err))
	}
	if flaw := incomplete(body, reflect.TypeFor[T]()); flaw != "" {
		return none, Malformed.With("%s", flaw)
	}
	return value, nil
}

// isJSON reports whether a header declares one content type, the wanted one,
// in UTF-8 if it names a charset.
func isJSON(header http.Header, want string) bool {
	declared := header.Values("Content-Type")
	if len(declared) != 1 {
		return false
	}
	if declared[0] == want { // nearly always
		return true
	}
	mediaType, params, err := mime.ParseMediaType(declared[0])
	charset, named := params["charset"]
	return err == nil && mediaType == want && (!named || strings.EqualFold(charset, "utf-8"))
}
