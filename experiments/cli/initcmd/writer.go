package initcmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/starter"
	"github.com/urfave/cli/v2"
)

// Names of files that the folder has of some models.
const (
	copied  = "model.onnx" // with its sizes settled
	samples = "input.bin"  // elements of the inputs
)

// writer makes the files of one model.
type writer struct {
	*Commands
	c         *cli.Context
	session   *modelcmd.Session
	dir, name string
	files     []starter.File
	commands  []string
}

// make writes the folder.
func (w *writer) make() error {
	from := w.c.String("from")
	m, err := w.session.Open(w.c.Context, from, true)
	if err != nil {
		return err
	}
	o := starter.Options{Kind: w.c.String("kind"), Name: w.name, Folder: filepath.ToSlash(w.dir), From: from,
		Commands: commands(w.c.String("kind"), w.dir)}
	named, err := w.model(m, &o)
	if err != nil {
		return modelcmd.UserError(err)
	}
	if err := w.source(m, named, &o); err != nil {
		return err
	}
	r, err := model.Describe(m, false)
	if err != nil {
		return modelcmd.UserError(err)
	}
	made, err := starter.Files(named, r, o)
	if err != nil {
		return err
	}
	w.files, w.commands = append(w.files, made...), o.Commands
	return outputError(w.write(w.c.Context))
}

// model says how the files name the model, and returns it as they will have it. One that is
// not whole without the command line's sizes, without a run or without other files is copied.
func (w *writer) model(m *model.Model, o *starter.Options) (*compile.Model, error) {
	if len(w.c.StringSlice("dim")) == 0 && len(w.c.StringSlice("bound")) == 0 {
		if named, err := model.ForPlans(m.Path); err == nil {
			return named, w.nameModel(m, o)
		}
	}
	data, err := m.Settled()
	if err != nil {
		return nil, err
	}
	whole, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	w.files = append(w.files, starter.File{Name: copied, Data: data})
	o.Model = copied
	return compile.NewModel(whole)
}

// nameModel names a model that stays where it is: by its data set, or by the path to it from
// the folder.
func (w *writer) nameModel(m *model.Model, o *starter.Options) error {
	if filepath.Ext(o.From) != ".onnx" {
		if _, err := os.Stat(o.From); errors.Is(err, fs.ErrNotExist) {
			o.Model = o.From
			return nil
		}
	}
	path, err := w.Absolute(m.Path)
	if err != nil {
		return err
	}
	dir, err := w.Absolute(w.dir)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		rel = path
	}
	o.Model = filepath.ToSlash(rel)
	return nil
}

// source says where frames come from.
func (w *writer) source(m *model.Model, named *compile.Model, o *starter.Options) (err error) {
	for _, t := range named.Inputs() {
		if m.Wants(t.Name) {
			o.Source.Inputs = append(o.Source.Inputs, t.Name)
		}
	}
	if o.Source.Picture, err = modelcmd.Conversion(w.c); err != nil {
		return err
	}
	_, _, takes := starter.Pictures(named, o.Source.Inputs)
	pictures := w.c.String("pictures")
	switch {
	case !takes && w.c.IsSet("pictures") && pictures != "none":
		return input.Error(fmt.Errorf("--pictures %s: %s takes no picture, float32[1,3,height,width]; leave it out, and "+
			"give inputs by --input", pictures, m.Name))
	case takes && pictures != "none" && (w.c.IsSet("pictures") || !w.c.IsSet("input")):
		return w.pictures(pictures, o)
	}
	data, err := modelcmd.SourceData(w.c, m)
	if err != nil || data == nil {
		return modelcmd.UserError(err)
	}
	w.files = append(w.files, starter.File{Name: samples, Data: data})
	o.Source.File, err = w.Absolute(filepath.Join(w.dir, samples))
	return err
}

// pictures finds a folder or data set of pictures.
func (w *writer) pictures(name string, o *starter.Options) (err error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		o.Source.Folder, err = w.Absolute(name)
		return err
	}
	list, err := w.session.Store.List()
	if err != nil {
		return err
	}
	var known []string
	for _, d := range list {
		if d.Pictures {
			known = append(known, d.Name)
		}
		if d.Pictures && d.Name == name {
			o.Source.Dataset = name
			return nil
		}
	}
	return input.Error(fmt.Errorf("--pictures %s: there is no such folder, and no such data set of pictures%s; those are "+
		"%s", name, nearest.Hint(name, known), strings.Join(known, ", ")))
}

// write writes the folder whole, or nothing.
func (w *writer) write(ctx context.Context) error {
	return output.Folder(w.dir, func(temp string) error {
		for _, f := range w.files {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(temp, f.Name), f.Data, 0o644); err != nil {
				return err
			}
		}
		return nil
	})
}
