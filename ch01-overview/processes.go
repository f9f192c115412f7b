package main

import (
	"context"
	"errors"
	"strconv"

	"example.com/dtx/lab"
	"example.com/dtx/lab/real"
	"example.com/dtx/lab/shop"
)

// processes shows what "a process of its own" means: who runs, and what they
// say to each other for one order.
func processes(ctx context.Context, t *lab.Teller) (err error) {
	v := inServices()
	cluster, err := real.Start(ctx, v, real.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	rows := [][]string{{"service", "process", "listens at"}}
	for _, p := range cluster.Processes() {
		rows = append(rows, []string{p.Service, strconv.Itoa(p.PID), p.Addr})
	}
	t.Table(rows)
	told := cluster.Place(ctx, shop.Tea(), 1)
	if err := cluster.Settle(ctx); err != nil {
		return err
	}
	if err := t.Draw(v.Columns(), cluster.Events()); err != nil {
		return err
	}
	t.Say("%s", told[0])
	return nil
}
