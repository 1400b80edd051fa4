package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/urfave/cli/v2"
)

func (a *App) datasetsCommand() *cli.Command {
	return &cli.Command{
		Name:  "datasets",
		Usage: "fetch and build models, pictures and the ONNX Runtime library",
		Description: "  edgeprune datasets list\n" +
			"  edgeprune datasets get",
		Subcommands: []*cli.Command{
			{
				Name: "get", ArgsUsage: "[NAME ...]",
				Usage: "build the named data sets, or all that are missing and not optional; what is there already is kept",
				Description: "  edgeprune datasets get\n" +
					"  edgeprune datasets get ssd-mobilenet-v1-300 face-clip",
				Action: func(c *cli.Context) error {
					s, err := a.store(c)
					if err != nil {
						return err
					}
					names := c.Args().Slice()
					if len(names) == 0 {
						list, err := s.List()
						if err != nil {
							return err
						}
						for _, d := range list {
							if !d.Optional {
								names = append(names, d.Name)
							}
						}
					}
					for _, n := range names {
						path, err := s.Get(c.Context, n)
						if err != nil {
							return err
						}
						fmt.Fprintf(a.env.Stdout, "%s: %s\n", n, path)
					}
					return nil
				},
			},
			{
				Name: "list", Usage: "show every data set with its size, licence, source and state",
				Description: "  edgeprune datasets list",
				Flags:       []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
				Action:      a.listDatasets,
			},
		},
	}
}

func (a *App) listDatasets(c *cli.Context) error {
	s, err := a.store(c)
	if err != nil {
		return err
	}
	list, err := s.List()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return a.printJSON(list)
	}
	tw := tabwriter.NewWriter(a.env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tSTATE\tSIZE\tLICENCE\tSOURCE\tWHAT")
	for _, d := range list {
		state, size := "missing", "-"
		if d.Optional {
			state = "optional"
		}
		if d.Ready {
			state, size = "ready", fmt.Sprintf("%.1f MB", float64(d.SizeBytes)/1e6)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Name, state, size, d.Licence, d.Source, d.What)
	}
	return tw.Flush()
}

func (a *App) printJSON(v any) error {
	enc := json.NewEncoder(a.env.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// store returns the cache of data sets. Recipes that run models load ONNX
// Runtime when they need it.
func (a *App) store(c *cli.Context) (*datasets.Store, error) {
	dir, err := a.cacheDir(c)
	if err != nil {
		return nil, err
	}
	return &datasets.Store{
		Dir:       dir,
		Log:       func(format string, args ...any) { fmt.Fprintf(a.env.Stderr, format+"\n", args...) },
		Evaluator: &lazyEvaluator{library: func() string { return a.library(c, dir) }, evaluator: ort.Evaluator{Threads: 2}},
	}, nil
}

// cacheDir returns the folder of data sets and profiles.
func (a *App) cacheDir(c *cli.Context) (string, error) {
	if dir := c.String("cache"); dir != "" {
		return dir, nil
	}
	return datasets.DirIn(a.env.Getenv)
}

// library returns where ONNX Runtime is: what --ort or its variable says, else
// the copy in the cache dir, else "" for ort.Find to look elsewhere.
func (a *App) library(c *cli.Context, dir string) string {
	if explicit := cmp.Or(c.String("ort"), a.env.Getenv(ort.LibraryVariable)); explicit != "" {
		return explicit
	}
	path := filepath.Join(dir, "onnxruntime", "libonnxruntime.so.1")
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// lazyEvaluator loads ONNX Runtime when a model is first run.
type lazyEvaluator struct {
	library   func() string
	evaluator ort.Evaluator
}

// Run implements datasets.Evaluator.
func (l *lazyEvaluator) Run(model []byte, input []float32, shape []int64) ([][]float32, error) {
	if err := loadRuntime(l.library()); err != nil {
		return nil, err
	}
	return l.evaluator.Run(model, input, shape)
}

// loadRuntime loads ONNX Runtime from an explicit path, or from where ort.Find
// finds it.
func loadRuntime(explicit string) error {
	lib, err := ort.Find(explicit)
	if err != nil && explicit != "" {
		return usage(err)
	}
	if err != nil {
		return err
	}
	return ort.Load(lib)
}
