package measure

import (
	"fmt"
	"io"
	"slices"

	"github.com/go-analyze/charts"
)

// Chart draws how much each implementation answers under each load, as a
// multiple of the first one's, as an SVG that is legible on light and on dark.
func Chart(w io.Writer, all []Figures) error {
	var names, categories []string
	var rates [][]float64
	for _, f := range all {
		names = append(names, f.Target)
		row := []float64{}
		for _, l := range downwards(all[0].Loads) {
			row = append(row, Ratio(f.Load(l.Workload, l.Clients).Rate, l.Rate))
		}
		rates = append(rates, row)
	}
	for _, l := range downwards(all[0].Loads) {
		categories = append(categories, fmt.Sprintf("%s, %d", l.Workload, l.Clients))
	}
	o := charts.NewBarChartOptionWithData(rates)
	o.Horizontal = true
	title := fmt.Sprintf("Answers per second, as a multiple of %s's; by workload and clients",
		all[0].Target)
	o.Title = charts.TitleOption{Text: title, FontStyle: charts.FontStyle{FontSize: 13}}
	o.Legend = charts.LegendOption{SeriesNames: names, Offset: charts.OffsetStr{Top: "28"}}
	o.CategoryAxis = charts.CategoryAxisOption{Labels: categories}
	for i := range o.SeriesList {
		o.SeriesList[i].Label = charts.SeriesLabel{Show: new(true), ValueFormatter: Times}
	}
	grey := charts.ColorRGB(128, 128, 128)
	o.Theme = charts.GetTheme(charts.ThemeLight).
		WithBackgroundColor(charts.ColorTransparent).
		WithTextColor(grey).
		WithXAxisColor(grey).
		WithYAxisColor(grey).
		WithAxisSplitLineColor(grey.WithAlpha(64)).
		WithSeriesColors([]charts.Color{
			charts.ColorRGB(0, 150, 190), charts.ColorRGB(225, 140, 30),
			charts.ColorRGB(60, 160, 90), charts.ColorRGB(170, 110, 200),
		})
	p := charts.NewPainter(charts.PainterOptions{
		OutputFormat: charts.ChartOutputSVG,
		Width:        860,
		Height:       80 + 72*len(categories),
	})
	if err := p.BarChart(o); err != nil {
		return err
	}
	text, err := p.Bytes()
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// downwards turns the order around: a horizontal chart begins at the bottom.
func downwards(loads []Load) []Load {
	turned := slices.Clone(loads)
	slices.Reverse(turned)
	return turned
}

// Ratio is zero if there is nothing to compare with.
func Ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Times writes a ratio with two digits.
func Times(ratio float64) string {
	if ratio >= 9.95 {
		return fmt.Sprintf("×%.0f", ratio)
	}
	if ratio >= 0.995 {
		return fmt.Sprintf("×%.1f", ratio)
	}
	return fmt.Sprintf("×%.2f", ratio)
}
