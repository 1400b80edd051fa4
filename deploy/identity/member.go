package identity

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
)

// Member is a client that a server takes.
type Member struct {
	Role Role
	Name string
	Key  *Key
	// Studies is a coordinator's key to run studies by; nil: it runs none.
	Studies *Key
}

// NewMember makes a member with a new key. An error wraps wire.ErrName or ErrKey.
func NewMember(role Role, name string) (*Member, error) {
	if err := wire.CheckName(string(role), name); err != nil {
		return nil, err
	}
	key, err := NewKey()
	if err != nil {
		return nil, err
	}
	return &Member{Role: role, Name: name, Key: key}, nil
}

// User returns the member as a user of a server.
func (m *Member) User() *server.NkeyUser {
	return &server.NkeyUser{Nkey: m.Key.Public(), Permissions: Permissions(m.Role, m.Name)}
}

// Owner returns the member, who has a key for studies, as a user of the account that these are in.
func (m *Member) Owner() *server.NkeyUser {
	return &server.NkeyUser{Nkey: m.Studies.Public(), Permissions: Permissions(Owner, m.Name)}
}

// Write makes a folder, which must not be there, that has all that the member needs to
// connect: its key, its testbed file, whose path is returned, and what is in also by name.
// f says where the server is; its Name, Role and Nkey are filled in.
func (m *Member) Write(dir string, f File, also map[string][]byte) (path string, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTestbed, err)
	}
	f.Name, f.Role, f.Nkey = m.Name, m.Role, m.Name+".nkey"
	err = m.Key.Save(filepath.Join(dir, f.Nkey))
	if err == nil && m.Studies != nil {
		f.Studies = m.Name + "-studies.nkey"
		err = m.Studies.Save(filepath.Join(dir, f.Studies))
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrTestbed, err)
	}
	b, err := f.encoded()
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, FileName)
	if err := WriteNew(path, b); err != nil {
		return "", fmt.Errorf("%w: %w", ErrTestbed, err)
	}
	for name, b := range also {
		if err := WriteNew(filepath.Join(dir, name), b); err != nil {
			return "", fmt.Errorf("%w: %w", ErrTestbed, err)
		}
	}
	return path, nil
}
