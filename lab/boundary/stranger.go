package boundary

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"example.com/dtx/lab/fault"
)

// page is what something that is not the service answers.
type page struct {
	status     int
	kind, body string
}

var pages = map[fault.Kind]page{
	fault.Stranger404: {http.StatusNotFound, "text/plain; charset=utf-8", "404 page not found\n"},
	fault.Stranger502: {http.StatusBadGateway, "text/html", "<html>502 Bad Gateway</html>\n"},
	fault.Stranger200: {http.StatusOK, "application/json", "{}\n"},
}

// answer is the page as the answer to a request.
func (p page) answer(r *http.Request) *http.Response {
	return &http.Response{
		StatusCode: p.status, Status: fmt.Sprintf("%d %s", p.status, http.StatusText(p.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {p.kind}}, Request: r,
		ContentLength: int64(len(p.body)), Body: io.NopCloser(strings.NewReader(p.body)),
	}
}
