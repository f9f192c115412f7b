package real

import (
	"context"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
)

// Show plays one scenario in real processes, draws it, and says what became of
// it.
func Show(
	ctx context.Context, t *lab.Teller, c lab.Chapter, v lab.Variant, s lab.Scenario,
	plan ...fault.Fault,
) error {
	o, err := Play(ctx, c, v, s, plan...)
	if err != nil {
		return err
	}
	return o.Tell(t, v)
}

// Tell draws the run, and says what became of it.
func (o Outcome) Tell(t *lab.Teller, v lab.Variant) error {
	if err := t.Draw(v.Columns(), o.Events); err != nil {
		return err
	}
	for _, a := range o.Told {
		t.Say("told      %s", a)
	}
	for _, e := range o.After.Effects {
		t.Say("ledger    %s: %s %s %d", e.Order, e.Kind, e.Account, e.Amount)
	}
	switch {
	case o.Unexpected != "":
		t.Say("verdict   without a fault: %s", o.Unexpected)
	case len(o.Findings) == 0:
		t.Say("verdict   nothing is broken")
	}
	for _, f := range o.Findings {
		t.Say("BROKEN    %s: %s", f.Invariant, f)
	}
	return nil
}
