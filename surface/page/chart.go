package page

import (
	"math"
	"strconv"
)

// Chart is numbers over labels as bars or lines, drawn by the server, with a table of the same for whoever cannot see
// it. Template "chart". Make it with ChartOf.
type Chart struct {
	ID, Title, Summary string
	Lines              bool
	Series             []Series
	Ticks              []ChartTick
	Marks              []ChartMark
	Bars               []ChartBar
	Curves             []ChartCurve
	Dots               []ChartDot
	Heads              []string
	Rows               []ChartRow
	Height             string // of the drawing, in px
	Zero               string // where zero is
	Axis               string // how wide the scale is, in px
}

// Series is one row of numbers. A second one is drawn paler: the time before.
type Series struct {
	Name   string
	Values []int64
}

// ChartData is what a Chart is made of. Every series has a value for each label.
type ChartData struct {
	ID, Title string
	Summary   string // what it shows, in one sentence
	Lines     bool
	Labels    []string
	Series    []Series
	Label     string               // what the labels are: "Hour"
	Say       func(v int64) string // a value in words; nil: digits
	Short     func(v int64) string // the same for the scale; nil: as Say
}

// ChartTick is a line of the scale.
type ChartTick struct{ Y, TextY, Text string }

// ChartMark is a label below.
type ChartMark struct{ X, Anchor, Text string }

// ChartBar is one bar; its text is shown when pointed at.
type ChartBar struct {
	X, Y, Width, Height string
	Series              int
	Text                string
}

// ChartCurve is one line on a field of 1000 by the height of the plot.
type ChartCurve struct {
	Points string
	Series int
}

// ChartDot is a place on a curve that says its value when pointed at.
type ChartDot struct {
	X, Y   string
	Series int
	Text   string
}

// ChartRow is one row of the table.
type ChartRow struct {
	Name  string
	Texts []string
}

const (
	chartTop    = 18  // px above the plot, for the uppermost number
	chartPlot   = 168 // px of the plot
	chartBelow  = 24  // px for the labels
	chartMarks  = 6   // labels that fit on a phone
	chartTicks  = 4
	chartInset  = 1.0 // % of the width left free at either side
	chartFilled = 0.7 // of a slot that bars fill
)

// scale turns values into places.
type scale struct {
	low, high, step int64
}

// scaleOf finds round numbers around the values; zero is always among them.
func scaleOf(all []Series) scale {
	s := scale{}
	for _, one := range all {
		for _, v := range one.Values {
			s.low, s.high = min(s.low, v), max(s.high, v)
		}
	}
	s.step = roundStep((s.high - s.low + chartTicks - 1) / chartTicks)
	if s.low < 0 {
		s.low = -((-s.low + s.step - 1) / s.step) * s.step
	}
	s.high = max((s.high+s.step-1)/s.step*s.step, s.low+s.step)
	return s
}

// roundStep is the next of 1, 2, 5, 10, 20, 50, …
func roundStep(at int64) int64 {
	for power := int64(1); power < math.MaxInt64/10; power *= 10 {
		for _, n := range []int64{1, 2, 5} {
			if n*power >= at {
				return n * power
			}
		}
	}
	return at
}

// y is the place of a value in px from the top.
func (s scale) y(v int64) float64 {
	return chartTop + chartPlot*(1-float64(v-s.low)/float64(s.high-s.low))
}

// ChartOf draws a chart.
func ChartOf(d ChartData) Chart {
	if d.Say == nil {
		d.Say = Itoa
	}
	if d.Short == nil {
		d.Short = d.Say
	}
	s := scaleOf(d.Series)
	c := Chart{ID: d.ID, Title: d.Title, Summary: d.Summary, Lines: d.Lines, Series: d.Series,
		Height: px(chartTop + chartPlot + chartBelow), Zero: px(s.y(0)), Heads: []string{d.Label}}
	for v := s.low; v <= s.high; v += s.step {
		c.Ticks = append(c.Ticks, ChartTick{Y: px(s.y(v)), TextY: px(s.y(v) + 4), Text: d.Short(v)})
	}
	c.Axis = axis(c.Ticks)
	c.marks(d)
	for i, one := range d.Series {
		c.Heads = append(c.Heads, one.Name)
		if d.Lines {
			c.curve(d, s, i)
		} else {
			c.bars(d, s, i)
		}
	}
	for i, label := range d.Labels {
		row := ChartRow{Name: label}
		for _, one := range d.Series {
			row.Texts = append(row.Texts, d.Say(one.Values[i]))
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

// axis is as wide as the longest number of the scale: digits are at most 8 px, what is written in Chinese 12.
func axis(ticks []ChartTick) string {
	widest := 0
	for _, tick := range ticks {
		width := 8
		for _, r := range tick.Text {
			if width += 8; r > 0x2000 {
				width += 4
			}
		}
		widest = max(widest, width)
	}
	return strconv.Itoa(widest)
}

// place is the middle of the i-th of n places and its width, in % of the whole.
func place(i, n int) (middle, width float64) {
	width = (100 - 2*chartInset) / float64(n)
	return chartInset + width*(float64(i)+0.5), width
}

// marks writes as many labels as fit, evenly.
func (c *Chart) marks(d ChartData) {
	every := (len(d.Labels) + chartMarks - 1) / chartMarks
	for i, label := range d.Labels {
		if i%every != 0 {
			continue
		}
		x, _ := place(i, len(d.Labels))
		c.Marks = append(c.Marks, ChartMark{X: px(x), Anchor: "middle", Text: label})
	}
}

func (c *Chart) bars(d ChartData, s scale, series int) {
	for i, v := range d.Series[series].Values {
		middle, width := place(i, len(d.Labels))
		width *= chartFilled
		one := width / float64(len(d.Series))
		top, bottom := s.y(max(v, 0)), s.y(min(v, 0))
		c.Bars = append(c.Bars, ChartBar{X: px(middle - width/2 + one*float64(series)), Y: px(top),
			Width:  px(one * 0.92),
			Height: px(bottom - top), Series: series, Text: said(d, series, i)})
	}
}

func (c *Chart) curve(d ChartData, s scale, series int) {
	points := ""
	for i, v := range d.Series[series].Values {
		x, _ := place(i, len(d.Labels))
		points += px(x*10) + "," + px(s.y(v)) + " "
		c.Dots = append(c.Dots, ChartDot{X: px(x), Y: px(s.y(v)), Series: series, Text: said(d, series, i)})
	}
	c.Curves = append(c.Curves, ChartCurve{Points: points, Series: series})
}

// said is what is shown when a value is pointed at.
func said(d ChartData, series, i int) string {
	return d.Labels[i] + " · " + d.Series[series].Name + ": " + d.Say(d.Series[series].Values[i])
}

// px writes a length with at most two places.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }
