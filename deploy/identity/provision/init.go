package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// What a folder of a server holds.
const (
	ServerDir  = "server"
	ConfigFile = "nats-server.conf"
	certFile   = "server.pem"
	keyFile    = "server-key.pem"
	caFile     = "ca.pem"
)

// Testbed is what to make.
type Testbed struct {
	Server       string   // its name
	Hosts        []string // names and addresses of its machine, the first one for clients; none: Server
	Port         int
	Devices      []string
	Coordinators []string
	Workers      []string // that simulate cases of studies; with them, a testbed may have no devices
}

// Made is what was made.
type Made struct {
	Dir          string   `json:"dir"`
	URL          string   `json:"url"`               // of the server
	Server       string   `json:"server"`            // folder
	Devices      []string `json:"devices"`           // folders
	Coordinators []string `json:"coordinators"`      // folders
	Workers      []string `json:"workers,omitempty"` // folders
}

// Init makes a folder dir with one below it for every machine of the testbed, to be copied
// there: nothing else knows their keys. dir may be there, if it is empty. Errors wrap ErrInit
// and are the user's to correct, or those of writing.
func (t *Testbed) Init(dir string, now time.Time) (*Made, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if left, err := os.ReadDir(dir); err == nil && len(left) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is there already; nothing of it is overwritten: name a new folder", ErrInit, dir)
	}
	hosts := t.Hosts
	if len(hosts) == 0 {
		hosts = []string{t.Server}
	}
	certs, err := newCertificates(t.Server, union(hosts, "localhost", "127.0.0.1", "::1"), now)
	if err != nil {
		return nil, err
	}
	made := &Made{Dir: dir, URL: "tls://" + net.JoinHostPort(hosts[0], strconv.Itoa(t.Port)),
		Server: filepath.Join(dir, ServerDir)}
	c := ServerConfig{Host: "0.0.0.0", Port: t.Port, Name: t.Server, Store: "jetstream",
		TLSCert: certFile, TLSKey: keyFile}
	for _, d := range []string{dir, made.Server} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInit, err)
		}
	}
	f := identity.File{Server: made.URL, TLSCA: caFile, Devices: t.Devices}
	add := func(role identity.Role, name string, folders *[]string) error {
		m, err := identity.NewMember(role, name)
		if err != nil {
			return err
		}
		if len(t.Workers) > 0 && role == identity.Coordinator {
			if m.Studies, err = identity.NewKey(); err != nil {
				return err
			}
			c.Studies = append(c.Studies, m.Owner())
		}
		if role == identity.Worker {
			c.Studies = append(c.Studies, m.User())
		} else {
			c.Members = append(c.Members, m)
		}
		folder := filepath.Join(dir, string(role)+"-"+name)
		*folders = append(*folders, folder)
		_, err = m.Write(folder, f, map[string][]byte{caFile: certs.authority})
		return err
	}
	for _, name := range t.Devices {
		if err := add(identity.Device, name, &made.Devices); err != nil {
			return nil, err
		}
	}
	for _, name := range t.coordinators() {
		if err := add(identity.Coordinator, name, &made.Coordinators); err != nil {
			return nil, err
		}
	}
	for _, name := range t.Workers {
		if err := add(identity.Worker, name, &made.Workers); err != nil {
			return nil, err
		}
	}
	conf, err := c.Encode()
	if err != nil {
		return nil, err
	}
	for name, b := range map[string][]byte{ConfigFile: conf, certFile: certs.server, keyFile: certs.serverKey} {
		if err := identity.WriteNew(filepath.Join(made.Server, name), b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInit, err)
		}
	}
	return made, nil
}

// coordinators returns their names: one, if none is given.
func (t *Testbed) coordinators() []string {
	if len(t.Coordinators) == 0 {
		return []string{string(identity.Coordinator)}
	}
	return t.Coordinators
}

// check refuses names that can't stand in subjects, or that two members have.
func (t *Testbed) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: %w", ErrInit, fmt.Errorf(format, args...))
	}
	if err := wire.CheckName("server", t.Server); err != nil {
		return fail("%w; give its host names or addresses behind '=': --server NAME=HOST,…", err)
	}
	if len(t.Devices) == 0 && len(t.Workers) == 0 {
		return fail("a testbed needs devices; give --device NAME once for each, or --worker NAME for studies alone")
	}
	if t.Port < 1 || t.Port > 65535 {
		return fail("port %d; expected 1 to 65535", t.Port)
	}
	for _, h := range t.Hosts {
		if h == "" || strings.ContainsAny(h, " /:@\t\n\"") && net.ParseIP(h) == nil {
			return fail("host %q of the server; expected a name or an address, without port", h)
		}
	}
	seen := map[string]bool{}
	coordinators := t.coordinators()
	for i, name := range slices.Concat(t.Devices, coordinators, t.Workers) {
		role := identity.Device
		switch {
		case i >= len(t.Devices)+len(coordinators):
			role = identity.Worker
		case i >= len(t.Devices):
			role = identity.Coordinator
		}
		if err := wire.CheckName(string(role), name); err != nil {
			return fail("%w", err)
		}
		if seen[name] {
			return fail("two members are called %q; every one needs a name of its own", name)
		}
		seen[name] = true
	}
	return nil
}

func union(list []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list[:len(list):len(list)], s)
		}
	}
	return list
}
