package provision

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

const (
	validYears = 10
	early      = time.Hour // that certificates hold before they are made: clocks differ
)

// certificates are PEM: of the authority, and of the server with its key. The authority's key
// is forgotten, so that nobody can sign another certificate.
type certificates struct {
	authority, server, serverKey []byte
}

// newCertificates makes an authority and a certificate of a server that goes by the hosts,
// which are names or addresses.
func newCertificates(name string, hosts []string, now time.Time) (*certificates, error) {
	fail := func(err error) (*certificates, error) { return nil, fmt.Errorf("%w: certificate: %w", ErrInit, err) }
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	authority := &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority of the Edge-PRUNE testbed " + name}, IsCA: true,
		BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: now.Add(-early), NotAfter: now.AddDate(validYears, 0, 0),
	}
	if authority.SerialNumber, err = serial(); err != nil {
		return fail(err)
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return fail(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	server := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		NotBefore:   authority.NotBefore, NotAfter: authority.NotAfter,
	}
	if server.SerialNumber, err = serial(); err != nil {
		return fail(err)
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			server.IPAddresses = append(server.IPAddresses, ip)
		} else {
			server.DNSNames = append(server.DNSNames, h)
		}
	}
	serverDER, err := x509.CreateCertificate(rand.Reader, server, authority, key.Public(), authorityKey)
	if err != nil {
		return fail(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fail(err)
	}
	return &certificates{
		authority: encode("CERTIFICATE", authorityDER), server: encode("CERTIFICATE", serverDER),
		serverKey: encode("PRIVATE KEY", keyDER),
	}, nil
}

func serial() (*big.Int, error) { return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) }

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
