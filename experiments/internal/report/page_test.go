package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile are names that would break out of text, attributes and scripts.
var hostile = []string{
	"</script><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "'; alert(1); //", "<!--", "\u202egnp.exe",
	"]]>", "{{.Title}}", "`${alert(1)}`", "</title>", "javascript:alert(1)", "\u2028",
}

const tinyPNG = "\x89PNG\r\n\x1a\nrest"

func rendered(t *testing.T, p *Page) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, Render(&b, p))
	return b.String()
}

// The parts of a page stand in their order, and what is empty is left out.
func TestRender(t *testing.T) {
	html := rendered(t, &Page{
		Title: "ssd", Kicker: "emulated", Lead: []string{"PP5 is best."}, Facts: []Fact{{"speed-up", "4 ×"}},
		Notes:   []Note{{"assumed", "the link"}},
		Figures: []Figure{{Name: "f", Caption: "of all", SVG: []byte(`<svg viewBox="0 0 1 1"><path d="M0"/></svg>`)}},
		Pictures: []Picture{
			{"a", "input", []byte(tinyPNG)}, {"b", "output", []byte(tinyPNG)}, {"c", "input", []byte(tinyPNG)},
		},
		Tables: []Table{{Name: "rows", Columns: []Column{{Name: "cut"}, {Name: "time", Unit: "ms", Numeric: true}},
			Rows: []Row{{Cells: []Cell{{Text: "PP5"}, Number("1.5 ± 0.1", 1.5)}, Measured: true}}}},
		Method: []Section{{"Machine", []string{"a box"}}},
	})
	at := 0
	for _, want := range []string{
		"<title>ssd</title>", "<h1", "emulated", "PP5 is best.", "speed-up", "4 ×", "the link",
		`<svg viewBox="0 0 1 1"><path d="M0"></path></svg>`, "of all", "input", `alt="a"`, `alt="c"`, "output", `alt="b"`,
		`<th scope="col">cut</th>`, `<th scope="col" data-numeric>time <span class="unit">(ms)</span></th>`,
		`data-measured`, `class="number" data-value="1.5">1.5 ± 0.1</td>`, "Machine", "a box",
	} {
		i := strings.Index(html[at:], want)
		require.GreaterOrEqual(t, i, 0, want)
		at += i
	}
	empty := rendered(t, &Page{Title: "t"})
	for _, not := range []string{"answer", "notes", "figures", "pictures", "tables", "method"} {
		assert.NotContains(t, empty, `id="`+not+`"`)
	}
}

// Nothing of a name gets out of the text that it stands in.
func TestHostile(t *testing.T) {
	for _, name := range hostile {
		rows := make([]Row, mostRows+1) // the last is data of the script
		for i := range rows {
			rows[i] = Row{Cells: []Cell{{Text: name, Link: name}}}
		}
		html := rendered(t, &Page{
			Title: name, Kicker: name, Lead: []string{name}, Facts: []Fact{{name, name}}, Notes: []Note{{name, name}},
			Figures:  []Figure{{Name: name, Caption: name, PNG: []byte(tinyPNG)}},
			Pictures: []Picture{{name, name, []byte(tinyPNG)}},
			Tables:   []Table{{Name: name, About: name, Columns: []Column{{Name: name, Unit: name, About: name}}, Rows: rows}},
			Method:   []Section{{name, []string{name}}},
		})
		assert.Equal(t, 2, strings.Count(html, "<script"), name)
		assert.Equal(t, 2, strings.Count(html, "</script"), name)
		assert.Equal(t, 1, strings.Count(html, "</title>"), name)
		assert.NotContains(t, html, "<img src=x", name)
		assert.NotContains(t, html, "<!--", name)
		assert.NotContains(t, html, `href="javascript`, name)
	}
}

// Of a table that is large, the first rows are written, the next are data, the last are left out.
func TestRowsBounded(t *testing.T) {
	table := Table{Name: "t", Columns: make([]Column, 20)}
	for range mostCells/20 + 7 {
		table.Rows = append(table.Rows, Row{Cells: make([]Cell, 20)})
	}
	html := rendered(t, &Page{Tables: []Table{table}})
	assert.Equal(t, mostRows+1, strings.Count(html, "<tr"))
	assert.Contains(t, html, "7 further rows are left out")
	assert.Less(t, len(html), 3<<20)
}

