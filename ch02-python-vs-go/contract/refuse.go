package contract

import (
	"net/http"
	"strings"
)

// mangled is a body that is not right.
type mangled struct {
	why    string
	body   string
	status int
	finer  bool // JSON Schema cannot say it
}

// wrongBodies returns bodies that are wrong for every request that has one.
func wrongBodies(good string) []mangled {
	return []mangled{
		{why: "nothing", body: ``, status: 400},
		{why: "null", body: `null`, status: 400},
		{why: "an array", body: `[]`, status: 400},
		{why: "half of it", body: good[:len(good)-1], status: 400},
		{why: "more after it", body: good + `{}`, status: 400},
		{
			why:    "an unknown member",
			body:   strings.Replace(good, "{", `{"priority":1,`, 1),
			status: 400,
		},
		{why: "no JSON", body: `{'kind':'hash'}`, status: 400},
		{
			why:    "bytes that are not UTF-8",
			body:   strings.Replace(good, "hash", "h\xffsh", 1),
			status: 400,
		},
		{
			why:    "half a surrogate pair",
			body:   strings.Replace(good, "hash", `h\ud800sh`, 1),
			status: 400,
		},
		{why: "padded beyond what is read", body: good + strings.Repeat(" ", 70<<10), status: 413},
	}
}

// anyWork returns works that are wrong wherever they stand.
func anyWork() []mangled {
	return []mangled{
		{why: "no kind", body: `{"amount":1}`, status: 400},
		{why: "no amount", body: `{"kind":"hash"}`, status: 400},
		{why: "kind null", body: `{"kind":null,"amount":1}`, status: 400},
		{why: "amount null", body: `{"kind":"hash","amount":null}`, status: 400},
		{why: "a member twice", body: `{"kind":"hash","amount":1,"amount":2}`, status: 400},
		{why: "another case", body: `{"Kind":"hash","amount":1}`, status: 400},
		{why: "a number for a text", body: `{"kind":1,"amount":1}`, status: 400},
		{why: "a text for a number", body: `{"kind":"hash","amount":"1"}`, status: 400},
		{why: "true for a number", body: `{"kind":"hash","amount":true}`, status: 400},
		{why: "a fraction", body: `{"kind":"hash","amount":1.5}`, status: 400},
		{
			why:    "a fraction that is none",
			body:   `{"kind":"hash","amount":1.0}`,
			status: 400,
			finer:  true,
		},
		{why: "an exponent", body: `{"kind":"hash","amount":1e2}`, status: 400, finer: true},
		{why: "no number", body: `{"kind":"hash","amount":NaN}`, status: 400},
		{
			why:    "more than 64 bits",
			body:   `{"kind":"hash","amount":99999999999999999999}`,
			status: 400,
		},
		{why: "too little", body: `{"kind":"hash","amount":-1}`, status: 422},
		{why: "too much", body: `{"kind":"hash","amount":10001}`, status: 422},
		{why: "a kind that is none", body: `{"kind":"bake","amount":1}`, status: 422},
	}
}

func anySchedule() (list []mangled) {
	for _, w := range anyWork() {
		w.body = `{"every_ms":1000,"job":` + w.body + `}`
		list = append(list, w)
	}
	with := func(status int, why, members string) {
		body := `{"job":` + work("hash", 1) + members + `}`
		list = append(list, mangled{why: why, status: status, body: body})
	}
	with(422, "neither at nor every_ms", ``)
	with(422, "a time without a zone", `,"at":"2100-01-31T09:00:00"`)
	with(422, "a time of another zone", `,"at":"2100-01-31T09:00:00+08:00"`)
	with(422, "a day that is none", `,"at":"2100-02-30T09:00:00Z"`)
	with(422, "a finer time than is kept", `,"at":"2100-01-31T09:00:00.123456Z"`)
	with(422, "no time", `,"at":"noon"`)
	with(422, "too often", `,"every_ms":9`)
	with(422, "too seldom", `,"every_ms":86400001`)
	with(400, "at null", `,"at":null`)
	with(400, "a number for a time", `,"at":4102444800`)
	with(400, "a text for a number", `,"every_ms":"1000"`)
	return append(list,
		mangled{why: "no job", body: `{"every_ms":1000}`, status: 400},
		mangled{why: "a job that is none", body: `{"every_ms":1000,"job":"hash"}`, status: 400})
}

