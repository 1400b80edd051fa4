package files

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// ErrSource: a camera or an address on the network may not be opened.
var ErrSource = errors.New(
	"no such source may be opened here; the agent's user gives cameras and addresses with --source",
)

// ErrPrefix: what shall be allowed is no camera and no address.
var ErrPrefix = errors.New("expected a camera, as /dev/video0 or /dev/video*, or the beginning of an address, as " +
	"rtsp://camera.local/")

// Schemes are those of addresses that a source may have.
var Schemes = []string{"http", "https", "rtsp", "tcp"}

// Shown returns an address as it may be printed: without what may hold a name, a password or a key.
// As a password may hold any character, all up to the last @ is left out.
func Shown(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	rest = rest[strings.LastIndex(rest, "@")+1:]
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	if query != "" {
		rest += "?..."
	}
	return scheme + "://" + rest
}

// ParseAddress reads an address of one of the Schemes. Errors don't hold the address.
func ParseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s is no address", Shown(address))
	case !slices.Contains(Schemes, u.Scheme):
		return nil, fmt.Errorf("%s: expected an address that begins with %s://", Shown(address),
			strings.Join(Schemes, "://, "))
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s names no host", Shown(address))
	case u.Scheme == "tcp" && u.Port() == "":
		return nil, fmt.Errorf("%s names no port", Shown(address))
	case u.Scheme == "tcp" && strings.Contains(address, "?"):
		// To ffmpeg they are options: with listen, it would wait there for who connects.
		return nil, fmt.Errorf("%s: leave out what stands behind ?; a tcp address takes no options", Shown(address))
	}
	return u, nil
}

// WithSources returns what a allows and, beside it, cameras and addresses: a prefix is a path below
// /dev, with * for any part of a name, or the beginning of an address up to its host or up to a
// part of its path. Errors wrap ErrPrefix. A nil Allowed allows all anyway.
func (a *Allowed) WithSources(prefixes ...string) (*Allowed, error) {
	if a == nil {
		return nil, nil
	}
	b := &Allowed{roots: a.roots, cameras: slices.Clone(a.cameras), addresses: slices.Clone(a.addresses)}
	for _, prefix := range prefixes {
		if IsDevice(prefix) {
			if _, err := path.Match(prefix, "/dev/video0"); err != nil {
				return nil, fmt.Errorf("%w: %s", ErrPrefix, prefix)
			}
			b.cameras = append(b.cameras, prefix)
			continue
		}
		u, err := ParseAddress(prefix)
		if err != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("%w: %s", ErrPrefix, Shown(prefix))
		}
		b.addresses = append(b.addresses, u)
	}
	return b, nil
}

// IsSource reports whether a source is a camera's path or an address, rather than a file.
func IsSource(source string) bool { return IsDevice(source) || strings.Contains(source, "://") }

// Prefix returns what WithSources takes to allow a source: it holds no name, password or key.
func Prefix(source string) string { return strings.TrimSuffix(Shown(source), "?...") }

// IsDevice reports whether a source is a camera's path.
func IsDevice(source string) bool {
	return strings.HasPrefix(source, "/dev/") && path.Clean(source) == source
}

// Source says whether a camera or an address may be opened. The error wraps ErrSource.
func (a *Allowed) Source(source string) error {
	if a == nil {
		return nil
	}
	allowed := false
	if IsDevice(source) {
		allowed = slices.ContainsFunc(a.cameras, func(p string) bool {
			ok, _ := path.Match(p, source)
			return ok
		})
	} else if u, err := ParseAddress(source); err == nil {
		allowed = slices.ContainsFunc(a.addresses, func(p *url.URL) bool { return begins(u, p) })
	}
	if !allowed {
		return fmt.Errorf("%s: %w", Shown(source), ErrSource)
	}
	return nil
}

// begins reports whether an address is that of a prefix, or below it.
func begins(u, prefix *url.URL) bool {
	if u.Scheme != prefix.Scheme || !strings.EqualFold(u.Hostname(), prefix.Hostname()) || u.Port() != prefix.Port() {
		return false
	}
	above := strings.TrimSuffix(prefix.Path, "/")
	if u.Path != "" && path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") && u.Path != "/" {
		return false // it leads elsewhere than it seems to
	}
	return above == "" || u.Path == above || strings.HasPrefix(u.Path, above+"/")
}
