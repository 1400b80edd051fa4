package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// Origin is what a stored profile must agree in to be used: what was measured, by which
// program, and on what.
type Origin struct {
	Machine string        `json:"machine"`
	Runtime string        `json:"runtime"` // version of ONNX Runtime
	Program revision.Info `json:"program"`
	// Models are the digests of the models by name.
	Models map[string]string `json:"models"`
}

// differs says in what a profile's origin isn't the one that is wanted, "" if it is.
func (o *Origin) differs(want *Origin) string {
	switch {
	case o.Machine != want.Machine:
		return "it is of another machine, " + o.Machine
	case o.Runtime != want.Runtime:
		return "it is of ONNX Runtime " + o.Runtime
	case o.Program != want.Program:
		return fmt.Sprintf("it was made by another program, %s", o.Program)
	case !maps.Equal(o.Models, want.Models):
		return "it is of other models"
	}
	return ""
}

// Stored is a profile as it lies in the cache. It is used however old it is: what became
// of the machine since is said by the reference computation.
type Stored struct {
	Origin
	Created time.Time       `json:"created"` // when the last round ended
	Rounds  int             `json:"rounds"`  // over which its samples are spread
	Effort  sweep.Effort    `json:"effort"`
	Profile profile.Profile `json:"profile"`
}

// LoadProfile reads a stored profile. It returns nil without an error if there is none or
// it can't be used, and why.
func LoadProfile(path string, want *Origin) (*Stored, string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "there is none yet", nil
	}
	if err != nil {
		return nil, "", err
	}
	var s Stored
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, "it can't be read: " + err.Error(), nil
	}
	if why := s.differs(want); why != "" {
		return nil, why, nil
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
