package cli

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/experiments/cli/completioncmd"
	"github.com/edgeprune/edgeprune/experiments/internal/starter"
)

// complete prints what may stand at the end of a command line, for a script of a shell. The
// words are those behind the program's name.
func (a *App) complete(words []string) error {
	k := completioncmd.Completer{Program: a.program(), Names: a.completions}
	return k.Print(a.env.Stdout, words)
}

// completions lists the names of a kind. Nobody reads an error at this place: then there are
// none.
func (a *App) completions(kind string) []completioncmd.Candidate {
	var all []completioncmd.Candidate
	add := func(names ...string) {
		for _, name := range names {
			all = append(all, completioncmd.Candidate{Value: name})
		}
	}
	switch kind {
	case completioncmd.Codecs:
		add(codec.Names()...)
	case completioncmd.Kinds:
		add(starter.Kinds()...)
	case completioncmd.Devices:
		add(a.keptDevices()...)
	default:
		dir, err := datasets.DirIn(a.env.Getenv)
		if err != nil {
			return nil
		}
		list, err := (&datasets.Store{Dir: dir}).List()
		if err != nil {
			return nil
		}
		for _, d := range list {
			if kind == completioncmd.Datasets || kind == completioncmd.Models && d.Maker != "" ||
				kind == completioncmd.Pictures && d.Pictures {
				all = append(all, completioncmd.Candidate{Value: d.Name, About: d.What})
			}
		}
	}
	return all
}

// keptDevices are those of which profiles are kept.
func (a *App) keptDevices() []string {
	dir, err := datasets.DirIn(a.env.Getenv)
	if err != nil {
		return nil
	}
	kept, err := (&session{store: &datasets.Store{Dir: dir}}).deviceProfiles().List()
	if err != nil {
		return nil
	}
	var names []string
	for i := range kept {
		if name := kept[i].Name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
