package identity

import (
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
)

// studyStreams are those of package casequeue.
var studyStreams = []string{wire.CaseStream, "KV_" + wire.ResultBucket, "KV_" + wire.StudyBucket,
	"KV_" + wire.WorkerBucket, "KV_" + wire.AttemptBucket, "OBJ_" + wire.BundleBucket}

// studyPermissions is Permissions of those who take part in studies over many machines. All know
// what there is, how far studies are, what cases are made of and what they resulted in. A worker takes cases, stores
// results and says that it lives, in its own name; it queues no case and changes no bundle. An
// owner does that, and stores no result.
func studyPermissions(role Role, name string) *server.Permissions {
	publish := []string{"$JS.API.INFO", "$JS.API.CONSUMER.INFO." + wire.CaseStream + ".*"}
	for _, s := range studyStreams {
		publish = append(publish, "$JS.API.STREAM.INFO."+s)
		if role == Owner {
			publish = append(publish, "$JS.API.STREAM.CREATE."+s, "$JS.API.STREAM.UPDATE."+s)
		}
	}
	for _, s := range studyStreams[1:] {
		publish = append(publish, "$JS.API.DIRECT.GET."+s, "$JS.API.DIRECT.GET."+s+".>")
	}
	bundles := "OBJ_" + wire.BundleBucket // an object is read by a consumer of the reader's own
	publish = append(publish, "$JS.API.STREAM.NAMES", "$JS.API.CONSUMER.CREATE."+bundles+".>",
		"$JS.API.CONSUMER.DELETE."+bundles+".>", "$JS.FC."+bundles+".>")
	subscribe := []string{wire.InboxPrefix(name) + ".>"}
	if role == Worker {
		publish = append(publish, "$JS.API.CONSUMER.MSG.NEXT."+wire.CaseStream+".*", "$JS.ACK."+wire.CaseStream+".>",
			wire.ResultSubjects+">", "$KV."+wire.AttemptBucket+".>", "$KV."+wire.WorkerBucket+"."+name+".>")
	} else {
		publish = append(publish, "$JS.API.CONSUMER.CREATE."+wire.CaseStream+".>",
			"$JS.API.STREAM.PURGE."+bundles, wire.CaseSubjects, "$KV."+wire.StudyBucket+".>",
			"$O."+wire.BundleBucket+".>")
		subscribe = append(subscribe, wire.ResultSubjects+">")
	}
	return &server.Permissions{Publish: &server.SubjectPermission{Allow: publish},
		Subscribe: &server.SubjectPermission{Allow: subscribe}}
}
