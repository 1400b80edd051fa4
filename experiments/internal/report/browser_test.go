//go:build browser

package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/report/browsertest"
)

// drawn is an SVG as package figure writes it: with marks that have values.
const drawn = `<?xml version="1.0"?><svg width="400pt" height="300pt" viewBox="0 0 400 300"
 xmlns="http://www.w3.org/2000/svg">
<title>endpoint time</title><path d="M0,0L400,0L400,300L0,300Z" style="fill:#FFFFFF"/>
<path d="M10,10L390,290" style="fill:none;stroke:#0072B2"/><text x="10" y="290" style="fill:#000000">cut</text>
<g fill="none" pointer-events="all"><rect class="spot" x="94" y="94" width="12" height="12"><title>PP1
12 ms</title></rect><rect class="spot" x="194" y="144" width="12" height="12"><title>PP2
9 ms</title></rect></g></svg>`

func example() *report.Page {
	rows := make([]report.Row, 1000)
	for i := range rows {
		v := float64((i*37 + 11) % 1000)
		rows[i] = report.Row{Measured: i%3 == 0, Cells: []report.Cell{
			{Text: fmt.Sprintf("PP%d", i)}, report.Number(fmt.Sprintf("%g ± 1", v), v),
			report.Number(fmt.Sprintf("%.4g", v/7), v/7),
			{Text: "lossless " + strings.Repeat("x", i%7)},
		}}
	}
	rows[5].Cells[1] = report.Cell{Text: "-"}
	return &report.Page{
		Title:  "ssd-tracking, which has a_name_without_any_place_to_break_that_is_long",
		Kicker: "Emulated: slowed devices and shaped links on one machine.",
		Lead:   []string{"PP5 dw2 is best: 4.00 times faster.", "In words."},
		Facts:  []report.Fact{{Name: "speed-up", Value: "4.00 × (3.94 to 4.06)"}, {Name: "error", Value: "2 %"}},
		Notes:  []report.Note{{Kind: "assumed", Text: "the endpoint"}},
		Figures: []report.Figure{
			{Name: "endpoint time", Caption: "of each cut", SVG: []byte(drawn)}, {Name: "again", SVG: []byte(drawn)},
		},
		Tables: []report.Table{{Name: "cases", About: "± is half the interval.", Rows: rows, Columns: []report.Column{
			{Name: "cut", About: "where it is cut"}, {Name: "endpoint time", Unit: "ms", Numeric: true},
			{Name: "share", Numeric: true},
			{Name: "codec"},
		}}},
		Method: []report.Section{{Title: "Machine", Lines: []string{"a box"}}},
	}
}

func opened(t *testing.T, p *report.Page) (*browsertest.Tab, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, report.WritePage(path, p))
	tab := browsertest.Open(t)
	tab.GoFile(path)
	return tab, "file://" + path
}

// firsts are the texts of a column in the first rows.
func firsts(tab *browsertest.Tab, column int) []string {
	return browsertest.Eval[[]string](tab, fmt.Sprintf(
		`[...document.querySelectorAll("tbody tr")].slice(0, 3).map((tr) => tr.cells[%d].textContent)`, column))
}

func count(tab *browsertest.Tab) string {
	return browsertest.Eval[string](tab, `document.querySelector("[data-count]").textContent`)
}

