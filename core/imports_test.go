// Package core_test keeps the import rules of the whole module.
package core_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/edgeprune/edgeprune"

// pkg is what `go list` says of a package; the rules are for its source, not
// for its tests.
type pkg struct {
	Dir, ImportPath   string
	GoFiles, CgoFiles []string
	Imports, Deps     []string
}

// name returns the import path within the module, such as core/graph.
func (p *pkg) name() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

// packages lists the module's packages.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=Dir,ImportPath,GoFiles,CgoFiles,Imports,Deps", module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go list: %v\n%s", err, stderr.String())
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

// within reports whether an import path is one of the trees or lies below one.
// math/rand/v2 doesn't lie below math/rand: it has sources with a seed.
func within(path string, trees ...string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool {
		return path == tree || strings.HasPrefix(path, tree+"/") && path != "math/rand/v2"
	})
}

const (
	nats = "github.com/nats-io"
	ort  = "github.com/yalue"
	plot = "gonum.org/v1/plot"
)

// rules say what packages may not import: themselves (direct) or by way of
// others as well (deep).
var rules = []struct {
	name         string
	of           func(name string) bool
	direct, deep []string
}{
	{"core does no I/O and has no state of its own", func(n string) bool {
		return within(n, "core") && n != "core/graph/graphtest" && n != "core/engine/enginetest/world" &&
			n != "core/onnx/onnxtest" && n != "core/golden" && n != "core/engine/enginetest" && n != "core/plan/plantest"
	},
		[]string{"os", "syscall", "math/rand", "C", "log", "runtime/cgo"},
		[]string{"net", nats, ort, plot, "os/exec", module + "/sim", module + "/deploy", module + "/experiments",
			module + "/datasets"}},
	{"the drivers don't know each other: sim", func(n string) bool { return within(n, "sim") },
		[]string{"math/rand", "C"}, []string{nats, ort, plot, module + "/deploy", module + "/experiments"}},
	{"the drivers don't know each other: deploy", func(n string) bool { return within(n, "deploy") },
		nil, []string{module + "/sim", module + "/experiments"}},
	{"only tests make random graphs", func(n string) bool { return n != "core/engine/enginetest/world" },
		[]string{module + "/core/graph/graphtest"}, nil},
	{"only tests run the seeded world", func(string) bool { return true },
		[]string{module + "/core/engine/enginetest/world"}, nil},
	{"only tests read and write golden files", func(string) bool { return true }, []string{module + "/core/golden"}, nil},
	{"only tests and the check of all models make models",
		func(n string) bool { return !within(n, "experiments/cli") && !within(n, "experiments/internal/model") },
		[]string{module + "/core/onnx/onnxtest"}, nil},
	{"only deploy knows NATS and ONNX Runtime", func(n string) bool { return !within(n, "deploy") },
		[]string{nats, ort}, nil},
	{"only experiments/internal/figure knows the plotter",
		func(n string) bool { return !within(n, "experiments/internal/figure") },
		[]string{plot}, nil},
}

// broken lists how a package breaks the rules.
func broken(p pkg) []string {
	var found []string
	for _, r := range rules {
		if !r.of(p.name()) {
			continue
		}
		for _, path := range p.Imports {
			if within(path, r.direct...) || within(path, r.deep...) {
				found = append(found, fmt.Sprintf("%s imports %s: %s", p.name(), path, r.name))
			}
		}
		for _, path := range p.Deps {
			if within(path, r.deep...) && !slices.Contains(p.Imports, path) {
				found = append(found, fmt.Sprintf("%s depends on %s: %s", p.name(), path, r.name))
			}
		}
	}
	return found
}

func TestImports(t *testing.T) {
	list := packages(t)
	for _, want := range []string{"core/graph", "core/plan", "core/engine", "sim", "deploy/ort"} {
		assert.True(t, slices.ContainsFunc(list, func(p pkg) bool { return p.name() == want }), "go list doesn't know")
	}
	for _, p := range list {
		for _, b := range broken(p) {
			t.Error(b)
		}
	}
}

