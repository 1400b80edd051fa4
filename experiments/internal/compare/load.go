package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
)

// format is a file that a run leaves with what it found.
type format struct {
	file string
	kind Kind
	read func(r *Run, rec *record.Run, b []byte) error
}

var formats = []format{
	{"sweep.json", Experiment, readSweep},
	{"runs.json", Plan, readPlan},
	{"cases.csv", Study, readStudy},
	{"front.csv", Exploration, readFront},
}

// Load reads the folder of a run. Errors wrap ErrNoRun or ErrUnfinished.
func Load(dir string) (*Run, error) {
	rec, err := readRecord(dir)
	if err != nil {
		return nil, err
	}
	r := &Run{Path: dir, Started: rec.Started.UTC().Format("2006-01-02 15:04:05 UTC"), Facts: factsOf(rec)}
	if rec.Incomplete != "" {
		r.Marks = append(r.Marks, "incomplete: "+rec.Incomplete)
	}
	for _, f := range formats {
		b, err := os.ReadFile(filepath.Join(dir, f.file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			r.Kind, r.Name = f.kind, filepath.Base(filepath.Dir(absolute(dir)))
			err = f.read(r, rec, b)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: its %s can't be read: %w; is a program writing it?", ErrUnfinished, dir, f.file, err)
		}
		return r, nil
	}
	if !rec.Finished {
		why := ""
		if rec.Incomplete != "" {
			why = ", as " + rec.Incomplete
		}
		return nil, fmt.Errorf("%w: %s is not finished%s; let it end, or give its command again: %s", ErrUnfinished, dir, why,
			strings.Join(rec.Command, " "))
	}
	var names []string
	for _, f := range formats {
		names = append(names, f.file)
	}
	return nil, fmt.Errorf("%w: %s holds none of %s, which runs of experiments, plans, studies and explore leave",
		ErrNoRun, dir, strings.Join(names, ", "))
}

// readRecord reads run.json.
func readRecord(dir string) (*record.Run, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: there is no %s", ErrNoRun, dir)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNoRun, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%w: %s is a file; name the folder that it lies in", ErrNoRun, dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, record.File))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no %s; name a folder such as results/NAME/RUN", ErrNoRun, dir, record.File)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoRun, err)
	}
	var rec record.Run
	if err := json.Unmarshal(b, &rec); err != nil {
		return nil, fmt.Errorf("%w: %s: its %s can't be read: %w", ErrNoRun, dir, record.File, err)
	}
	return &rec, nil
}

// absolute is a path as it is where it can't be made absolute.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// Before returns the folder of the last run before dir, in the same folder of results, that has
// left results. Errors wrap ErrNoRun.
func Before(dir string) (string, error) {
	full := absolute(dir)
	runs, err := Runs(filepath.Dir(full))
	if err != nil {
		return "", err
	}
	above := filepath.Dir(filepath.Clean(dir))
	if filepath.Base(filepath.Clean(dir)) != filepath.Base(full) { // as of "."
		above = filepath.Join(dir, "..")
	}
	for _, name := range slices.Backward(runs) {
		if name >= filepath.Base(full) {
			continue
		}
		path := filepath.Join(above, name)
		if _, err := Load(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: before %s no run in %s has left results; name the one to compare with", ErrNoRun, dir,
		filepath.Dir(full))
}

// Runs lists the folders within dir that have the record of a run, the oldest first: their
// names are the times at which they began.
func Runs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoRun, err)
	}
	var all []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(dir, e.Name(), record.File)); err == nil {
			all = append(all, e.Name())
		}
	}
	return all, nil
}
