package identity

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/goccy/go-yaml"
)

// FileName is what testbed files are called.
const FileName = "testbed.yaml"

// File is what a testbed file says: who this client is, and where the server is. Files that
// it names are relative to it.
type File struct {
	Name    string   `yaml:"name"` // of this client
	Role    Role     `yaml:"role"`
	Server  string   `yaml:"server"`             // URL
	Nkey    string   `yaml:"nkey,omitempty"`     // file of the seed
	Creds   string   `yaml:"creds,omitempty"`    // file of a JWT and its seed, instead
	TLSCA   string   `yaml:"tls_ca,omitempty"`   // file of the certificates that sign the server's
	TLSCert string   `yaml:"tls_cert,omitempty"` // file of the client's certificate
	TLSKey  string   `yaml:"tls_key,omitempty"`  // and of its key
	Devices []string `yaml:"devices"`            // of the testbed
	// Studies is the file of the seed of the key by which a coordinator runs studies over workers; "":
	// the testbed has none.
	Studies string `yaml:"nkey_studies,omitempty"`
}

// ReadFile reads a testbed file. Errors wrap ErrTestbed or yamlfile.ErrInput.
func ReadFile(path string) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTestbed, err)
	}
	f := &File{}
	doc, err := yamlfile.Decode(path, b, f)
	if err != nil {
		return nil, err
	}
	if err := wire.CheckName("client", f.Name); err != nil {
		return nil, yamlfile.Errorf(doc.Pos("$.name"), "%w: %w", ErrTestbed, err)
	}
	if f.Server == "" {
		return nil, yamlfile.Errorf(doc.Pos("$.server"), "%w: it names no server; give its URL, such as tls://hub:4222",
			ErrTestbed)
	}
	if roles := []Role{Device, Coordinator, Worker}; !slices.Contains(roles, f.Role) {
		return nil, yamlfile.Errorf(doc.Pos("$.role"), "%w: role %q; expected %s, %s or %s%s", ErrTestbed, f.Role, Device,
			Coordinator, Worker, nearest.Hint(f.Role, roles))
	}
	for _, p := range []*string{&f.Nkey, &f.Studies, &f.Creds, &f.TLSCA, &f.TLSCert, &f.TLSKey} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(filepath.Dir(path), *p)
		}
	}
	return f, nil
}

// encoded returns the content of a testbed file.
func (f *File) encoded() ([]byte, error) {
	b, err := yaml.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTestbed, err)
	}
	const head = "# Who this machine is in the testbed. The key and the certificate lie beside this file.\n"
	return append([]byte(head), b...), nil
}

// Access returns what the file says of the connection.
func (f *File) Access() *Access {
	return &Access{Name: f.Name, Role: f.Role, URL: f.Server, Nkey: f.Nkey, Creds: f.Creds, TLSCA: f.TLSCA,
		TLSCert: f.TLSCert, TLSKey: f.TLSKey}
}

// Owner returns what the file says of the connection of who runs studies. Errors wrap ErrTestbed.
func (f *File) Owner() (*Access, error) {
	a := f.Access()
	switch {
	case f.Role == Coordinator && f.Studies == "":
		return nil, fmt.Errorf("%w: the testbed of coordinator %s has no workers; make one with edgeprune testbed init "+
			"--worker NAME, or give --nkey", ErrTestbed, f.Name)
	case f.Role == Coordinator:
		a.Role, a.Nkey, a.Creds = Owner, f.Studies, ""
	case f.Role == Worker: // it may look
	default:
		return nil, fmt.Errorf("%w: the key of %s %s takes no part in studies", ErrTestbed, f.Role, f.Name)
	}
	return a, nil
}
