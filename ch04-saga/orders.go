package main

import (
	"context"

	"example.com/dtx/lab"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

// both forms of a saga, as the lesson has them: first the one with a conductor.
func both() []lab.Variant { return []lab.Variant{orchestrated(), choreographed()} }

// forward shows an order that goes through, in both forms of a saga.
func forward(ctx context.Context, t *lab.Teller) error {
	return show(ctx, t, "success", both())
}

// backward shows an order that is refused at the pivot.
func backward(ctx context.Context, t *lab.Teller) error {
	return show(ctx, t, "slot full", both())
}

// recovery shows an orchestrator that dies in the middle, and goes on.
func recovery(ctx context.Context, t *lab.Teller) error {
	return show(ctx, t, "success", []lab.Variant{orchestrated()}, dies)
}

// dies strikes when the payment is authorized and order has just heard of it.
const dies = "crash on reply @ order → payment: POST /authorize order-1 #1"

func show(
	ctx context.Context,
	t *lab.Teller,
	scenario string,
	variants []lab.Variant,
	faults ...string,
) error {
	s, err := chapter().Scenario(scenario)
	if err != nil {
		return err
	}
	var plan []fault.Fault
	for _, name := range faults {
		f, err := fault.Parse(name)
		if err != nil {
			return err
		}
		plan = append(plan, f)
	}
	for _, v := range variants {
		t.Say("%s: %s", v.Name, v.About)
		if err := real.Show(ctx, t, chapter(), v, s, plan...); err != nil {
			return err
		}
		t.Gap()
	}
	return nil
}
