package threepc

import (
	"context"
	"errors"
	"net/http"

	"example.com/dtx/ch05-2pc/order"
	"example.com/dtx/ch05-2pc/participant"
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

const cents = 500 // for one tea: nothing else is sold

func (p *Participant) post(w http.ResponseWriter, r *http.Request) error {
	key, err := httpapi.Key(r)
	if err != nil {
		return err
	}
	wanted, err := httpapi.Decode[order.Request](w, r)
	if err == nil {
		err = p.carryOut(context.WithoutCancel(r.Context()), key, wanted)
	}
	if err != nil {
		return err
	}
	return httpapi.WriteJSON(w, http.StatusCreated, wanted)
}

// carryOut is the coordinator's part. A participant that does not acknowledge the second
// phase is taken for dead: when it is back, it asks its peers.
func (p *Participant) carryOut(ctx context.Context, key string, o order.Request) error {
	id := twopc.ID{Order: key, Epoch: 1, Attempt: 1}.String()
	_, err := p.rows.Prepare(ctx, id, participant.Wanted{Order: key, Name: o.Item, Amount: 1})
	for i, w := range []participant.Wanted{
		{Order: key, Name: o.Item, Amount: o.Quantity},
		{Order: key, Name: o.Customer, Amount: cents * o.Quantity},
		{Order: key, Name: o.Slot, Amount: 1},
	} {
		if err == nil {
			url := "http://" + p.peers[i] + "/prepare"
			_, err = httpapi.Post[twopc.Vote](ctx, &p.client, url, id, w)
		}
	}
	if err == nil {
		err = p.preCommit(ctx, id)
	}
	if err != nil {
		p.tellAll(ctx, "/abort", id)
		return errors.Join(err, p.rows.Abort(ctx, id))
	}
	p.tellAll(ctx, "/pre-commit/"+id, id)
	defer p.tellAll(ctx, "/commit", id)
	return p.rows.Commit(ctx, id)
}

func (p *Participant) tellAll(ctx context.Context, path, id string) {
	for _, peer := range p.peers {
		url := "http://" + peer + path
		_, _ = httpapi.Post[twopc.Answer](ctx, &p.client, url, id, struct{}{})
	}
}
