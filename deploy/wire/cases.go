package wire

// What studies over many machines use at a NATS server; see package casequeue. It lies in
// an account of its own where the server has accounts.
const (
	CaseStream   = "edgeprune-cases"   // work queue of cases
	ResultBucket = "edgeprune-results" // key-value: results by CaseKey
	StudyBucket  = "edgeprune-studies" // key-value: how far studies are
	WorkerBucket = "edgeprune-workers" // key-value: which workers live
	// AttemptBucket counts how often cases were begun again, by CaseKey.
	AttemptBucket = "edgeprune-attempts"
	BundleBucket  = "edgeprune-bundles" // objects: what cases are of, by SHA-256

	CaseSubjects = "edgeprune.case.>" // of CaseStream
	// ResultSubjects are those of the results of all programs.
	ResultSubjects = "$KV." + ResultBucket + "."
)

// CaseKey is the key of a case's result: that of the program, and the content hash of the
// case. Programs that differ have different keys.
func CaseKey(program, hash string) string { return program + "." + hash }

// CaseSubject is where a case is queued.
func CaseSubject(program, hash string) string { return "edgeprune.case." + CaseKey(program, hash) }

// CaseConsumer is the name of the consumer that all workers of a program share.
func CaseConsumer(program string) string { return "workers-" + program }
