package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// StaleAfter is how long a profile is trusted: shared machines drift.
const StaleAfter = 30 * time.Minute

// Stored is a profile as it lies in the cache, with what it is valid for.
type Stored struct {
	Created time.Time       `json:"created"`
	Runtime string          `json:"runtime"` // version of ONNX Runtime
	Effort  sweep.Effort    `json:"effort"`
	Profile profile.Profile `json:"profile"`
}

// LoadProfile reads a stored profile. It returns nil without an error if there
// is none, and why it can't be used if it is stale.
func LoadProfile(path, machine, runtime string, now time.Time) (*Stored, string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "there is none yet", nil
	}
	if err != nil {
		return nil, "", err
	}
	var s Stored
	switch err := json.Unmarshal(b, &s); {
	case err != nil:
		return nil, "it can't be read: " + err.Error(), nil
	case s.Profile.Machine != machine:
		return nil, "it is of another machine, " + s.Profile.Machine, nil
	case s.Runtime != runtime:
		return nil, "it is of ONNX Runtime " + s.Runtime, nil
	case now.Sub(s.Created) > StaleAfter:
		return nil, fmt.Sprintf("it is %v old", now.Sub(s.Created).Round(time.Minute)), nil
	}
	return &s, "", nil
}

// SaveProfile writes a profile atomically.
func SaveProfile(path string, s *Stored) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return result.WriteFile(path, b)
}
