package source

import (
	"context"
	"encoding/json"
	"fmt"

	"example.com/dtx/lab"
)

// Try plays a run, with a mistake in the code if there is one.
func Try(
	ctx context.Context, c lab.Chapter, root string, m *Mistake, t lab.Trial,
) (lab.Trial, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return t, err
	}
	environment := []string{
		lab.TrialVariable + "=" + string(text), lab.VariantVariable + "=" + t.Variant,
	}
	var reports []lab.Report
	if m != nil {
		reports, err = m.simulate(ctx, c, root, environment)
	} else {
		reports, err = simulate(ctx, c, root, environment)
	}
	if err != nil {
		return t, err
	}
	for _, r := range reports {
		if r.Trial != nil {
			return *r.Trial, nil
		}
	}
	return t, fmt.Errorf("the tests of %s played no run: is there a variant %q?", c.Name, t.Variant)
}