func TestTableInBrowser(t *testing.T) {
	tab, url := opened(t, example())
	assert.Equal(t, "200 of 1000 rows", count(tab))
	sorted := func() string {
		return browsertest.Eval[string](tab, `document.querySelectorAll("th")[1].getAttribute("aria-sort")`)
	}
	assert.Equal(t, "none", sorted())
	tab.Click("th:nth-child(2) button")
	assert.Equal(t, "ascending", sorted())
	assert.Equal(t, []string{"0 ± 1", "1 ± 1", "2 ± 1"}, firsts(tab, 1))
	tab.Click("th:nth-child(2) button")
	assert.Equal(t, "descending", sorted())
	assert.Equal(t, []string{"999 ± 1", "998 ± 1", "997 ± 1"}, firsts(tab, 1))
	tab.Press(kb.Enter) // the button has the focus
	assert.Equal(t, "none", sorted())
	assert.Equal(t, []string{"PP0", "PP1", "PP2"}, firsts(tab, 0))
	tab.Click("th:nth-child(1) button") // numbers within texts count as such
	tab.Click("th:nth-child(1) button")
	assert.Equal(t, []string{"PP999", "PP998", "PP997"}, firsts(tab, 0))

	tab.Click("th:nth-child(3) button") // of rows that are data, values are their texts
	assert.Equal(t, []string{"0", "0.1429", "0.2857"}, firsts(tab, 2))
	tab.Click("th:nth-child(3) button")
	assert.Equal(t, []string{"142.7", "142.6", "142.4"}, firsts(tab, 2))
	tab.Click("th:nth-child(3) button")

	browsertest.Eval[any](tab, `document.querySelector("[data-filter]").focus()`)
	tab.Press("pp99 LOSS")
	assert.Equal(t, "11 of 1000 rows fit", count(tab))
	tab.Press(kb.Backspace, kb.Backspace, kb.Backspace, kb.Backspace, kb.Backspace, kb.Backspace, kb.Backspace,
		kb.Backspace, kb.Backspace)
	tab.Click("[data-hide]")
	assert.Equal(t, "200 of 334 rows that fit, of 1000", count(tab))
	tab.Click("[data-more]")
	assert.Equal(t, "334 of 1000 rows fit", count(tab))
	assert.True(t, browsertest.Eval[bool](tab, `document.querySelector("[data-more]").hidden`))
	tab.Click("[data-hide]")
	for range 4 {
		tab.Click("[data-more]")
	}
	assert.Equal(t, "1000 rows", count(tab))
	tab.Click("th:nth-child(2) button")
	assert.Equal(t, "-", browsertest.Eval[string](tab,
		`[...document.querySelectorAll("tbody tr")].at(-1).cells[1].textContent`), "what is missing comes last")
	tab.Quiet(url)
}

func TestFigureInBrowser(t *testing.T) {
	tab, url := opened(t, example())
	tip := func() string {
		return browsertest.Eval[string](tab, `(() => {
			const t = document.querySelector(".tip");
			return t.hidden ? "" : t.textContent;
		})()`)
	}
	assert.Empty(t, tip())
	browsertest.Eval[any](tab, `document.querySelector(".drawing").scrollIntoView({behavior: "instant"})`)
	at := browsertest.Eval[[]float64](tab, `(() => {
		const r = document.querySelectorAll(".spot")[1].getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`)
	tab.Point(at[0], at[1])
	assert.Equal(t, "PP2\n9 ms", tip())
	tab.Point(1, 1)
	assert.Empty(t, tip())
	browsertest.Eval[any](tab, `document.querySelector(".drawing .scroll").focus()`)
	tab.Press(kb.Tab)
	assert.Equal(t, "PP1\n12 ms", tip())
	tab.Press(kb.ArrowRight)
	assert.Equal(t, "PP2\n9 ms", tip())
	tab.Press(kb.ArrowRight)
	assert.Equal(t, "PP2\n9 ms", tip(), "the last")
	tab.Press(kb.Home)
	assert.Equal(t, "PP1\n12 ms", tip())
	tab.Press(kb.Escape)
	assert.Empty(t, tip())
	tab.Press(kb.Tab, kb.Tab) // the next figure's box, then its marks
	assert.Equal(t, "PP1\n12 ms", tip())
	tab.Quiet(url)
}

// The first stop of the tab key leads past the head of the page.
func TestKeyboardInBrowser(t *testing.T) {
	tab, url := opened(t, example())
	tab.Press(kb.Tab)
	assert.Equal(t, "Skip to the answer", browsertest.Eval[string](tab, `document.activeElement.textContent`))
	assert.NotEqual(t, "none", browsertest.Eval[string](tab, `getComputedStyle(document.activeElement).outlineStyle`))
	assert.GreaterOrEqual(t, browsertest.Eval[float64](tab, `document.activeElement.getBoundingClientRect().left`), 0.0)
	tab.Press(kb.Enter)
	assert.Equal(t, "main", browsertest.Eval[string](tab, `document.activeElement.id`))
	tab.Quiet(url)
}

