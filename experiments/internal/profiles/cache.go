package profiles

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/nearest"
)

// Cache is a folder of device profiles: one for each device and what it is and how it is set.
// What a newer program measures takes the place of what an older one did.
type Cache struct{ Dir string }

// path is where the profile of a device is kept.
func (c Cache) path(name string, f device.Fingerprint) (string, error) {
	if name == "" || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") || !printable(name) {
		return "", fmt.Errorf("%w: a device named %q can't be kept", ErrFile, clipped(name))
	}
	f.Program = ""
	b, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return filepath.Join(c.Dir, name+"@"+hex.EncodeToString(sum[:4])+".json"), nil
}

// Add adds what was measured on a device to what is kept of it, and returns the file and in
// what the device differs from the one whose earlier costs it replaces.
func (c Cache) Add(d *Device) (path string, differs []string, err error) {
	if path, err = c.path(d.Device, d.Fingerprint); err != nil {
		return "", nil, err
	}
	kept, err := ReadDevice(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrFile): // one that can't be read is of no use
		kept = d
	case err != nil:
		return "", nil, err
	default:
		differs = kept.Add(d)
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return "", nil, err
	}
	return path, differs, kept.Write(path)
}

// Kept is a device profile in a cache, or why it can't be read.
type Kept struct {
	Path    string
	Profile *Device // nil: see Err
	Err     error
}

// Name is what the command line calls it: its file without the folder and the ending.
func (k *Kept) Name() string { return strings.TrimSuffix(filepath.Base(k.Path), ".json") }

// List returns all, by file name.
func (c Cache) List() ([]Kept, error) {
	files, err := os.ReadDir(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Kept
	for _, f := range files {
		if f.IsDir() || filepath.Ext(f.Name()) != ".json" {
			continue
		}
		k := Kept{Path: filepath.Join(c.Dir, f.Name())}
		k.Profile, k.Err = ReadDevice(k.Path)
		all = append(all, k)
	}
	return all, nil
}

// Find returns the profile of a device by its name, or by the name of its file where there
// are several of that device. Errors wrap ErrNone or ErrFile.
func (c Cache) Find(name string) (*Kept, error) {
	all, err := c.List()
	if err != nil {
		return nil, err
	}
	var names []string
	var found []Kept
	for _, k := range all {
		names = append(names, k.Name())
		if k.Name() == name || strings.HasPrefix(k.Name(), name+"@") {
			found = append(found, k)
		}
	}
	switch {
	case len(found) == 0 && len(all) == 0:
		return nil, fmt.Errorf("%w: none is kept; make one by edgeprune profile --testbed FILE experiments/NAME", ErrNone)
	case len(found) == 0:
		return nil, fmt.Errorf("%w of device %q; those that are kept are %s%s", ErrNone, name, strings.Join(names, ", "),
			nearest.Hint(name, names))
	case len(found) > 1:
		var which []string
		for _, k := range found {
			which = append(which, k.Name())
		}
		slices.Sort(which)
		return nil, fmt.Errorf("%w: of device %q there are %s; name one of these", ErrNone, name, strings.Join(which, ", "))
	}
	return &found[0], found[0].Err
}
