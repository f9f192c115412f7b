package load

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// percentile returns the smallest of the sorted durations that is not exceeded
// by so many percent of them (the nearest rank).
func percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)*percent+99)/100-1]
}

// Interleave drives each load so many times, one after the other in turn, so
// that what else the machine does befalls all alike. It returns the rates of
// each load in the order of the runs.
func Interleave(ctx context.Context, runs int, loads ...Load) ([][]Rate, error) {
	rates := make([][]Rate, len(loads))
	for range runs {
		for i, l := range loads {
			r, err := l.Drive(ctx)
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], r)
		}
	}
	return rates, nil
}

// Median returns the run in the middle, by orders in a second; of an even
// number, the slower of the two.
func Median(rates []Rate) Rate {
	sorted := slices.SortedFunc(slices.Values(rates), func(a, b Rate) int {
		return cmp.Compare(a.PerSecond(), b.PerSecond())
	})
	return sorted[(len(sorted)-1)/2]
}

// Ratio returns how many times as many orders in a second a carried as b: the
// median over their runs, each compared with the one of its turn.
func Ratio(a, b []Rate) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i].PerSecond() / b[i].PerSecond()
	}
	slices.Sort(ratios)
	return ratios[(len(ratios)-1)/2]
}
