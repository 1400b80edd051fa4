package explorecmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/goccy/go-yaml"
)

// keepPlan writes the chosen plan of a platform, so that it can be run from any folder.
func (x *exploration) keepPlan(m *mapped) error {
	best := m.answer.Best()
	if best == nil {
		return nil
	}
	f := *m.files[best.Name](m.single)
	f.Plan = m.file.Plan
	app, err := x.anywhere(&f)
	if err != nil {
		return err
	}
	f.Application = *app
	text, err := yaml.Marshal(&f)
	if err != nil {
		return err
	}
	head := fmt.Sprintf("# Chosen by edgeprune explore: %s.\n# Run it: %s plan.yaml\n", oneLine(best.Name), x.runner())
	data := append([]byte(head), text...)
	name := "plan.yaml"
	if m.name != "" && len(x.src.platforms) > 1 {
		name = "plan-" + result.FileName(m.name) + ".yaml"
	}
	m.answer.Plan = filepath.Join(x.out, name)
	if err := result.WriteFile(m.answer.Plan, data); err != nil {
		return err
	}
	if !x.c.IsSet("output") {
		return nil
	}
	if err := target(x.c).Write(data); err != nil {
		return outputError(err)
	}
	m.answer.Plan = x.c.String("output")
	return nil
}

// runner is the command that runs plans where they were explored.
func (x *exploration) runner() string {
	if x.testbed == nil {
		return "edgeprune run"
	}
	return "edgeprune run --testbed " + x.c.String("testbed")
}

// oneLine makes a comment of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// anywhere returns the application of a plan with paths that are absolute; files that were made are
// kept beside the results.
func (x *exploration) anywhere(f *planfile.File) (*planfile.Application, error) {
	app := x.s.Anywhere(f.Application, f.Pos("$.application").File)
	for name, data := range x.src.files {
		path := filepath.Join(x.out, "files", filepath.Base(name))
		if err := result.WriteFile(path, data); err != nil {
			return nil, err
		}
		path = x.s.Located(path)
		for i := range app.Actors {
			a := &app.Actors[i]
			if a.Model == name {
				a.Model = path
			}
			if a.Params["file"] == name {
				a.Params = map[string]any{"file": path}
			}
		}
	}
	return &app, nil
}

// write writes the tables, the figures and the report, and last that the run is finished.
func (x *exploration) write() error {
	var front bytes.Buffer
	if err := x.run.WriteCSV(&front); err != nil {
		return err
	}
	page, files, err := x.page()
	if err != nil {
		return err
	}
	path := filepath.Join(x.out, "report.html")
	x.run.Files = slices.Concat(files, []string{path})
	data, err := json.MarshalIndent(x.run, "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(
		result.WriteFile(filepath.Join(x.out, "front.csv"), front.Bytes()),
		result.WriteFile(filepath.Join(x.out, "explore.json"), append(data, '\n')),
		report.WritePage(path, page),
	); err != nil {
		return err
	}
	x.rec.Finished = true
	return x.rec.Write(x.out)
}

// most is how many mappings a table for people shows.
const most = 12

// print prints the answers and tables.
func (x *exploration) print() error {
	for i := range x.run.Answers {
		a := &x.run.Answers[i]
		if i > 0 {
			fmt.Fprintln(x.Stdout)
		}
		if a.Name != "" {
			fmt.Fprintf(x.Stdout, "%s: ", a.Name)
		}
		fmt.Fprintln(x.Stdout, a.Text)
		for _, line := range a.Sure() {
			fmt.Fprintln(x.Stdout, line)
		}
		for _, line := range x.basis(x.made[i]) {
			fmt.Fprintln(x.Stdout, line)
		}
		fmt.Fprintln(x.Stdout)
		if err := a.WriteTable(x.Stdout, x.goal, most); err != nil {
			return err
		}
		if a.Confirmed != nil {
			fmt.Fprintln(x.Stdout)
			if err := answer.WriteMeasured(x.Stdout, a.Confirmed, x.goal); err != nil {
				return err
			}
		}
		if a.Plan != "" {
			fmt.Fprintf(x.Stdout, "the plan: %s; run it by: %s %s\n", a.Plan, x.runner(), a.Plan)
		}
	}
	_, err := fmt.Fprintf(x.Stdout, "tables, figures and report: %s\n", x.out)
	return err
}

// basis says what of an answer is emulated, modelled or assumed.
func (x *exploration) basis(m *mapped) []string {
	var all []string
	if m.answer.Emulated {
		all = append(all, "Emulated: slowed devices or shaped links on this machine.")
	}
	if x.testbed != nil {
		all = append(all, "The devices are those of a testbed: "+x.testbed.String()+".")
	}
	if m.answer.Real {
		all = append(all, "Real: what was measured ran on these devices, none slowed and no link shaped.")
	}
	for _, text := range assumptions(m) {
		all = append(all, "Assumed: "+text+".")
	}
	for _, text := range m.left {
		all = append(all, "Left out: "+text+".")
	}
	for _, text := range m.extra.notes {
		all = append(all, strings.ToUpper(text[:1])+text[1:]+".")
	}
	return all
}

// assumptions lists what an answer rests on that nobody measured.
func assumptions(m *mapped) []string {
	all := append([]string(nil), m.notes...)
	for i := range m.file.Platform.Devices {
		if d := &m.file.Platform.Devices[i]; d.Power != nil {
			all = append(all, fmt.Sprintf("power of device %s is modelled from figures: %s", d.Name, d.Power.From))
		}
	}
	for i := range m.file.Platform.Links {
		if l := &m.file.Platform.Links[i]; l.Unverified != "" {
			all = append(all, fmt.Sprintf("the figures of link %s: %s", l.Name, l.Unverified))
		}
	}
	if best := m.answer.Best(); best != nil {
		for _, text := range best.Interpolated {
			all = append(all, "interpolated, not profiled: "+text)
		}
	}
	return append(all, m.answer.Assumed...)
}
