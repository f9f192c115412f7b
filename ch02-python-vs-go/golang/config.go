package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// config is the service's settings.
type config struct {
	addr       string
	database   string
	workers    int
	visibility time.Duration // time until a job that was handed out is handed out again
	attempts   int           // number until a job is a dead letter
	retry      time.Duration // time until the second attempt; doubled for each one after
	backlog    int           // jobs that may wait
}

func fromEnvironment() (c config, err error) {
	number := func(name string, standard int) int {
		text := cmp.Or(os.Getenv(name), strconv.Itoa(standard))
		n, wrong := strconv.Atoi(text)
		if wrong != nil || n < 1 {
			err = errors.Join(err,
				fmt.Errorf("%s is %q, and should be a number from 1", name, text))
		}
		return n
	}
	c = config{
		addr:       cmp.Or(os.Getenv("JOBS_ADDR"), "127.0.0.1:7200"),
		database:   cmp.Or(os.Getenv("JOBS_DB"), "jobs.db"),
		workers:    number("JOBS_WORKERS", 4),
		visibility: time.Duration(number("JOBS_VISIBILITY_MS", 30_000)) * time.Millisecond,
		attempts:   number("JOBS_ATTEMPTS", 3),
		retry:      time.Duration(number("JOBS_RETRY_MS", 1_000)) * time.Millisecond,
		backlog:    number("JOBS_BACKLOG", 1_000),
	}
	return c, err
}
