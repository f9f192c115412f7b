package toy

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.com/dtx/internal/httpapi"
	"example.com/dtx/internal/sqlite"
)

// The flaws that show only when something fails and the process lives on, or is
// told to end; each shows under one kind of fault.
const (
	// NotBegunIsNo shows under fault.NotBegun: the shop refuses what the till has done.
	NotBegunIsNo Flaw = "not begun is no"
	// LookUpIsYes shows under fault.FirstStatement: the till overlooks its error.
	LookUpIsYes Flaw = "a look-up is a yes"
	// NoteIsNoMatter shows under fault.LastStatement: the till overlooks its error.
	NoteIsNoMatter Flaw = "a note is no matter"
	// GivesUp shows under fault.DiskFull: the shop tries for half a minute.
	GivesUp Flaw = "gives up"
	// NotFoundIsFinal shows under fault.Stranger404: the shop asks no more.
	NotFoundIsFinal Flaw = "a 404 is final"
	// GatewayIsYes shows under fault.Stranger502: the shop takes it for accepted.
	GatewayIsYes Flaw = "a 502 is passed on"
	// AnythingIsYes shows under fault.Stranger200: the shop looks at the status only.
	AnythingIsYes Flaw = "any 200 is a yes"
	// CleansUp shows under fault.GoodOrder: the shop refuses what is open when it ends.
	CleansUp Flaw = "cleans up"
	// RunFails shows under none: the shop is started again.
	RunFails Flaw = "ends when a try fails"
)

// overlook drops an error in the version with this flaw.
func (t *till) overlook(f Flaw, err error) error {
	if t.flaw == f {
		return nil
	}
	return err
}

// says tells whether an error is a stranger's answer with this status.
func says(err error, status string) bool {
	return err != nil && strings.Contains(err.Error(), "not an answer of this API: "+status)
}

// charge asks the till, and believes only what the till alone can say.
func (s *shop) charge(ctx context.Context, id string, c charge) error {
	const url = "http://till/charge"
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.flaw == AnythingIsYes {
		_, err := httpapi.Post[struct{}](ctx, s.client, url, id, c)
		return err
	}
	r, err := httpapi.Post[receipt](ctx, s.client, url, id, c)
	if s.flaw == GatewayIsYes && says(err, "502") {
		return nil
	}
	if err == nil && r.Charged != id {
		return errors.New("not this order's receipt")
	}
	return err
}

// notBegun is what the shop makes of a record that it could not write.
func (s *shop) notBegun(err error) error {
	injected := errors.Is(err, sqlite.ErrNotBegun) && !errors.Is(err, context.Canceled)
	if s.flaw == NotBegunIsNo && injected {
		return httpapi.InsufficientFunds
	}
	return err
}

// givesUp tells whether the shop has tried an order for too long.
func (s *shop) givesUp(id string) bool {
	if s.flaw != GivesUp {
		return false
	}
	if s.first[id].IsZero() {
		s.first[id] = time.Now()
	}
	return time.Since(s.first[id]) > 30*time.Second
}

// cleanUp leaves nothing open behind, in the version with this flaw.
func (s *shop) cleanUp(ctx context.Context) {
	if s.flaw != CleansUp {
		return
	}
	_ = s.db.Update(context.WithoutCancel(ctx), func(tx *sqlite.Tx) error {
		_, err := tx.Exec("UPDATE orders SET state = 'refused' WHERE state = 'open'")
		return err
	})
}
