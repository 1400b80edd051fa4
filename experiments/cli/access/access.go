// Package access has the flags that say how a command connects to a NATS server. It may not
// connect.
package access

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

const defaultURL = "nats://127.0.0.1:4222"

// Flags are those of every command that connects, beside --nats.
func Flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "testbed", Usage: "testbed `FILE` of this machine, of edgeprune testbed init: server, key " +
			"and certificate; the other flags prevail over what it says"},
		&cli.StringFlag{Name: "nkey", Usage: "`FILE` of the seed of this client's nkey, mode 0600"},
		&cli.StringFlag{Name: "creds", Usage: "`FILE` of this client's credentials of NATS (JWT and seed), not --nkey"},
		&cli.StringFlag{Name: "tls-ca", Usage: "`FILE` of the certificates that sign the server's"},
		&cli.StringFlag{Name: "tls-cert", Usage: "`FILE` of this client's certificate, where the server asks for one"},
		&cli.StringFlag{Name: "tls-key", Usage: "`FILE` of its key, mode 0600"},
	}
}

// CoordinatorFlag names the coordinator that a command is.
func CoordinatorFlag() cli.Flag {
	return &cli.StringFlag{Name: "coordinator", Usage: "`NAME` of this coordinator, as its key's",
		DefaultText: "that of --testbed, else a new one"}
}

// Agent says how the agent of a command line connects, and what its device is.
func Agent(c *cli.Context) (*identity.Access, error) { return of(c, identity.Device, "name") }

// Coordinator says how the coordinator of a command line connects.
func Coordinator(c *cli.Context) (*identity.Access, error) {
	return of(c, identity.Coordinator, "coordinator")
}

// Worker says how a worker of studies connects.
func Worker(c *cli.Context) (*identity.Access, error) { return of(c, identity.Worker, "name") }

// Owner says how who runs a study over workers connects.
func Owner(c *cli.Context) (*identity.Access, error) { return of(c, identity.Owner, "") }

// Watcher says how who looks at studies connects: an owner, or a worker.
func Watcher(c *cli.Context) (*identity.Access, error) { return of(c, "", "") }

// fromFile returns what a testbed file says for a role; "" is that of an owner or a worker.
func fromFile(f *identity.File, role identity.Role) (*identity.Access, error) {
	switch {
	case role == "" && f.Role == identity.Worker, role == "" && f.Role == identity.Coordinator,
		role == identity.Owner && f.Role == identity.Coordinator:
		return f.Owner()
	}
	return f.Access(), nil
}

// needed says whose testbed file a role takes.
func needed(role identity.Role) string {
	switch role {
	case identity.Owner:
		return string(identity.Coordinator)
	case "":
		return string(identity.Coordinator) + " or " + string(identity.Worker)
	}
	return string(role)
}

func of(c *cli.Context, role identity.Role, nameFlag string) (*identity.Access, error) {
	a := &identity.Access{Role: cmp.Or(role, identity.Owner)}
	if path := c.String("testbed"); path != "" {
		f, err := identity.ReadFile(path)
		if err != nil {
			return nil, input.Error(err)
		}
		if a, err = fromFile(f, role); err != nil {
			return nil, input.Error(fmt.Errorf("%s: %w", path, err))
		}
		if a.Role != role && (role != "" || a.Role == identity.Device) {
			return nil, input.Error(fmt.Errorf("%s is the testbed file of %s %s; this command needs that of a %s", path,
				a.Role, a.Name, needed(role)))
		}
		if name := c.String(nameFlag); name != "" && name != a.Name {
			return nil, input.Error(fmt.Errorf("--%s %s: %s is the testbed file of %s %s, whose key can't act for another",
				nameFlag, name, path, a.Role, a.Name))
		}
	}
	a.Name = cmp.Or(c.String(nameFlag), a.Name)
	a.URL = cmp.Or(c.String("nats"), a.URL, defaultURL)
	if nkey := c.String("nkey"); nkey != "" {
		a.Nkey, a.Creds = nkey, ""
	}
	if creds := c.String("creds"); creds != "" {
		a.Creds = creds
		if !c.IsSet("nkey") {
			a.Nkey = ""
		}
	}
	a.TLSCA = cmp.Or(c.String("tls-ca"), a.TLSCA)
	a.TLSCert = cmp.Or(c.String("tls-cert"), a.TLSCert)
	a.TLSKey = cmp.Or(c.String("tls-key"), a.TLSKey)
	if role == identity.Device && a.Name == "" {
		return nil, input.Error(errors.New("an agent needs --testbed FILE, or --name, that of its device"))
	}
	return a, nil
}