// Figures that don't fit are named with their file; those without one are always shown.
func TestFiguresBounded(t *testing.T) {
	svg := []byte(`<svg viewBox="0 0 1 1"><path d="` + strings.Repeat("M0,0 ", mostInlined/11) + `"/></svg>`)
	p := Page{}
	for i := range 4 {
		p.Figures = append(p.Figures, Figure{Name: fmt.Sprint("f", i), SVG: svg, File: fmt.Sprintf("figures/f%d.svg", i)})
	}
	html := rendered(t, &p)
	assert.Equal(t, 2, strings.Count(html, "<svg"))
	assert.Contains(t, html, `<a href="figures/f3.svg">f3</a>`)
	assert.Less(t, len(html), mostInlined+1<<20)
}

// A value that is no number is a missing one.
func TestNoNumbers(t *testing.T) {
	rows := make([]Row, mostRows+2)
	for i := range rows {
		rows[i] = Row{Cells: []Cell{Number("none", math.NaN()), Number("∞", math.Inf(1))}}
	}
	html := rendered(t, &Page{Tables: []Table{{Columns: make([]Column, 2), Rows: rows}}})
	assert.NotContains(t, html, "data-value")
	assert.Contains(t, html, `[[false,"none","∞"],[false,"none","∞"]]`)
}

// Of a drawing come shapes and texts, and nothing that acts or loads.
func TestCleaned(t *testing.T) {
	got, about, err := cleaned([]byte(`<?xml version="1.0"?><!-- c --><svg width="9pt" viewBox="0 0 1 1" onload="a()">
<desc>of all</desc><script>a()</script><style>@import url(x)</style><image href="http://x/y.png"/>
<a href="javascript:a()"><path d="M"/></a>
<foreignObject><img src="x"/></foreignObject><g style="fill:url(http://x)"><path style="fill:#000000" onclick="a()"
d="M1"/>
<text class="t">&lt;b&gt; &amp;</text></g></svg>`))
	require.NoError(t, err)
	assert.Equal(t, "of all", about)
	assert.Equal(t, `<svg width="9pt" viewBox="0 0 1 1"><g><path style="fill:var(--ink,#000)" d="M1"></path>`+
		`<text class="t">&lt;b&gt; &amp;</text></g></svg>`, got)
}

func TestRenderErrors(t *testing.T) {
	for want, p := range map[string]Page{
		"report: figure f: no such picture: neither SVG nor PNG": {Figures: []Figure{{Name: "f", PNG: []byte("x")}}},
		"report: figure f: no such picture: it is no SVG": {
			Figures: []Figure{{Name: "f", SVG: []byte("<html/>")}},
		},
		"report: picture p: no such picture: neither SVG nor PNG":    {Pictures: []Picture{{Caption: "p"}}},
		"report: figure f: no such picture: the SVG can't be read: ": {Figures: []Figure{{Name: "f", SVG: []byte("<svg>")}}},
	} {
		err := Render(&strings.Builder{}, &p)
		require.ErrorIs(t, err, ErrPicture)
		require.ErrorContains(t, err, want)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	err := WritePage(path, &Page{Tables: []Table{{Name: "t", Columns: make([]Column, 2), Rows: []Row{{}}}}})
	require.EqualError(t, err,
		"report: table t: row 1 has 0 cells for 2 columns: rows and columns of the table don't fit")
	require.ErrorIs(t, err, ErrTable)
	require.NoFileExists(t, path)
	require.NoError(t, WritePage(path, &Page{Title: "t"}))
	_, err = os.Stat(path)
	require.NoError(t, err)
}

// The caption at the foot of a drawing stands below it in the page.
func TestCaption(t *testing.T) {
	got, about, err := cleaned([]byte(
		`<svg data-caption="20.5" viewBox="0 0 100 60"><desc>a &lt; b</desc><path d="M"/></svg>`))
	require.NoError(t, err)
	assert.Equal(t, "a < b", about)
	assert.Contains(t, got, `viewBox="0 0 100 39.5"`)
	for _, odd := range []string{"-1", "x", "100", "NaN"} {
		got, _, err = cleaned([]byte(`<svg data-caption="` + odd + `" viewBox="0 0 100 60"><path d="M"/></svg>`))
		require.NoError(t, err)
		assert.Contains(t, got, `viewBox="0 0 100 60"`, odd)
	}
	html := rendered(t, &Page{Figures: []Figure{{Name: "f", SVG: []byte(`<svg><desc>of all</desc><path d="M"/></svg>`)}}})
	assert.Contains(t, html, "<figcaption dir=\"auto\"><b>f</b> of all</figcaption>")
}
