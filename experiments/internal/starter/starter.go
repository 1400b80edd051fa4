// Package starter writes the files that somebody begins with: an experiment, a plan or a
// study of a model, with comments that say what every key is for. It may not open a model,
// nor write to the file system.
package starter

import (
	"embed"
	"errors"
	"fmt"
	"strings"
	"text/template"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// ErrKind says that there is no such kind of files to begin with.
var ErrKind = errors.New("starter: no such kind")

// Kinds of files to begin with.
const (
	Experiment = "experiment"
	Plan       = "plan"
	Study      = "study"
)

// Kinds returns all kinds.
func Kinds() []string { return []string{Experiment, Plan, Study} }

// Options say what is written.
type Options struct {
	Kind   string
	Name   string // of the experiment, plan or study, and the last element of its folder's path
	Folder string // as the user named it
	From   string // the model, as the user named it
	Model  string // the model, as the files name it: a path relative to them, or a data set
	Source Source
	// Commands run what is written, in their order.
	Commands []string
}

// File is a file to begin with.
type File struct {
	Name, What string
	Data       []byte
}

//go:embed templates
var templates embed.FS

// Files returns the files of a model, whose cuts the report lists. Every file was parsed, and its
// plans were compiled, before it is returned.
func Files(m *compile.Model, r *model.Report, o Options) ([]File, error) {
	list := map[string][]File{
		Experiment: {{Name: "experiment.yaml", What: "what is cut, where it runs, and how much is measured"}},
		Plan:       {{Name: "plan.yaml", What: "the application, the devices, and which runs where"}},
		Study: {
			{Name: "experiment.yaml", What: "the model, the devices and the links"},
			{Name: "study.yaml", What: "what is varied in it, and what is asked"},
		},
	}
	files, known := list[o.Kind]
	if !known {
		return nil, fmt.Errorf("%w as %q; expected one of %s", ErrKind, o.Kind, strings.Join(Kinds(), ", "))
	}
	a := application(m, o)
	through := guess(m, r, a.before)
	fields := map[string]any{
		"Name": o.Name, "Quoted": yamlText(o.Name), "Folder": o.Folder, "From": oneLine(shown(o.From)),
		"Application": a.text, "Net": net, "Cuts": cutTable(r), "Through": yamlText(through), "Codecs": codecs(r),
		"Studied": studied(m, r, a.before),
		"Files":   files, "Commands": o.Commands, "Input": o.Source.about(), "What": whats[o.Kind],
	}
	files = append(files, File{Name: "README.md"})
	all := template.Must(template.ParseFS(templates, "templates/*.tmpl"))
	for i := range files {
		var b strings.Builder
		if err := all.ExecuteTemplate(&b, files[i].Name+".tmpl", fields); err != nil {
			return nil, err
		}
		files[i].Data = []byte(b.String())
		if err := check(files[i], m, o); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// whats say what is done with the model.
var whats = map[string]string{
	Experiment: "cut at every place worth choosing between an endpoint and a server",
	Plan:       "cut at one place between an endpoint and a server",
	Study:      "cut between an endpoint and a server, with what-if questions",
}

// check proves that a file can be read, and that its plans compile.
func check(f File, m *compile.Model, o Options) error {
	models := compile.Models{o.Model: m}
	switch f.Name {
	case "experiment.yaml":
		s, err := spec.Parse(o.Name+"/"+f.Name, f.Data)
		if err != nil {
			return err
		}
		_, err = sweep.ProfilePlans(s, models)
		return err
	case "plan.yaml":
		p, err := planfile.Parse(f.Name, f.Data)
		if err != nil {
			return err
		}
		_, err = compile.Compile(p, models)
		return err
	case "study.yaml":
		_, err := study.Parse(f.Name, f.Data)
		return err
	}
	return nil
}
