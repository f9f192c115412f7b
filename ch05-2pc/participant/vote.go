package participant

import (
	"example.com/dtx/ch05-2pc/twopc"
	"example.com/dtx/internal/httpapi"
)

// This file is what every kind of Branches answers alike.

// Repeat answers a request to prepare a branch that is known already: its first
// vote, if it is the same branch.
func Repeat(id, state string, same bool) (twopc.Vote, error) {
	switch {
	case state == aborted:
		return twopc.Vote{}, httpapi.Unavailable.With("%s was aborted", id)
	case !same:
		return twopc.Vote{}, httpapi.KeyReused.With("%s wanted something else", id)
	}
	return twopc.Vote{Vote: twopc.Yes}, nil
}

// Vote returns the vote of an account with so much left.
func (r Rules) Vote(w Wanted, left int64) (twopc.Vote, error) {
	switch {
	case w.Amount > r.Max:
		return twopc.Vote{},
			httpapi.Unprocessable.With("amount is %d, want 0 to %d", w.Amount, r.Max)
	case left < w.Amount:
		return twopc.Vote{}, r.Short.With("%d of %s wanted, %d left", w.Amount, w.Name, left)
	case w.Amount == 0:
		return twopc.Vote{Vote: twopc.ReadOnly}, nil
	}
	return twopc.Vote{Vote: twopc.Yes}, nil
}

// One returns the account of a name from a list that has no other.
func One(list []Account, name string, err error) (a Account, _ error) {
	switch {
	case err != nil:
		return a, err
	case len(list) == 0:
		return a, httpapi.NotFound.With("%q", name)
	case list[0].Lock != "":
		return a, httpapi.Locked.With("%s is locked by %s", name, list[0].Lock)
	}
	return list[0], nil
}
