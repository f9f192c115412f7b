package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/dtx/lab"
	"example.com/dtx/lab/sim"
)

func TestMain(m *testing.M) { sim.Main(m, chapter()) }

func TestEveryFault(t *testing.T) {
	t.Parallel()
	var monolith, services lab.Report
	t.Run("leaves the monolith whole", func(t *testing.T) {
		monolith = sim.EveryFault(t, chapter(), inOneProcess())
		sim.RequireWhole(t, chapter(), monolith)
	})
	t.Run("is too much for services without a protocol", func(t *testing.T) {
		services = sim.EveryFault(t, chapter(), inServices())
		for _, damage := range []string{
			"stock without an order", "payment twice", "payment of a refused order",
		} {
			require.Contains(t, kinds(services), damage)
		}
	})
	t.Run("is told in the lesson as it was found", func(t *testing.T) {
		if sim.OnlyFaults() {
			t.Skip("only the faults were asked for")
		}
		checkLesson(t, monolith, services)
		checkRuns(t, services)
	})
}

func TestTheSameFaultsGiveTheSameRun(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) { sim.SameAgain(t, chapter(), v, 50) })
	}
}

func kinds(r lab.Report) (list []string) {
	for _, d := range r.Damages {
		list = append(list, d.Damage)
	}
	return list
}

func TestARetryAfterALostAnswerIsPaidTwice(t *testing.T) {
	t.Parallel()
	run := play(t, inServices(), "retry", "reply lost @ client → order: POST /orders order-1 #1")
	require.Equal(t, []int{0, 201}, statuses(run.Told),
		"the client asked twice, and had an answer to the second")
	require.Contains(t, texts(run.Findings),
		"payment twice: order-1: payment ada 2000 instead of 1000")
}

func TestATimeoutTakenForANoKeepsTheMoneyOfARefusedOrder(t *testing.T) {
	t.Parallel()
	run := play(t, inServices(), "success", "reply lost @ order → payment: POST /charge order-1 #1")
	require.Equal(t, []int{409}, statuses(run.Told), "the order is refused")
	require.Contains(t, texts(run.Findings), "payment of a refused order: "+
		"order-1: the client was told no, and payment ada is 1000")
}

func TestAConductorThatDiesLeavesStockWithoutAnOrder(t *testing.T) {
	t.Parallel()
	run := play(t, inServices(), "success", "crash on reply @ order → stock: POST /take order-1 #1")
	require.Equal(t, []int{0}, statuses(run.Told), "the client has no answer")
	require.Contains(t, texts(run.Findings), "stock without an order: "+
		"order-1: 2 of tea left the stock, and there is no order")
}

func TestNothingThatRecommendDoesBreaksAnOrder(t *testing.T) {
	t.Parallel()
	plain := play(t, inServices(), "success")
	tried := 0
	for _, offer := range plain.Offers {
		if !concernsRecommend(offer.Point) {
			continue
		}
		tried++
		run := play(t, inServices(), "success", offer.Fault.String())
		require.Empty(t, run.Findings, "%s", offer.Fault)
	}
	require.NotZero(t, tried)
}

func TestRealProcessesAndTheSimulationAgreeOnEveryCrash(t *testing.T) {
	t.Parallel()
	for _, v := range chapter().Variants {
		t.Run(v.Name, func(t *testing.T) {
			crashes := sim.EveryCrash(t, chapter(), v, chapter().Scenarios[0])
			require.NotZero(t, crashes)
			t.Logf("%d crash points: the same points, ledgers and verdict in both worlds", crashes)
		})
	}
}

func TestEachClassicMistakeIsCaught(t *testing.T) {
	t.Parallel()
	sim.EveryMistake(t, chapter())
}

// play runs a scenario in the simulation, with a fault if one is named.
func play(t *testing.T, v lab.Variant, scenario string, faults ...string) sim.Run {
	t.Helper()
	return sim.Play(t, chapter(), v, scenario, faults...)
}

func statuses(told []lab.Answer) (list []int) {
	for _, a := range told {
		list = append(list, a.Status)
	}
	return list
}

func texts(findings []lab.Finding) (list []string) {
	for _, f := range findings {
		list = append(list, f.String())
	}
	return list
}
