// Package serve shows the runs of a folder of results to browsers on this machine. It reads, and
// may not write or run anything.
package serve

import (
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
)

const (
	reportFile = "report.html"
	// deepest is how far below the folder of results runs lie: results/studies/NAME/RUN is 3.
	deepest = 4
)

// run is what is known of a run, or of a report without one.
type run struct {
	dir      string // below the folder of results
	name     string // of what it is a run of
	kind     string
	started  time.Time
	machine  string
	state    string // finished, or why not
	reported bool   // it has a report
	head     report.Head
}

// kinds are what runs are of, by the files that they leave.
var kinds = []struct{ file, kind string }{
	{"sweep.json", "experiment"}, {"runs.json", "plan"}, {"cases.csv", "study"}, {"explore.json", "exploration"},
	{"leakage.json", "leakage"}, {"compare.json", "comparison"},
}

// scanner lists runs. What it has read of a run it reads again only when its files have changed.
type scanner struct {
	fsys fs.FS

	mu   sync.Mutex
	read map[string]known // by folder
}

type known struct {
	stamp string
	run   run
}

// runs lists the runs and reports, the newest first. What can't be read, such as a folder that is
// being removed, is left out.
func (s *scanner) runs() []run {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]known{}
	_ = fs.WalkDir(s.fsys, ".", func(dir string, e fs.DirEntry, err error) error {
		if err != nil {
			return skip(e)
		}
		if !e.IsDir() {
			return nil
		}
		if dir != "." && strings.HasPrefix(e.Name(), ".") {
			return fs.SkipDir
		}
		if r, ok := s.look(dir); ok {
			found[dir] = r
			return fs.SkipDir
		}
		if strings.Count(dir, "/") >= deepest {
			return fs.SkipDir
		}
		return nil
	})
	s.read = found
	all := make([]run, 0, len(found))
	for _, k := range found {
		all = append(all, k.run)
	}
	slices.SortFunc(all, func(a, b run) int {
		return cmp.Or(b.started.Compare(a.started), cmp.Compare(a.dir, b.dir))
	})
	return all
}

func skip(e fs.DirEntry) error {
	if e == nil || e.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// look returns what is known of a folder; false if it is no run and has no report.
func (s *scanner) look(dir string) (known, bool) {
	rec, rep := s.regular(path.Join(dir, record.File)), s.regular(path.Join(dir, reportFile))
	if dir == "." || rec == nil && rep == nil {
		return known{}, false
	}
	var stamp strings.Builder
	var last time.Time
	for _, info := range []fs.FileInfo{rec, rep} {
		if info != nil {
			stamp.WriteString(info.ModTime().Format(time.RFC3339Nano) + " ")
			last = info.ModTime()
		}
		stamp.WriteString("; ")
	}
	if k, ok := s.read[dir]; ok && k.stamp == stamp.String() {
		return k, true
	}
	return known{stamp.String(), s.describe(dir, rec != nil, last)}, true
}

// regular returns what is known of a regular file, nil of anything else: opening a pipe would wait for
// its writer.
func (s *scanner) regular(name string) fs.FileInfo {
	info, err := fs.Stat(s.fsys, name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return info
}

// describe reads what a list says of a run.
func (s *scanner) describe(dir string, recorded bool, changed time.Time) run {
	r := run{dir: dir, name: path.Base(dir), kind: "report", started: changed, state: "finished"}
	for _, k := range kinds {
		if _, err := fs.Stat(s.fsys, path.Join(dir, k.file)); err == nil {
			r.kind = k.kind
			break
		}
	}
	if recorded {
		r.name = path.Base(path.Dir(dir))
		if r.name == "." {
			r.name = path.Base(dir)
		}
		s.record(&r)
	}
	if s.regular(path.Join(dir, reportFile)) == nil {
		return r
	}
	f, err := s.fsys.Open(path.Join(dir, reportFile))
	if err != nil {
		return r
	}
	defer f.Close()
	r.reported = true
	r.head, _ = report.ReadHead(f) // what can't be read of it is not shown
	return r
}

// record reads the record of a run. One that is being written can't be read yet.
func (s *scanner) record(r *run) {
	var rec record.Run
	b, err := fs.ReadFile(s.fsys, path.Join(r.dir, record.File))
	if err == nil {
		err = json.Unmarshal(b, &rec)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return
	case err != nil:
		r.state = "its record can't be read"
		return
	case rec.Incomplete != "":
		r.state = "incomplete: " + rec.Incomplete
	case !rec.Finished:
		r.state = "not finished"
		r.kind = unfinishedKind(r.kind, &rec)
	}
	r.started, r.machine = rec.Started, rec.Inputs.Machine
}

// unfinishedKind is what a run is of that has left no results yet.
func unfinishedKind(kind string, rec *record.Run) string {
	switch {
	case kind != "report":
		return kind
	case rec.Inputs.Experiment != "":
		return "experiment"
	case rec.Inputs.Plan != "":
		return "plan"
	case rec.Inputs.Study != "":
		return "study"
	}
	return kind
}
