package exercise

import (
	"net/http"

	"example.com/dtx/ch02-python-vs-go/exercise/jobs"
	"example.com/dtx/internal/sqlite"
	"example.com/dtx/lab"
)

// exercise is the chapter that the steps play: an order is a receipt to be mailed.
func exercise() lab.Chapter {
	of := func(customer string) []lab.Order {
		return []lab.Order{
			{Key: "order-1", Customer: customer, Item: "tea", Quantity: 2, Slot: "mon-am"},
		}
	}
	return lab.Chapter{
		Name: "ch02-python-vs-go/exercise", Effects: effects,
		Scenarios: []lab.Scenario{
			{Name: "a receipt for ada", Orders: of("ada"), Want: []int{201}, Tries: 5},
			{
				Name:   "a receipt that cannot be delivered",
				Orders: of(jobs.NoAddress), Want: []int{201}, Tries: 5,
			},
		},
	}
}

// effects is what an order that was taken has done in the end.
func effects(o lab.Order) []lab.Effect {
	list := []lab.Effect{{Kind: lab.OrderKind, Order: o.Key, Account: o.Item, Amount: 1}}
	if o.Customer != jobs.NoAddress {
		to := "to " + o.Customer
		list = append(list, lab.Effect{Kind: "letter", Order: o.Key, Account: to, Amount: 1})
	}
	return list
}

// yours is the shop with what the student has written.
func yours() lab.Variant {
	return lab.Variant{Name: "yours", Services: []lab.Service{
		{
			Name: "jobs", Schema: jobs.Schema,
			New: func(db *sqlite.DB, client *http.Client) http.Handler {
				return jobs.New(db, client, jobs.Yours{Claim: Claim, Work: Work})
			},
			Queries: lab.Queries{
				Effects: `SELECT 'order', id, item, 1 FROM jobs`,
				Stuck: `SELECT id || ' is neither acknowledged nor buried: it is ' || state
					FROM jobs WHERE state IN ('waiting', 'running')
					UNION ALL SELECT id || ' is acknowledged, and no letter can ever be sent'
					FROM jobs WHERE state = 'done' AND customer = 'mallory'
					UNION ALL SELECT id || ' is buried, and the mail has never refused it'
					FROM jobs WHERE state = 'dead' AND customer <> 'mallory'`,
			},
		},
		{
			Name: "mail", Schema: jobs.MailSchema,
			New:     func(db *sqlite.DB, _ *http.Client) http.Handler { return jobs.NewMail(db) },
			Queries: lab.Queries{Effects: `SELECT 'letter', id, 'to ' || customer, 1 FROM letters`},
		},
	}}
}
