package identity

import (
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
)

// Role is what a client is in a testbed.
type Role string

// The roles.
const (
	Device      Role = "device"
	Coordinator Role = "coordinator"
	// Worker simulates cases of studies, Owner runs studies. They are in an account of their own, in
	// which nothing reaches a device; the owner's key is a coordinator's second one.
	Worker Role = "worker"
	Owner  Role = "owner"
)

// answerTime is for how long after a request its answer may come. Who asks for what takes
// longer asks again.
const answerTime = 10 * time.Minute

var (
	// readBucket is what it takes to find the bucket and to read messages of it, one at a time:
	// no consumers, which could have the server send to any subject.
	readBucket = []string{
		"$JS.API.STREAM.INFO." + wire.BucketStream, "$JS.API.DIRECT.GET." + wire.BucketStream,
		"$JS.API.DIRECT.GET." + wire.BucketStream + ".>",
	}
	// writeBucket is what it takes besides to make the bucket and to write to it.
	writeBucket = []string{
		"$JS.API.STREAM.CREATE." + wire.BucketStream, "$JS.API.STREAM.UPDATE." + wire.BucketStream,
		"$JS.API.STREAM.PURGE." + wire.BucketStream, wire.BucketChunks + ">", wire.BucketMeta + ">",
	}
)

// Permissions returns what a client of a role and name may do at the NATS server. It is the
// one place that says so. Names stand in subjects: see package wire. Everybody reads what is
// sent to itself and the heartbeats, and publishes under its own name only.
func Permissions(role Role, name string) *server.Permissions {
	if role == Worker || role == Owner {
		return studyPermissions(role, name)
	}
	kinds := []string{"alive", "probe", "data", "ack", "hello", "share", "trace", "error"}
	others := anyDomain(readBucket)
	if role == Coordinator {
		kinds = []string{"order", "probe", "received", "lease"}
		others = append([]string{"$SRV.>"}, anyDomain(slices.Concat(readBucket, writeBucket))...)
	}
	p := &server.Permissions{
		Publish: &server.SubjectPermission{},
		Subscribe: &server.SubjectPermission{Allow: []string{
			"edgeprune.*.*." + name, "edgeprune.*.*." + name + ".>", wire.AliveSubject(wire.Any),
			wire.InboxPrefix(name) + ".>",
		}},
	}
	for _, kind := range kinds {
		p.Publish.Allow = append(p.Publish.Allow, "edgeprune."+kind+"."+name+".>")
	}
	p.Publish.Allow = append(p.Publish.Allow, others...)
	if role == Device {
		p.Subscribe.Allow = append(p.Subscribe.Allow, "$SRV.>")
		p.Response = &server.ResponsePermission{MaxMsgs: -1, Expires: answerTime} // an answer may come in parts
	}
	return p
}

// anyDomain adds to subjects of JetStream's API those by which it is reached in another
// domain, such as from a leaf node.
func anyDomain(subjects []string) []string {
	all := slices.Clone(subjects)
	for _, s := range subjects {
		if api, ok := strings.CutPrefix(s, "$JS.API."); ok {
			all = append(all, "$JS.*.API."+api)
		}
	}
	return all
}
