//go:build browser

package serve

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/report/browsertest"
)

// several is a folder of runs, the last of which has a table and a figure.
func several(t *testing.T) string {
	dir := t.TempDir()
	for i, name := range []string{"ssd-tracking", "vehicle-classification", "studies/best-cut", "explore/detector"} {
		kept(t, dir, name, i, fmt.Sprintf("PP%d is best: %d.00 times faster than all on the endpoint.", i, i+1))
	}
	out := kept(t, dir, "my-plan", 9, "")
	svg := `<svg width="200pt" height="100pt" viewBox="0 0 200 100" xmlns="http://www.w3.org/2000/svg"><title>f</title>
<path d="M0,0L200,100" style="fill:none;stroke:#0072B2"/></svg>`
	write(t, filepath.Join(out, "figures", "f.svg"), svg)
	require.NoError(t, report.WritePage(filepath.Join(out, "report.html"), &report.Page{
		Title: "my-plan", Lead: []string{"All is well."}, Figures: []report.Figure{{Name: "f", SVG: []byte(svg)}},
		Tables: []report.Table{{Name: "cases", Columns: []report.Column{{Name: "case"}}, Rows: []report.Row{
			{Cells: []report.Cell{{Text: "b"}}}, {Cells: []report.Cell{{Text: "a"}}},
		}}},
	}))
	return dir
}

func rows(tab *browsertest.Tab) []string {
	return browsertest.Eval[[]string](tab,
		`[...document.querySelectorAll("tbody tr")].map((tr) => tr.cells[0].textContent)`)
}

func TestListInBrowser(t *testing.T) {
	s := started(t, several(t))
	tab := browsertest.Open(t)
	tab.Go(s.URL())
	assert.Equal(t, []string{"my-plan", "detector", "best-cut", "vehicle-classification", "ssd-tracking"}, rows(tab))
	browsertest.Eval[any](tab, `document.querySelector("[data-filter]").focus()`)
	tab.Press("PP1 ")
	assert.Equal(t, []string{"vehicle-classification"}, rows(tab))
	tab.Legible()
	tab.Fits()
	tab.Go(s.URL())
	tab.Picture("serve-desktop", false)
	tab.Dark(true)
	tab.Legible()
	tab.Picture("serve-dark", false)
	tab.Dark(false)
	tab.Size(360, 740)
	tab.Fits()
	tab.Picture("serve-phone", false)
	tab.Quiet(s.URL())
}

// Reports work under the policy that they are served with, and lead nowhere else.
func TestReportInBrowser(t *testing.T) {
	s := started(t, several(t))
	tab := browsertest.Open(t)
	tab.Go(s.URL())
	tab.Go(browsertest.Eval[string](tab, `document.querySelector("tbody a").href`))
	assert.Equal(t, "my-plan", browsertest.Eval[string](tab, `document.title`))
	first := func() string {
		return browsertest.Eval[string](tab, `document.querySelector("tbody td").textContent`)
	}
	assert.Equal(t, "b", first())
	tab.Click("th button")
	assert.Equal(t, "a", first())
	tab.Click("#theme")
	assert.Equal(t, "dark", browsertest.Eval[string](tab, `document.documentElement.dataset.theme`))
	assert.Equal(t, "null", browsertest.Eval[string](tab, `self.origin`), "it is a page of no site")
	tab.Go(s.URL() + "runs/my-plan/20260111-120000.000/")
	tab.Fits()
	tab.Picture("serve-folder", false)
	tab.Go(browsertest.Eval[string](tab, `document.querySelector('a[href$="figures/"]').href`))
	tab.Go(browsertest.Eval[string](tab, `document.querySelector('a[href$="f.svg"]').href`))
	assert.Equal(t, "svg", browsertest.Eval[string](tab, `document.documentElement.localName`))
	tab.Quiet(s.URL())
}

// A report that somebody else wrote runs no script and reads no other run.
func TestForeignReportInBrowser(t *testing.T) {
	dir := several(t)
	evil := `<!DOCTYPE html><title>quiet</title><script>document.title = "acted"</script>
<img src="x" onerror="document.title = 'acted'"><iframe src="/"></iframe>`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "evil.html"), []byte(evil), 0o644))
	s := started(t, dir)
	tab := browsertest.Open(t)
	tab.Go(s.URL() + "runs/evil.html")
	assert.Equal(t, "quiet", browsertest.Eval[string](tab, `document.title`))
}
