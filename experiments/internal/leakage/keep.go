package leakage

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// kept is what is known of one application, its samples and the program: a file of the cache.
// Codecs and cuts are added as they are asked for.
type kept struct {
	path string // "": it is not kept

	Samples map[string]*leakage.Samples // by tensor and what arrives of it
	Bytes   map[string]float64          // mean, by tensor and codec
	Failed  map[string]string           // by tensor, or by tensor and what arrives of it
	Rows    map[string]Row              // by cut and codec
}

func key(parts ...string) string {
	var b bytes.Buffer
	for _, p := range parts {
		fmt.Fprintf(&b, "%q ", p)
	}
	return b.String()
}

// identity is what must be equal for results to be taken from the cache. The settings of sources are left
// out of the plan, as they may name files that differ from run to run: what the sources show counts.
type identity struct {
	Plan     *plan.Plan
	Frames   string
	Samples  []int64 // the frames that they are
	Seed     uint64
	Static   any // the calibration
	Labels   []int
	Revision string
}

// open reads what is known.
func open(r *Request, t *taps, f *frames) (*kept, error) {
	k := &kept{Samples: map[string]*leakage.Samples{}, Bytes: map[string]float64{}, Failed: map[string]string{},
		Rows: map[string]Row{}}
	if r.Cache == "" {
		return k, nil
	}
	b, err := json.Marshal(identity{t.unset(), f.digest, f.of, r.Seed, r.Calibration, r.Labels, r.Revision})
	if err != nil {
		return nil, fmt.Errorf("leakage: the name of what is kept: %w", err)
	}
	sum := sha256.Sum256(b)
	k.path = filepath.Join(r.Cache, hex.EncodeToString(sum[:16])+".gob")
	data, err := os.ReadFile(k.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return k, nil
	case err != nil:
		return nil, fmt.Errorf("leakage: %w", err)
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(k); err != nil {
		return nil, fmt.Errorf("leakage: what is kept in %s can't be read, remove it: %w", k.path, err)
	}
	return k, nil
}

// write keeps what is known: the old file, or the new one, whatever ends the program.
func (k *kept) write() error {
	if k.path == "" {
		return nil
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(k); err != nil {
		return fmt.Errorf("leakage: %w", err)
	}
	return result.WriteFile(k.path, b.Bytes())
}
