//go:build browser

package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/report/browsertest"
)

// Reports of real runs, named by $EDGEPRUNE_REPORTS: they ask for nothing, complain about nothing,
// can be read on a phone and in the dark, and their figures tell their values.
func TestGivenReportsInBrowser(t *testing.T) {
	given := filepath.SplitList(os.Getenv("EDGEPRUNE_REPORTS"))
	if len(given) == 0 {
		t.Skip("no report is named by EDGEPRUNE_REPORTS")
	}
	for i, path := range given {
		path, err := filepath.Abs(path)
		require.NoError(t, err)
		t.Run(path, func(t *testing.T) {
			tab := browsertest.Open(t)
			tab.GoFile(path)
			name := func(look string) string { return fmt.Sprintf("given-%d-%s", i+1, look) }
			assert.NotEmpty(t, browsertest.Eval[string](tab, `document.querySelector("h1").textContent`))
			assert.Empty(t, browsertest.Eval[[]string](tab, `[...document.querySelectorAll(".drawing svg")]
				.filter((svg) => !svg.querySelector(".spot[aria-label]")).map((svg) => svg.getAttribute("aria-label"))`),
				"figures without values")
			for _, part := range []string{"figures", "tables", "method"} {
				browsertest.Eval[any](tab, fmt.Sprintf(`document.getElementById(%q)?.scrollIntoView({behavior: "instant"})`, part))
				tab.Picture(name("desktop-"+part), false)
			}
			tab.Legible()
			tab.Fits()
			browsertest.Eval[any](tab, `scrollTo({top: 0, behavior: "instant"})`)
			tab.Picture(name("desktop"), false)
			tab.Dark(true)
			tab.Legible()
			tab.Picture(name("dark-whole"), true)
			tab.Dark(false)
			tab.Size(360, 740)
			tab.Fits()
			tab.Legible()
			tab.Picture(name("phone"), false)
			for _, part := range []string{"figures", "tables"} {
				browsertest.Eval[any](tab, fmt.Sprintf(`document.getElementById(%q)?.scrollIntoView({behavior: "instant"})`, part))
				tab.Picture(name("phone-"+part), false)
			}
			tab.Print(name("print"))
			tab.Paper()
			tab.Picture(name("paper-whole"), true)
			for _, part := range []string{"figures", "tables"} {
				browsertest.Eval[any](tab, fmt.Sprintf(`document.getElementById(%q)?.scrollIntoView({behavior: "instant"})`, part))
				tab.Picture(name("paper-"+part), false)
			}
			tab.Quiet("file://" + path)
		})
	}
}
