package transport

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const reachLimit = 500 * time.Millisecond // for a server to take a connection

// Server names the server of a connection, or those that it is looked for at, for an error.
func Server(nc *nats.Conn) string {
	if u := nc.ConnectedUrl(); u != "" {
		return "NATS server " + Redacted(u)
	}
	var all []string
	for _, u := range servers(nc) {
		all = append(all, Redacted(u.String()))
	}
	return strings.TrimSpace("NATS server " + strings.Join(all, ", "))
}

// Redacted hides the passwords and tokens in the address of a NATS server, or in a list of
// several with commas between, which need no scheme.
func Redacted(urls string) string {
	list := strings.Split(urls, ",")
	for i, u := range list {
		scheme, rest := "", u
		if at := strings.Index(u, "://"); at >= 0 {
			scheme, rest = u[:at+3], u[at+3:]
		}
		at := strings.LastIndex(rest, "@")
		if at < 0 {
			continue
		}
		who := "xxxxx" // a token
		if user, _, password := strings.Cut(rest[:at], ":"); password {
			who = user + ":" + "xxxxx"
		}
		list[i] = scheme + who + rest[at:]
	}
	return strings.Join(list, ",")
}

func servers(nc *nats.Conn) (all []*url.URL) {
	for _, s := range nc.Servers() {
		if u, err := url.Parse(s); err == nil {
			all = append(all, u)
		}
	}
	return all
}

// Unreachable says why there is no connection at present, as far as that can be told: it
// tries to reach the servers, for half a second each.
func Unreachable(nc *nats.Conn) error {
	err := nc.LastError()
	if err == nil {
		err = nats.ErrDisconnected
	}
	for _, u := range servers(nc) {
		c, failed := net.DialTimeout("tcp", u.Host, reachLimit)
		if failed != nil {
			err = failed
			continue
		}
		_ = c.Close() // nothing was sent
		return fmt.Errorf("%s takes connections, but: %w", u.Redacted(), err)
	}
	return err
}
