package profiles

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// ReadArrivals returns the text of the recorded arrivals that a plan names, relative to its file;
// nil if it names none. Errors are the user's.
func ReadArrivals(f *planfile.File, file string) ([]byte, error) {
	path := f.Workload.Arrivals
	if path == "" {
		return nil, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	text, err := readUpTo(path, mostArrivals)
	if err != nil {
		return nil, f.Errorf("$.workload.arrivals", "%w: the times of recorded arrivals: %w", planfile.ErrWorkload, err)
	}
	return text, nil
}

// Arrivals gives a plan its recorded arrivals, if it names some.
func Arrivals(f *planfile.File, file string) error {
	text, err := ReadArrivals(f, file)
	if err != nil || text == nil {
		return err
	}
	return f.TakeArrivals(text)
}

// mostArrivals bounds a file of arrivals, in bytes.
const mostArrivals = 64 << 20

// readUpTo reads a file that has at most so many bytes.
func readUpTo(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("%s has more than %d bytes", path, most)
	}
	return text, err
}