func TestRulesCatch(t *testing.T) {
	for _, c := range []struct {
		name, imports string
		want          int
	}{
		{"core/graph", "fmt", 0},
		{"core/graph", "os", 1},
		{"core/graph", "math/rand", 1},
		{"core/graph", "math/rand/v2", 0},
		{"core/engine", module + "/core/graph/graphtest", 1},
		{"core/engine", module + "/core/golden", 1},
		{"core/graph", "net/http", 1},
		{"core/graph", nats + "/nats.go", 2},
		{"sim", module + "/deploy/wire", 1},
		{"sim", module + "/core/plan", 0},
		{"deploy/node", module + "/sim", 1},
		{"deploy/ort", ort + "/onnxruntime_go", 0},
		{"experiments", plot + "/vg", 1},
		{"experiments/internal/figure", plot, 0},
		{"", nats + "/nats.go", 1},
	} {
		got := broken(pkg{ImportPath: strings.TrimSuffix(module+"/"+c.name, "/"), Imports: []string{c.imports},
			Deps: []string{c.imports}})
		assert.Len(t, got, c.want, "%q importing %s: %d violations", c.name, c.imports, len(got))
	}
}

// clock are the functions and types of package time that read a clock or wait for one.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Timer",
	"Ticker"}

// random are what remains of math/rand/v2 without its global source.
var random = []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"}

// uses lists the places in a file that use the clock, a global random source or,
// if concurrency is forbidden too, goroutines.
func uses(fset *token.FileSet, file *ast.File, concurrency bool) []string {
	names := map[string]string{} // package name in this file -> import path
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if path == "math/rand/v2" {
			name = "rand"
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	var found []string
	add := func(n ast.Node, what string) {
		found = append(found, fmt.Sprintf("%s: %s", fset.Position(n.Pos()), what))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if concurrency {
				add(n, "starts a goroutine")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok {
				return true
			}
			switch path := names[x.Name]; {
			case path == "time" && slices.Contains(clock, n.Sel.Name):
				add(n, "uses the clock: time."+n.Sel.Name)
			case path == "math/rand/v2" && !slices.Contains(random, n.Sel.Name):
				add(n, "uses the global random source: rand."+n.Sel.Name)
			}
		}
		return true
	})
	for name, path := range names {
		if name == "." && (path == "time" || path == "math/rand/v2") {
			add(file, "imports "+path+" with a dot, which hides its uses")
		}
	}
	return found
}

// core and sim see no clock; core starts no goroutines either.
func TestNoClock(t *testing.T) {
	files := 0
	for _, p := range packages(t) {
		if !within(p.name(), "core", "sim") {
			continue
		}
		for _, f := range slices.Concat(p.GoFiles, p.CgoFiles) {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			files++
			for _, u := range uses(fset, file, within(p.name(), "core")) {
				t.Error(u)
			}
		}
	}
	assert.GreaterOrEqual(t, files, 20, "looked at %d files only", files)
}

func TestUsesCatch(t *testing.T) {
	for _, c := range []struct {
		source string
		want   int
	}{
		{`import "time"; var x time.Duration`, 0},
		{`import "time"; var x = time.Now()`, 1},
		{`import clk "time"; func f() { clk.Sleep(clk.Second) }`, 1},
		{`import "time"; var f = time.Now`, 1},
		{`import . "time"; var x = Now()`, 1},
		{`import "math/rand/v2"; var x = rand.New(rand.NewPCG(1, 2)).IntN(3)`, 0},
		{`import "math/rand/v2"; var x = rand.IntN(3)`, 1},
		{`func f() { go f() }`, 1},
		{`type clock struct{ time int }; func f(time clock) int { return time.time }`, 0},
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "x.go", "package x; "+c.source, parser.SkipObjectResolution)
		require.NoError(t, err)
		assert.Len(t, uses(fset, file, true), c.want, "%s: found", c.source)
	}
}
