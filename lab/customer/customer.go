// Package customer is the program of a customer: it places an order, and asks again until
// it has a final answer.
package customer

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"example.com/dtx/lab"
)

// maxAnswer bounds what is read of an answer; in bytes.
const maxAnswer = 1 << 16

// Place asks for an order until there is a final answer, tries times at most,
// and returns all that it was told. The same order has the same key each time.
func Place(
	ctx context.Context, client *http.Client, shop string, o lab.Order, tries int,
) (told []lab.Answer) {
	for {
		a := ask(ctx, client, shop, o)
		told = append(told, a)
		tries--
		if a.Final() || tries <= 0 {
			return told
		}
		select {
		case <-time.After(lab.Pause):
		case <-ctx.Done():
			return told
		}
	}
}

func ask(ctx context.Context, client *http.Client, shop string, o lab.Order) lab.Answer {
	none := lab.Answer{Order: o.Key}
	ctx, cancel := context.WithTimeout(ctx, lab.Patience)
	defer cancel()
	body, err := json.Marshal(o)
	if err != nil {
		return none
	}
	url := "http://" + shop + "/orders"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return none
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", o.Key)
	resp, err := client.Do(r)
	if err != nil {
		return none
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return none
	}
	var problem struct{ Type, Title string }
	_ = json.Unmarshal(text, &problem) // an answer that is no problem has no type
	return lab.Answer{
		Order: o.Key, Status: resp.StatusCode, Type: problem.Type, Title: problem.Title,
		Body: string(text),
	}
}
