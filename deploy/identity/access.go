package identity

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Access says how a client connects. The zero value, but for the URL, is a client without
// a key, for a server that asks for none.
type Access struct {
	Name string // of the client; "": it is free to choose
	Role Role   // ""; it is not known
	URL  string // of the NATS server

	Key *Key // in place of the file Nkey

	// Files; "" for none.
	Nkey, Creds, TLSCA, TLSCert, TLSKey string
}

// Options returns the options of the client's connection, and proves that the files can be
// used. Errors wrap ErrKey or ErrTestbed.
func (a *Access) Options() ([]nats.Option, error) {
	var options []nats.Option
	key := a.Key
	switch {
	case a.Nkey != "" && a.Creds != "":
		return nil, fmt.Errorf("%w: give a key by --nkey or by --creds, not both", ErrKey)
	case (a.TLSCert == "") != (a.TLSKey == ""):
		return nil, fmt.Errorf("%w: --tls-cert and --tls-key go together", ErrKey)
	case a.Nkey != "":
		var err error
		if key, err = ReadKey(a.Nkey); err != nil {
			return nil, err
		}
	case a.Creds != "":
		b, err := ReadSecret(a.Creds)
		if err != nil {
			return nil, err
		}
		clear(b)
		options = append(options, nats.UserCredentials(a.Creds))
	}
	if key != nil {
		options = append(options, key.Option())
	}
	if a.TLSCA != "" {
		options = append(options, nats.RootCAs(a.TLSCA))
	}
	if a.TLSCert != "" {
		b, err := ReadSecret(a.TLSKey)
		if err != nil {
			return nil, err
		}
		clear(b)
		options = append(options, nats.ClientCert(a.TLSCert, a.TLSKey))
	}
	for _, o := range options { // some read their files only when they are used
		if err := probe(o); err != nil {
			return nil, err
		}
	}
	return options, nil
}

// probe applies an option to see whether it can be.
func probe(o nats.Option) error {
	var all nats.Options
	err := o(&all)
	if err == nil && all.RootCAsCB != nil {
		_, err = all.RootCAsCB()
	}
	if err == nil && all.TLSCertCB != nil {
		_, err = all.TLSCertCB()
	}
	if err == nil && all.UserJWT != nil {
		if _, err = all.UserJWT(); err != nil {
			err = errors.New("the file of --creds holds no JWT of a user") // the library's text may quote it
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return nil
}
