package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/files"
)

// pathParams are the parameters of kernels that name what a device reads.
var pathParams = []string{"file", "folder", sourceParam}

// sourceParam names a file, a camera or an address.
const sourceParam = "source"

// anywhere returns an application that can be run from any folder: the paths of models, and
// of what its kernels read on this machine, are absolute. file is the one that names them.
// What isn't there, as it may be on another machine, stays as it is, and so does what profiles
// alone know, by its name.
func (l *session) anywhere(app planfile.Application, file string) planfile.Application {
	if l.hollow {
		return app
	}
	if !l.elsewhere() { // whose agents may run in other folders
		app = withFiles(app, func(path string) string {
			if _, err := os.Stat(path); err != nil {
				return path
			}
			return l.app.located(path)
		})
	}
	app.Actors = slices.Clone(app.Actors)
	for i := range app.Actors {
		path := beside(file, app.Actors[i].Model)
		if _, err := os.Stat(path); err == nil && filepath.Ext(path) == ".onnx" {
			app.Actors[i].Model = l.app.located(path)
		}
	}
	return app
}

// reads returns the paths of the files and folders on this machine that the kernels of an
// application read, and the cameras and addresses that they open: see files.Prefix.
func reads(app planfile.Application) (paths []string) {
	withFiles(app, func(path string) string {
		if _, err := os.Stat(path); err == nil {
			paths = append(paths, path)
		}
		return path
	})
	for _, a := range app.Actors {
		if source, ok := a.Params[sourceParam].(string); ok && files.IsSource(source) {
			paths = append(paths, files.Prefix(source))
		}
	}
	return paths
}

// withFiles returns an application with what change makes of the paths that its kernels read.
func withFiles(app planfile.Application, change func(path string) string) planfile.Application {
	app.Actors = slices.Clone(app.Actors)
	for i := range app.Actors {
		params := maps.Clone(app.Actors[i].Params)
		for _, name := range pathParams {
			if path, ok := params[name].(string); ok && path != "" && !files.IsSource(path) {
				params[name] = change(path)
			}
		}
		app.Actors[i].Params = params
	}
	return app
}

// located returns a path as absolute, or as it is where the folder of the process can't be told.
func (a *App) located(path string) string {
	if abs, err := a.absolute(path); err == nil {
		return abs
	}
	return path
}
