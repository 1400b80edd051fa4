package coordinator

import (
	"os"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nuid"
)

// hostBytes is how much of the host's name is in that of a coordinator.
const hostBytes = 32

// NewName makes a name that no other coordinator has, which says where and what this one is:
// its host and process.
func NewName() string {
	host, _ := os.Hostname() // without it the name is less telling
	host, _, _ = strings.Cut(host, ".")
	if len(host) > hostBytes || wire.CheckName("host", host) != nil {
		host = "host"
	}
	id := nuid.Next()
	return host + "-" + strconv.Itoa(os.Getpid()) + "-" + id[len(id)-6:]
}
