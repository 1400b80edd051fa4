package figure

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

var reportTemplate = template.Must(template.New("report").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{.Sweep.Experiment}}</title>
<style>
body { font-family: sans-serif; margin: 2em auto; max-width: 100em; padding: 0 1em; }
pre { overflow-x: auto; font-size: 13px; }
img { max-width: 100%; }
figure { margin: 2em 0; }
</style>
</head>
<body>
<h1>{{.Sweep.Experiment}}{{if .Sweep.Emulated}} (emulated){{end}}</h1>
<p>Machine: {{.Sweep.Machine}}. Date: {{.Sweep.Date}}. Seed: {{.Sweep.Seed}}.</p>
{{range .Sweep.Unverified}}<p><strong>Unverified:</strong> {{.}}</p>
{{end}}{{range .Sweep.Assumed}}<p><strong>Assumed by the simulation, as not measured:</strong> {{.}}</p>
{{end}}<h2>Results</h2>
<pre>{{.Table}}</pre>
<h2>Figures</h2>
{{range .Figures}}<figure><img alt="{{.Name}}" src="{{.Source}}"></figure>
{{end}}</body>
</html>
`))

// Report writes one self-contained HTML page to path, atomically: the sweep's
// tables, and the PNGs among the figures, in their order.
func Report(path string, s *result.Sweep, figures []string) error {
	type figure struct {
		Name   string
		Source template.URL
	}
	var table strings.Builder
	if err := result.WriteTable(&table, s); err != nil {
		return fmt.Errorf("figure: report: %w", err)
	}
	var list []figure
	for _, f := range figures {
		if filepath.Ext(f) != ".png" {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			return fmt.Errorf("figure: report: %w", err)
		}
		// The source is base64 only, so it can't break out of the attribute.
		list = append(list, figure{
			strings.TrimSuffix(filepath.Base(f), ".png"), template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b)), //nolint:gosec // see above
		})
	}
	var b bytes.Buffer
	data := struct {
		Sweep   *result.Sweep
		Table   string
		Figures []figure
	}{s, table.String(), list}
	if err := reportTemplate.Execute(&b, data); err != nil {
		return fmt.Errorf("figure: report: %w", err)
	}
	return result.WriteFile(path, b.Bytes())
}