// refuses: a request that differs from the document is refused, and with the same words in
// every language.
func refuses(t *trial) {
	s := t.common()
	refuseBodies(s, "/run", work("hash", 1), anyWork())
	queueOnly := mangled{why: "a kind for the queue only", body: work("fail", 1), status: 422}
	refuseBodies(s, "/run", work("hash", 1), []mangled{queueOnly})
	refuseBodies(s, "/jobs", work("hash", 1), anyWork())
	refuseBodies(s, "/schedules", timed(`"every_ms":1000`, 1), anySchedule())
	for _, path := range []string{"/jobs", "/dead-letters"} {
		for query, status := range map[string]int{
			"limit=0": 422, "limit=101": 422, "limit=x": 400, "limit=": 400, "limit=1.5": 400,
			"limit=1_0": 400, "limit=%2B5": 400, "limit=%205": 400, "limit=%D9%A5": 400,
			"after=-1": 422, "after=x": 400, "after=99999999999999999999": 422,
		} {
			s.want(status, get(path+"?"+query), nil)
		}
	}
	refuseKeys(s)
	refusePaths(s)
	jobs := s.list("/jobs")
	t.require(len(jobs) == 0, "all was refused, and still there are jobs: %+v", jobs)
}

func refuseBodies(s *service, path, good string, wrong []mangled) {
	key := "refused"
	if path == "/run" {
		key = ""
	}
	for _, m := range append(wrong, wrongBodies(good)...) {
		q := post(path, key, m.body)
		q.finer = m.finer
		a := s.send(q)
		s.trial.require(a.status == m.status,
			"POST %s with %s, %.80s: want %d, got %s", path, m.why, m.body, m.status, a)
	}
	twice := post(path, key, good)
	twice.headers = append(twice.headers, [2]string{"Content-Type", "application/json"})
	s.want(http.StatusUnsupportedMediaType, twice, nil)
	for _, declared := range []string{
		"", "text/plain", "application/json; charset=latin1", "application/jsonp",
	} {
		q := post(path, key, good)
		q.headers[0][1] = declared
		if declared == "" {
			q.headers = q.headers[1:]
		}
		s.want(http.StatusUnsupportedMediaType, q, nil)
	}
}

func refuseKeys(s *service) {
	tooLong := strings.Repeat("k", 65)
	for path, body := range map[string]string{
		"/jobs":      work("hash", 1),
		"/schedules": timed(`"every_ms":1000`, 1),
	} {
		for _, key := range []string{"two words", "käse", "a/b", ".", "..", tooLong} {
			s.want(http.StatusBadRequest, post(path, key, body), nil)
		}
		s.want(http.StatusBadRequest, post(path, "", body), nil)
		twice := post(path, "one", body)
		twice.headers = append(twice.headers, [2]string{"Idempotency-Key", "two"})
		s.want(http.StatusBadRequest, twice, nil)
	}
}

func refusePaths(s *service) {
	for _, path := range []string{
		"/", "/job", "/jobs/", "/jobs/a/b", "/run/now", "/openapi.json", "/docs",
	} {
		s.want(http.StatusNotFound, get(path), nil)
	}
	for _, path := range []string{"/jobs/unknown", "/schedules/unknown"} {
		s.want(http.StatusNotFound, get(path), nil)
		s.want(http.StatusNotFound, remove(path), nil)
	}
	for path, methods := range map[string][]string{
		"/run":          {"POST"},
		"/jobs":         {"GET", "POST"},
		"/jobs/a":       {"GET", "DELETE"},
		"/schedules":    {"POST"},
		"/dead-letters": {"GET"},
	} {
		a := s.want(http.StatusMethodNotAllowed, ask{method: http.MethodPut, path: path}, nil)
		allow := a.header.Get("Allow")
		for _, method := range methods {
			s.trial.require(strings.Contains(allow, method),
				"PUT %s: Allow is %q, want %v", path, allow, methods)
		}
	}
}
