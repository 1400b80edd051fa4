package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// ErrBusy says that another process works in a folder of results.
var ErrBusy = errors.New("record: another run works in this folder")

// lockFile stays in a folder of results, so that all processes lock the same one.
const lockFile = ".lock"

// Holder says who works in a folder of results. It is in the lock file as JSON.
type Holder struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
	Command []string  `json:"command"`
}

// String says it in words.
func (h Holder) String() string {
	if h.PID == 0 {
		return "a process that has just begun"
	}
	return fmt.Sprintf("process %d on %s since %s: %s", h.PID, h.Host, h.Since.Format("2006-01-02 15:04:05 MST"),
		strings.Join(h.Command, " "))
}

// Lock locks a folder of results, which it makes, for one holder. The lock ends with
// release or with the process, however that ends. Where another one holds it, the error
// wraps ErrBusy and says who.
func Lock(dir string, holder Holder) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	path := filepath.Join(dir, lockFile)
	l := flock.New(path, flock.SetPermissions(0o644))
	taken, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("record: lock %s: %w", dir, err)
	}
	if !taken {
		var other Holder
		if b, err := os.ReadFile(path); err == nil {
			_ = json.Unmarshal(b, &other) // it may be half written, and says nothing then
		}
		return nil, fmt.Errorf("%w: %s: %s; wait for it, or take another folder by --results", ErrBusy, dir, other)
	}
	b, err := json.Marshal(holder)
	if err == nil {
		err = os.WriteFile(path, append(b, '\n'), 0o644) // in the locked file itself
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("record: lock %s: %w", dir, err), l.Unlock())
	}
	return l.Unlock, nil
}
