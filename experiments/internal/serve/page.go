package serve

import (
	"cmp"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/report"
)

// below begins the addresses of files.
const below = "/runs/"

// address is where a file or folder of the results is shown; that of a folder ends with a stroke.
func address(name string) string { return (&url.URL{Path: below + name}).EscapedPath() }

// Longest texts in cells of the list, in characters: they stand in one line.
const longestAnswer, longestValues = 90, 40

// listPage lists runs.
func listPage(dir string, runs []run) *report.Page {
	t := report.Table{Name: "Runs, the newest first", Columns: []report.Column{
		{Name: "run of"}, {Name: "started", About: "in UTC; of a report without a run, when it was written"}, {Name: "kind"},
		{Name: "answer", About: "the first sentence of the report"},
		{Name: "values", About: "what of them is real or emulated"},
		{Name: "machine"}, {Name: "state"}, {Name: "folder"},
	}}
	for _, r := range runs {
		name := report.Cell{Text: r.name}
		if r.reported {
			name.Link = address(path.Join(r.dir, reportFile))
		}
		t.Rows = append(t.Rows, report.Row{Measured: true, Cells: []report.Cell{
			name, {Text: r.started.UTC().Format("2006-01-02 15:04:05")}, {Text: r.kind},
			{Text: shortened(r.head.Lead, longestAnswer)}, {Text: shortened(r.head.Kicker, longestValues)}, {Text: r.machine},
			{Text: shortened(r.state, longestAnswer)}, {Text: r.dir, Link: address(r.dir + "/")},
		}})
	}
	p := &report.Page{
		Title:  "Runs in " + dir,
		Kicker: "As they lie on the disk now; load this page again to look again. Nothing here is changed by looking.",
		Tables: []report.Table{t},
	}
	if len(runs) == 0 {
		p.Lead = []string{"There is no run here yet. edgeprune run, study run and explore leave theirs below results/."}
		p.Tables = nil
	}
	return p
}

// shortened cuts a text that is longer than so many characters.
func shortened(text string, most int) string {
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	return string(r[:most-1]) + "…"
}

// folderPage lists what lies in a folder. Left out are hidden files and names that are not UTF-8.
func folderPage(fsys fs.FS, dir string) (*report.Page, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(entries, func(a, b fs.DirEntry) int { // the report, folders, then files
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.Name(), b.Name()))
	})
	t := report.Table{Name: "Files", Columns: []report.Column{
		{Name: "name"}, {Name: "size", Unit: "bytes", Numeric: true}, {Name: "changed", About: "in UTC"},
	}}
	up := report.Cell{Text: "all runs", Link: "/"}
	if above := path.Dir(dir); dir != "." && above != "." {
		up = report.Cell{Text: "the folder above", Link: address(above + "/")}
	}
	t.Rows = append(t.Rows, report.Row{Measured: true, Cells: []report.Cell{up, {}, {}}})
	for _, e := range entries {
		info, err := fs.Stat(fsys, path.Join(dir, e.Name())) // of what a link leads to, within the results
		if err != nil || hidden(e.Name()) || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		name, size := report.Cell{Text: e.Name(), Link: address(path.Join(dir, e.Name()))}, report.Cell{}
		if info.IsDir() {
			name.Text += "/"
			name.Link += "/"
		} else {
			size = report.Number(fmt.Sprint(info.Size()), float64(info.Size()))
		}
		t.Rows = append(t.Rows, report.Row{Measured: true, Cells: []report.Cell{
			name, size, {Text: info.ModTime().UTC().Format("2006-01-02 15:04:05")},
		}})
	}
	return &report.Page{Title: cmp.Or(strings.TrimPrefix(dir, "."), "results"), Tables: []report.Table{t}}, nil
}

func order(e fs.DirEntry) int {
	switch {
	case e.Name() == reportFile:
		return 0
	case e.IsDir():
		return 1
	}
	return 2
}

// hidden reports whether a path has a part that is not shown.
func hidden(name string) bool {
	return name != "." && slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return strings.HasPrefix(part, ".")
	})
}
