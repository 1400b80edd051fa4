package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/tempdir"
	"github.com/edgeprune/edgeprune/experiments/cli/leakagecmd"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/urfave/cli/v2"
)

// leakageFlags are those of a model without a plan.
func leakageFlags() []cli.Flag {
	return append([]cli.Flag{modelcmd.DimFlag()}, modelcmd.InputFlags()...)
}

// leakageOfModel asks about a model, whose samples the flags --input name.
func (l *session) leakageOfModel(ctx context.Context, name string) (*leakagecmd.Subject, error) {
	specs := modelcmd.Inputs(l.c)
	if len(specs) == 0 {
		return nil, usage(fmt.Errorf("%w: a model by itself has none; give pictures as run --model takes them, "+
			"here a folder or "+
			"each file: edgeprune leakage %s --input FOLDER. An experiment or a plan has samples of its own", leakage.ErrFrames,
			modelcmd.ShellText(name)))
	}
	m, err := l.model().OpenWith(ctx, name, true, nil)
	if err != nil {
		return nil, err
	}
	if err := m.Ready(modelcmd.Runtime{}); err != nil {
		return nil, modelcmd.UserError(err)
	}
	if len(m.Inputs()) != 1 {
		return nil, usage(fmt.Errorf("%w: model %s has %d inputs, and pictures are for one; give a plan, whose source shows "+
			"all of them", leakage.ErrFrames, name, len(m.Inputs())))
	}
	conversion, err := modelcmd.Conversion(l.c)
	if err != nil {
		return nil, err
	}
	files, err := pictureFiles(specs, m.Inputs()[0].Name)
	if err != nil {
		return nil, usage(fmt.Errorf("--input: %w", err))
	}
	elements, pictures, err := modelSamples(m.Inputs()[0], files[:min(len(files), l.c.Int("samples"))], conversion)
	if err != nil {
		return nil, usage(fmt.Errorf("--input: %w", err))
	}
	return l.leakageOfSamples(m, elements, pictures)
}

// leakageOfSamples asks about a model whose input takes the elements, those of a sample after
// those of the one before.
func (l *session) leakageOfSamples(m *model.Model, elements []byte, pictures []*picture.RGB) (
	s *leakagecmd.Subject, err error,
) {
	temp, err := tempdir.Make("leakage")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, temp.Remove())
		}
	}()
	path := filepath.Join(temp.Path, "samples.bin")
	if err := os.WriteFile(path, elements, 0o600); err != nil {
		return nil, err
	}
	parts, err := m.Uncut()
	if err != nil {
		return nil, modelcmd.UserError(err)
	}
	yaml, models, err := m.Plan(parts, model.Testbed{Slowdown: 1, Latency: "0s", Frames: 3, Input: path, Name: m.Name})
	if err != nil {
		return nil, modelcmd.UserError(err)
	}
	f, err := planfile.Parse("the plan of the model", yaml)
	if err != nil {
		return nil, err
	}
	source := &f.Application.Actors[0]
	source.Params["frames"] = uint64(len(pictures))
	r := l.leakageRequest(f, models)
	r.Pictures = pictures
	return &leakagecmd.Subject{Name: m.Name, Request: r, Frames: len(pictures), Close: temp.Remove}, nil
}

// pictureFiles lists the files that flags name, each as FILE, FOLDER, or either behind the input's
// name and "=". Of a folder they are those that are pictures, by name.
func pictureFiles(specs []string, name string) ([]string, error) {
	var files []string
	for _, spec := range specs {
		path := strings.TrimPrefix(spec, name+"=")
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		before := len(files)
		for _, e := range entries {
			if slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(e.Name()))) && !e.IsDir() {
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
		if len(files) == before {
			return nil, fmt.Errorf("folder %s has no file whose name ends in %s", path, strings.Join(pictureEndings, ", "))
		}
	}
	return files, nil
}

// pictureEndings are those of the files of a folder that are samples.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// modelSamples reads pictures as elements of an input, and as what it shows of them.
func modelSamples(in onnx.TensorInfo, files []string, c picture.Conversion) (
	elements []byte, pictures []*picture.RGB, err error,
) {
	width, height, err := picture.Size(in)
	if err != nil {
		return nil, nil, err
	}
	fitter := picture.NewFitter(width, height, c.Options)
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		p, err := picture.Decode(data, c.Options)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		b, err := c.Tensor([]*picture.RGB{p}, in)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		shown := &picture.RGB{Width: width, Height: height, Pix: make([]byte, 3*width*height)}
		if err := fitter.Into(shown.Pix, p); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		elements, pictures = append(elements, b...), append(pictures, shown)
	}
	return elements, pictures, nil
}
