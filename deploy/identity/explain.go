package identity

import (
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Explain adds to an error of connecting how to mend it, where it is about who the client or
// the server is: it wraps ErrRefused then, and trying again does not help. Others stay.
func Explain(err error) error {
	var (
		unknown  x509.UnknownAuthorityError
		host     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verified = "the certificate of the NATS server"
	)
	switch {
	case err == nil, errors.Is(err, ErrRefused):
		return err
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return fmt.Errorf("%w: %w: the NATS server does not know this client's key; give --testbed FILE, that of this "+
			"machine and this testbed, or --nkey", ErrRefused, err)
	case errors.Is(err, nats.ErrNkeysNotSupported):
		return fmt.Errorf("%w: %w: the NATS server asks for no nkey; is it the testbed's?", ErrRefused, err)
	case errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w: %w: the NATS server has no TLS, so it is not the testbed's", ErrRefused, err)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: %w: %s is not signed by the testbed's authority; give --testbed FILE or --tls-ca of the "+
			"testbed that the server belongs to", ErrRefused, err, verified)
	case errors.As(err, &host):
		return fmt.Errorf("%w: %w: use a name or address that %s holds, or make the testbed again with "+
			"--server NAME=HOST,…", ErrRefused, err, verified)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		until := ""
		if invalid.Cert != nil {
			until = ", it holds from " + day(invalid.Cert.NotBefore) + " until " + day(invalid.Cert.NotAfter)
		}
		return fmt.Errorf("%w: %w: %s is out of date%s; check the clock of this machine, or make the testbed again",
			ErrRefused, err, verified, until)
	case errors.As(err, &invalid):
		return fmt.Errorf("%w: %w: %s can't be used", ErrRefused, err, verified)
	}
	return err
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Denied adds to the error of a permission that the client lacks whose key that may be. Others
// stay.
func Denied(err error, role Role, name string) error {
	if !errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, ErrRefused) {
		return err
	}
	return fmt.Errorf("%w: %w: the key is not that of the %s %s; use the key and the testbed file of the same name",
		ErrRefused, err, role, name)
}
