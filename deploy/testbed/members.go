package testbed

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
)

// makeMembers makes the keys of all who may connect.
func (t *Testbed) makeMembers(cfg *Config) error {
	t.known, t.files, t.own = map[string]*identity.Member{}, map[string]string{}, coordinator.NewName()
	add := func(role identity.Role, name string) error {
		m, err := identity.NewMember(role, name)
		if err == nil && t.known[name] != nil {
			err = fmt.Errorf("two are called %s", name)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSetup, err)
		}
		t.known[name] = m
		return nil
	}
	for _, name := range cfg.Devices {
		if err := add(identity.Device, name); err != nil {
			return err
		}
	}
	for _, name := range append([]string{t.own}, cfg.Guests...) {
		if err := add(identity.Coordinator, name); err != nil {
			return err
		}
	}
	return nil
}

// writeFiles writes a testbed file for every member whose key has to leave the process.
func (t *Testbed) writeFiles(cfg *Config) error {
	names := cfg.Guests
	if !cfg.InProcess {
		names = append(names[:len(names):len(names)], cfg.Devices...)
	}
	parent := filepath.Join(t.dir.Path, "members")
	if err := os.Mkdir(parent, 0o700); err != nil {
		return fmt.Errorf("%w: %w", ErrSetup, err)
	}
	f := identity.File{Server: t.URL(), Devices: cfg.Devices}
	for _, name := range names {
		path, err := t.known[name].Write(filepath.Join(parent, name), f, nil)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSetup, err)
		}
		t.files[name] = path
	}
	return nil
}

// Access says how a device, or a coordinator, of the testbed connects.
func (t *Testbed) Access(name string) *identity.Access {
	m := t.known[name]
	return &identity.Access{Name: name, Role: m.Role, URL: t.URL(), Key: m.Key}
}

// File returns the testbed file, in a folder that only its owner may enter, of a guest or of a
// device that is a child process.
func (t *Testbed) File(name string) string { return t.files[name] }
