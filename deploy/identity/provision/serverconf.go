package provision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/nats-io/nats-server/v2/server"
)

// MaxPayloadBytes is the limit on messages of the servers.
const MaxPayloadBytes = 8 << 20

// ServerConfig is what a NATS server is configured with. Paths are relative to the folder
// that it is started in.
type ServerConfig struct {
	Host            string
	Port            int
	Name            string
	Store           string // folder of JetStream
	TLSCert, TLSKey string // files; "": no TLS
	Members         []*identity.Member
	Others          []*server.NkeyUser // who may connect besides
	// Studies are the users of an account of its own, for studies over workers; nil: there is none,
	// and no accounts.
	Studies []*server.NkeyUser
}

var serverConfig = template.Must(template.New("").Funcs(template.FuncMap{
	"quoted": strconv.Quote, "list": list, "maxPayload": func() int { return MaxPayloadBytes },
}).Parse(`# The NATS server of an Edge-PRUNE testbed. Who may do what is below authorization: a client
# without one of these keys can do nothing.
server_name: {{quoted .Name}}
listen: {{quoted .Listen}}
max_payload: {{maxPayload}}
jetstream {
  store_dir: {{quoted .Store}}
}
{{if .TLSCert}}tls {
  cert_file: {{quoted .TLSCert}}
  key_file: {{quoted .TLSKey}}
}
{{end}}{{if .Studies}}accounts {
  testbed {
    jetstream: enabled
    users = [
{{template "testbed" .}}    ]
  }
  # Studies over workers: what is sent here reaches no device.
  studies {
    jetstream: enabled
    users = [
{{range .Studies}}{{template "user" .}}{{end}}    ]
  }
}
{{else}}authorization {
  users = [
{{template "testbed" .}}  ]
}
{{end}}{{define "testbed"}}{{range .Members}}    # {{.Role}} {{.Name}}
{{template "user" .User}}{{end}}{{range .Others}}{{template "user" .}}{{end}}{{end}}
{{define "user"}}    {
      nkey: {{.Nkey}}
{{with .Permissions}}      permissions: {
        publish: { allow: {{list .Publish}} }
        subscribe: { allow: {{list .Subscribe}} }
{{with .Response}}        allow_responses: { max: {{.MaxMsgs}}, expires: "{{.Expires}}" }
{{end}}      }
{{end}}    }
{{end}}`))

func list(p *server.SubjectPermission) string {
	quoted := make([]string, len(p.Allow))
	for i, s := range p.Allow {
		quoted[i] = strconv.Quote(s)
	}
	return "[\n          " + strings.Join(quoted, "\n          ") + "\n        ]"
}

// Listen is the address that the server listens on.
func (c *ServerConfig) Listen() string { return c.Host + ":" + strconv.Itoa(c.Port) }

// Encode returns the configuration as nats-server reads it. It holds no secret.
func (c *ServerConfig) Encode() ([]byte, error) {
	var b strings.Builder
	if err := serverConfig.Execute(&b, c); err != nil {
		return nil, fmt.Errorf("%w: configuration of the server: %w", ErrInit, err)
	}
	return []byte(b.String()), nil
}

// Options returns the same for a server without TLS in this process.
func (c *ServerConfig) Options() *server.Options {
	users := slices.Clone(c.Others)
	for _, m := range c.Members {
		users = append(users, m.User())
	}
	return &server.Options{ServerName: c.Name, Host: c.Host, Port: c.Port, MaxPayload: MaxPayloadBytes,
		JetStream: true, StoreDir: c.Store, Nkeys: users}
}
