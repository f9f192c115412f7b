// Chapter 99: what a new chapter begins with.
package main

import (
	"context"
	"os"
	"slices"

	"example.com/dtx/lab"
	"example.com/dtx/lab/cli"
	"example.com/dtx/lab/fault"
	"example.com/dtx/lab/real"
)

func main() { os.Exit(cli.Main(chapter())) }

// chapter has two of the toy's variants.
func chapter() lab.Chapter {
	c := Chapter()
	c.Variants = []lab.Variant{
		served(NoDeduplication, "this is the problem"),
		served(None, "the till keeps a row for each order"),
	}
	c.Default = "right"
	c.Scenarios = slices.DeleteFunc(c.Scenarios, isLeftOut)
	c.Experiments = []lab.Experiment{
		{Name: "dies", Claim: "the shop dies, and asks the till again", Run: dies},
	}
	return c
}

// isLeftOut picks the scenarios of the toy that this chapter does without.
func isLeftOut(s lab.Scenario) bool {
	return s.Name != "retry" && s.Name != "the last euro"
}

// served is a variant with its price and a command to try.
func served(flaw Flaw, price string) lab.Variant {
	v := Variant(flaw)
	v.Price = price
	v.Try = []string{
		`curl -s -H 'Idempotency-Key: order-1' -H 'Content-Type: application/json' ` +
			`-d '{"customer":"ada","item":"tea","quantity":1,"slot":"mon-am"}' ` +
			`http://shop/orders`,
	}
	return v
}

// dies plays one fault in each variant.
func dies(ctx context.Context, t *lab.Teller) error {
	f, err := fault.Parse("crash on reply @ shop → till: POST /charge order-1 #1")
	if err != nil {
		return err
	}
	c := chapter()
	for _, v := range c.Variants {
		t.Say("%s:", v.Name)
		if err := real.Show(ctx, t, c, v, c.Scenarios[0], f); err != nil {
			return err
		}
	}
	return nil
}
