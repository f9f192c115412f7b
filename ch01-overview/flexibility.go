package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.com/dtx/lab"
	"example.com/dtx/lab/real"
)

// rollout is what customers saw while a new version replaced the old one.
type rollout struct {
	Orders, Failed int
	Old, New, None int // orders by the version that recommended; None: no recommendation
}

const (
	customers = 4  // who order at the same time
	orders    = 48 // that they place meanwhile; there is stock for it
)

// rollOut replaces recommend by its second version while customers order.
func rollOut(ctx context.Context) (r rollout, err error) {
	cluster, err := real.Start(ctx, withOldRecommend(), real.Options{Keys: true})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()

	todo := make(chan int)
	told := make(chan lab.Answer, orders+1)
	var all sync.WaitGroup
	for range customers {
		all.Go(func() {
			for i := range todo {
				o := lab.Order{
					Key:      fmt.Sprintf("order-%d", i),
					Customer: "ada", Item: "salt", Quantity: 1, Slot: "any-day",
				}
				told <- cluster.Place(ctx, o, 1)[0]
			}
		})
	}
	replaced := make(chan error, 1)
	for i := range orders {
		todo <- i
		if i == orders/4 {
			go func() { replaced <- cluster.Replace(ctx, "recommend", "2") }()
		}
	}
	err = <-replaced
	todo <- orders // one more, which must see the new version
	close(todo)
	all.Wait()
	close(told)
	for a := range told {
		r.count(a)
	}
	return r, err
}

func (r *rollout) count(a lab.Answer) {
	r.Orders++
	switch {
	case !a.Confirmed():
		r.Failed++
	case strings.Contains(a.Body, `["tea"]`):
		r.Old++
	case strings.Contains(a.Body, `["pepper"]`):
		r.New++
	default:
		r.None++
	}
}

// withOldRecommend is the shop before the rollout.
func withOldRecommend() lab.Variant {
	v := inServices()
	i := slices.IndexFunc(v.Services, func(s lab.Service) bool { return s.Name == "recommend" })
	v.Services[i], v.Spares[0] = v.Spares[0], v.Services[i]
	return v
}

// flexibility shows that one service can be replaced while the shop is open.
func flexibility(ctx context.Context, t *lab.Teller) error {
	r, err := rollOut(ctx)
	if err != nil {
		return err
	}
	t.Say("%d customers placed %d orders while version 2 of recommend replaced version 1.",
		customers, r.Orders)
	t.Table([][]string{
		{"orders", "failed", "with version 1", "with version 2", "without a recommendation"},
		{
			fmt.Sprint(r.Orders), fmt.Sprint(r.Failed),
			fmt.Sprint(r.Old), fmt.Sprint(r.New), fmt.Sprint(r.None),
		},
	})
	return nil
}
