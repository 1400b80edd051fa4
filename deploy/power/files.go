package power

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// number reads a file that holds one number, which may have a unit behind it, and multiplies it.
func number(root fs.FS, name string, scale float64) (float64, error) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, fmt.Errorf("power: %w", err)
	}
	text, _, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%w: /%s holds %q; expected a number", ErrValue, name, strings.TrimSpace(string(b)))
	}
	return v * scale, nil
}

// text reads a file of one line; "" if it can't be read.
func text(root fs.FS, name string) string {
	b, _ := fs.ReadFile(root, name)
	return strings.TrimRight(string(b), "\x00\n ")
}

func exists(root fs.FS, name string) bool {
	_, err := fs.Stat(root, name)
	return err == nil
}

// list returns the entries of a folder whose names match a pattern, as paths in the order of
// the numbers in them. A folder that isn't there has none.
func list(root fs.FS, dir, pattern string) []string {
	entries, _ := fs.ReadDir(root, dir)
	var names []string
	for _, e := range entries {
		if ok, _ := path.Match(pattern, e.Name()); ok {
			names = append(names, path.Join(dir, e.Name()))
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // hwmon9 before hwmon10
		}
		return strings.Compare(a, b)
	})
	return names
}

// source is a rail that is the product of numbers in files: one power or energy, or a voltage
// and a current.
type source struct {
	rail  Rail
	files []string
	scale float64 // of the product, to watts or joules
}

// meter reads its rails from files.
type meter struct {
	root    fs.FS
	about   About
	sources []source
	why     func(err error) error // explains an error; nil: as it is
}

// newMeter returns the meter of sources; nil if there are none.
func newMeter(root fs.FS, about About, sources []source, why func(error) error) Meter {
	if len(sources) == 0 {
		return nil
	}
	for _, s := range sources {
		about.Rails = append(about.Rails, s.rail)
	}
	return &meter{root, about, sources, why}
}

func (m *meter) About() About { return m.about }

func (m *meter) Read() []Reading {
	all := make([]Reading, len(m.sources))
	for i := range m.sources {
		all[i] = m.read(&m.sources[i])
	}
	return all
}

func (m *meter) read(s *source) Reading {
	v := s.scale
	for _, name := range s.files {
		n, err := number(m.root, name, 1)
		if err != nil {
			if m.why != nil {
				err = m.why(err)
			}
			return Reading{Err: err}
		}
		v *= n
	}
	return Reading{Value: v}
}

// sourceOf names the files of a rail.
func sourceOf(files []string) string { return "/" + strings.Join(files, " × /") }

// denied reports whether an error is of a file that only others may read.
func denied(err error) bool { return errors.Is(err, fs.ErrPermission) }

// period reads how often a chip has a new value, in ms; else it is the default.
func period(root fs.FS, name string, otherwise time.Duration, from string) (time.Duration, string) {
	if ms, err := number(root, name, 1); err == nil && ms > 0 {
		return time.Duration(ms * float64(time.Millisecond)), "/" + name
	}
	return otherwise, from
}
