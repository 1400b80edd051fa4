package studycmd

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/urfave/cli/v2"
)

func (a *Commands) run(c *cli.Context) error {
	file, err := one(c)
	if err != nil {
		return input.Error(err)
	}
	s, err := a.Session(c)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := a.load(c.Context, s, file)
	if err != nil {
		return err
	}
	far, err := a.farm(c, s)
	if err != nil {
		return err
	}
	defer far.close()
	out, run, err := l.open(s)
	if err != nil {
		return err
	}
	f, err := l.simulate(c, s, far, out)
	if err != nil {
		return err
	}
	if f.Files, err = l.report(out, f, run); err != nil {
		return err
	}
	if f.Failed > 0 {
		run.Incomplete = fmt.Sprintf("%d of %d cases failed", f.Failed, f.Cases)
	}
	run.Finished = true
	if err := run.Write(out); err != nil {
		return err
	}
	s.Done()
	if c.Bool("json") {
		err = a.JSON(f)
	} else {
		f.print(a.Stdout)
	}
	return errors.Join(err, f.failure())
}

// open opens the run of a study, or makes one.
func (l *loaded) open(s *Session) (string, *record.Run, error) {
	dir := filepath.Join(s.Results, "studies", result.FileName(l.spec.Study))
	if err := s.Lock(dir); err != nil {
		return "", nil, err
	}
	sum, err := l.digest()
	if err != nil {
		return "", nil, err
	}
	run := s.Run()
	run.Inputs.Study, run.Inputs.Drivers = sum, "sim"
	s.Resumes()
	out, opened, resumed, err := record.Open(dir, run)
	if err != nil {
		return "", nil, err
	}
	for _, why := range run.NotResumed {
		s.Log.Logf("does not go on with the unfinished run %s", why)
	}
	if resumed {
		s.Log.Logf("go on with the run in %s", out)
	}
	return out, opened, nil
}

// digest is the SHA-256 of all that the study's results depend on, beside the program.
func (l *loaded) digest() (string, error) {
	models := map[string]string{}
	for name, m := range l.base.Models {
		models[name] = m.SHA256()
	}
	text, err := json.Marshal([]any{string(l.source), string(l.base.YAML), l.base.Arrivals, l.base.Profiles, models})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// slots is how many cases are simulated at a time, by a flag.
func slots(c *cli.Context, flag string) (int, error) {
	switch n := c.Int(flag); {
	case n < 0:
		return 0, input.Error(fmt.Errorf("--%s %d; expected at least 1", flag, n))
	case n > 0:
		return n, nil
	}
	return runtime.GOMAXPROCS(0), nil
}

// print prints the answers, and where the results are.
func (f *found) print(w io.Writer) {
	question := ""
	for _, a := range f.Answers {
		if a.Question != question {
			question = a.Question
			fmt.Fprintf(w, "%s:\n", question)
		}
		fmt.Fprintf(w, "  %s\n", a.Text)
	}
	for _, n := range f.Notes {
		fmt.Fprintf(w, "note: %s\n", n)
	}
	fmt.Fprintf(w, "%s: %d cases; tables, answers, figures and report: %s\n", f.Study, f.Cases, f.Results)
}

func join(levels []string) string { return strings.Join(levels, ", ") }