func TestLooksInBrowser(t *testing.T) {
	tab, url := opened(t, example())
	paper := func() string {
		return browsertest.Eval[string](tab, `getComputedStyle(document.body).backgroundColor`)
	}
	tab.Legible()
	tab.Fits()
	tab.Picture("example-desktop", false)
	assert.Equal(t, "rgb(255, 255, 255)", paper())
	tab.Dark(true)
	assert.Equal(t, "rgb(20, 24, 28)", paper())
	tab.Legible()
	tab.Picture("example-dark", false)
	tab.Click("#theme") // dark, whatever the system
	tab.Dark(false)
	assert.Equal(t, "rgb(20, 24, 28)", paper())
	tab.Click("#theme")
	assert.Equal(t, "rgb(255, 255, 255)", paper())
	tab.Dark(true)
	assert.Equal(t, "rgb(255, 255, 255)", paper())
	tab.Click("#theme")
	assert.Equal(t, "rgb(20, 24, 28)", paper())
	tab.Dark(false)
	for _, width := range []int{360, 320, 600, 800} {
		tab.Size(width, 740)
		tab.Fits()
	}
	tab.Size(360, 740)
	tab.Legible()
	tab.Picture("example-phone", false)
	assert.Greater(t, len(tab.Print("example")), 10_000)
	tab.Quiet(url)
}

// Names can't act in a page, nor turn what stands beside them.
func TestHostileInBrowser(t *testing.T) {
	p := example()
	p.Title = `</title></script><script>document.title = "acted"</script>`
	p.Lead = []string{`<img src="http://127.0.0.1:1/x" onerror="document.title = 'acted'">`, "\u202egnp.exe"}
	for i := range p.Tables[0].Rows { // written ones, and those that are data
		p.Tables[0].Rows[i].Cells[0] = report.Cell{Text: p.Title, Link: "javascript:document.title='acted'"}
	}
	svg := strings.ReplaceAll(drawn, "PP1", "&lt;img src=x onerror=alert(1)>")
	p.Figures = []report.Figure{{Name: p.Title, SVG: []byte(svg)}}
	tab, url := opened(t, p)
	for range 4 {
		tab.Click("[data-more]")
	}
	assert.Equal(t, 1000, browsertest.Eval[int](tab, `document.querySelectorAll("tbody tr").length`))
	browsertest.Eval[any](tab, `document.querySelectorAll("tbody a").forEach((a) => a.click())`)
	browsertest.Eval[any](tab, `document.querySelector(".spot").focus()`)
	assert.Equal(t, p.Title, browsertest.Eval[string](tab, `document.title`))
	assert.Equal(t, 0, browsertest.Eval[int](tab, `document.querySelectorAll("img, main script:not([type])").length`))
	tab.Quiet(url)
}

// A large report opens fast enough to be used, and stays below some MB.
func TestLargeInBrowser(t *testing.T) {
	p := example()
	rows := p.Tables[0].Rows
	for len(p.Tables[0].Rows) < 10_000 {
		p.Tables[0].Rows = append(p.Tables[0].Rows, rows...)
	}
	line := `<path d="M1.2345,2.3456L3.4567,4.5678" style="fill:none;stroke:#0072B2"/>`
	svg := strings.ReplaceAll(drawn, "</svg>", strings.Repeat(line, 700)+"</svg>")
	for i := range 60 {
		p.Figures = append(p.Figures, report.Figure{Name: fmt.Sprint("f", i), SVG: []byte(svg), File: "figures/f.svg"})
	}
	tab, url := opened(t, p)
	info, err := os.Stat(strings.TrimPrefix(url, "file://"))
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(6<<20))
	ready := browsertest.Eval[float64](tab, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
	t.Logf("%d bytes, loaded after %.0f ms, %d elements", info.Size(), ready,
		browsertest.Eval[int](tab, `document.querySelectorAll("*").length`))
	assert.Equal(t, "200 of 10000 rows", count(tab))
	tab.Click("th:nth-child(2) button")
	assert.Equal(t, "0 ± 1", firsts(tab, 1)[0])
	tab.Quiet(url)
}
