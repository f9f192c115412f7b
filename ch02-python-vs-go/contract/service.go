package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"example.com/dtx/ch02-python-vs-go/target"
	"example.com/dtx/internal/openapi"
)

// service is a running service, as a client sees it.
type service struct {
	trial    *trial
	settings target.Settings
	process  *target.Process
	client   *http.Client
}

func newService(t *trial, settings target.Settings, p *target.Process) *service {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	return &service{t, settings, p, &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

// ask is a request.
type ask struct {
	method, path string
	headers      [][2]string
	body         string
	finer        bool // JSON Schema cannot say why it is refused
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

// try sends a request. Its error is that there was no answer, or that the
// answer is not what the document says.
func (s *service) try(ctx context.Context, q ask) (a answer, err error) {
	body := bytes.NewReader([]byte(q.body))
	request, err := http.NewRequestWithContext(ctx, q.method, s.process.URL+q.path, body)
	if err != nil {
		return a, err
	}
	request.GetBody = nil // a request is sent once
	for _, h := range q.headers {
		request.Header[h[0]] = append(request.Header[h[0]], h[1])
	}
	response, err := s.client.Do(request)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	a = answer{status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		return a, err
	}
	return a, s.trial.document.Check(openapi.Exchange{
		Method: q.method, URL: request.URL, Sent: request.Header, Body: []byte(q.body),
		Status: a.status, Got: a.header, Answer: a.body, Finer: q.finer,
	})
}

// send sends a request that must be answered.
func (s *service) send(q ask) answer {
	a, err := s.try(s.trial.ctx, q)
	if err != nil {
		s.trial.fail("%s %s %s: %w", q.method, q.path, q.body, err)
	}
	return a
}

// want sends a request that must be answered with a status, and reads the
// answer into a value, if one is given.
func (s *service) want(status int, q ask, into any) answer {
	a := s.send(q)
	s.trial.require(a.status == status,
		"%s %s %s: want %d, got %s", q.method, q.path, q.body, status, a)
	if into != nil {
		if err := json.Unmarshal(a.body, into); err != nil {
			s.trial.fail("%s %s: %w: %s", q.method, q.path, err, a.body)
		}
	}
	return a
}

// The members of answers that checks look at.
type (
	job struct {
		ID, Kind, State, Result, Error, Schedule string
		Attempts                                 int
		Created                                  time.Time `json:"created_at"`
		Due                                      time.Time `json:"due_at"`
	}
	page struct {
		Jobs []job
		Next int64
	}
	schedule struct {
		ID      string
		At      time.Time
		Next    *time.Time `json:"next_at"`
		Created time.Time  `json:"created_at"`
	}
)

func get(path string) ask { return ask{method: http.MethodGet, path: path} }

func remove(path string) ask { return ask{method: http.MethodDelete, path: path} }

// post is a request with a key and a body, as it should be.
func post(path, key, body string) ask {
	q := ask{
		method: http.MethodPost, path: path, body: body,
		headers: [][2]string{{"Content-Type", "application/json"}},
	}
	if key != "" {
		q.headers = append(q.headers, [2]string{"Idempotency-Key", key})
	}
	return q
}

func work(kind string, amount int) string {
	return fmt.Sprintf(`{"kind":%q,"amount":%d}`, kind, amount)
}

// timed is the body of a schedule: its members, and hash as its job.
func timed(members string, amount int) string {
	return `{` + members + `,"job":` + work("hash", amount) + `}`
}

// add puts a job into the queue.
func (s *service) add(key, kind string, amount int) {
	s.want(http.StatusCreated, post("/jobs", key, work(kind, amount)), nil)
}

func (s *service) job(key string) (j job) {
	s.want(http.StatusOK, get("/jobs/"+key), &j)
	return j
}

// awaitState waits until a job is in one of some states.
func (s *service) awaitState(key string, states ...string) (j job) {
	s.trial.await(fmt.Sprintf("job %s is %v", key, states), func() bool {
		j = s.job(key)
		return slices.Contains(states, j.State)
	})
	return j
}

// list returns all jobs of a list, such as /dead-letters or /jobs?schedule=s,
// page by page.
func (s *service) list(path string) (jobs []job) {
	separator := "?"
	if bytes.ContainsRune([]byte(path), '?') {
		separator = "&"
	}
	for after := int64(0); ; {
		var p page
		window := "limit=100&after=" + strconv.FormatInt(after, 10)
		s.want(http.StatusOK, get(path+separator+window), &p)
		jobs = append(jobs, p.Jobs...)
		if p.Next == 0 {
			return jobs
		}
		s.trial.require(p.Next > after, "the page after %d says that %d is next", after, p.Next)
		after = p.Next
	}
}
