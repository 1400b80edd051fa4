package wire

import (
	"encoding/json"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Service is the name of an agent in the micro service API; its device is the
// metadata entry Device.
const (
	Service = "edgeprune-agent"
	Device  = "device"
	Version = "1.0.0"
	Bucket  = "edgeprune-models" // of the object store that holds parts of sub-models by SHA-256
)

// Where the object store keeps the bucket: see ADR-20 of NATS.
const (
	BucketStream = "OBJ_" + Bucket
	BucketChunks = "$O." + Bucket + ".C." // and the NUID of an object
	BucketMeta   = "$O." + Bucket + ".M." // and its name in base64
)

// ConnectionName returns what the agent of a device calls its connection to the NATS server.
func ConnectionName(device string) string { return "edgeprune agent " + device }

// DataConnectionName returns what it calls the one of tokens, of what belongs to them, and of
// traces.
func DataConnectionName(device string) string { return ConnectionName(device) + ", data" }

// Verb is a request that an agent answers. Requests, answers, trace batches and reports
// of errors may be of any size: those larger than the server's max_payload travel in
// parts, see PartHeader. Requests of one run come in the
// order of the constants; Claim and Status may come at any time. One that has been answered
// is answered alike if it comes again, so that who gets no answer may repeat it.
type Verb string

// The verbs.
const (
	Claim  Verb = "claim"  // ClaimRequest -> Reply with LeaseNs: the device is the claimer's, or given back
	Load   Verb = "load"   // Load -> Reply: make the kernels, warm up, subscribe
	Start  Verb = "start"  // StartRequest -> Reply with Began: begin at T0
	Stop   Verb = "stop"   // StopRequest -> Reply with Firings: a source ends
	Drain  Verb = "drain"  // RunRequest -> Reply: all that was sent has left
	Finish Verb = "finish" // FinishRequest -> Reply with Status: unload, report
	Status Verb = "status" // StatusRequest or nothing -> Reply with Status
)

// Verbs lists all verbs.
var Verbs = []Verb{Claim, Load, Start, Stop, Drain, Finish, Status}

// LoadRequest hands an agent its part of a plan.
type LoadRequest struct {
	Build
	Run    string          `json:"run"`
	Device int             `json:"device"` // index in the plan's platform
	Plan   json.RawMessage `json:"plan"`
	Models map[int]Model   `json:"models"` // of every actor that runs one

	// Epoch is greater than that of every earlier load of the run on the device, by
	// at least engine.EpochStep.
	Epoch uint64 `json:"epoch"`
	// Recover keeps a journal, so that the run survives the end of the agent's
	// process. Resume goes on with what the journal holds.
	Recover bool `json:"recover,omitempty"`
	Resume  bool `json:"resume,omitempty"`
	// Limits are the firings of sources that have been stopped.
	Limits map[int]int64 `json:"limits,omitempty"`
	// Owner claims the device, as a ClaimRequest does, for an agent that was started again
	// has forgotten who holds it.
	Owner      Owner `json:"owner"`
	PatienceNs int64 `json:"patience_ns,omitempty"`
	// Seal are the public keys, by device, of the peers over sealed links.
	Seal map[string]string `json:"seal,omitempty"`
	// Probe names the devices whose clocks the device shall probe through the run.
	Probe []string `json:"probe,omitempty"`
	// Rates are at how many bytes per second tokens of the device pass links of the plan, as
	// measured, by the links' names. The device tells it to who watches.
	Rates map[string]float64 `json:"rates,omitempty"`
	// Bandwidths are those over time of the device's links whose plan names a trace, by the links'
	// names. They count from the run's start on the device's clock.
	Bandwidths map[string]*profile.Rates `json:"bandwidths,omitempty"`
	// Capacities are those over time of the plan's media that name a trace, by the media's names.
	Capacities map[string]*profile.Rates `json:"capacities,omitempty"`
}

// RunRequest names a run.
type RunRequest struct {
	Run string `json:"run"`
}

// FinishRequest ends a run.
type FinishRequest struct {
	RunRequest
	// Received asks a finished run's agent again, which waits until it knows that all its
	// batches have been received: OtherBytes of the answer are what was sent until then.
	Received bool `json:"received,omitempty"`
}

// StartRequest begins a run: at T0 on the clock of that ID, which may have passed, or, on a
// device with another clock, Lead after the request arrives.
type StartRequest struct {
	RunRequest
	T0    int64  `json:"t0,omitempty"`    // in ns
	Clock string `json:"clock,omitempty"` // its ID; "": of no device
	Lead  int64  `json:"lead"`            // in ns
}

// Began says when a run began on a device.
type Began struct {
	At    int64  `json:"at"`    // in ns, on the device's clock
	Clock string `json:"clock"` // its ID
}

// StopRequest ends a source.
type StopRequest struct {
	RunRequest
	Actor int `json:"actor"`
}

// StatusRequest asks an agent how it is. No data asks the same as the zero StatusRequest.
type StatusRequest struct {
	// Collect has the agent collect garbage and give back to the system what it does not
	// need (runtime/debug.FreeOSMemory), before it reads its memory: what is left is what
	// the agent holds. It is for measurements of memory only, as the collection disturbs
	// firings that are under way.
	Collect bool `json:"collect,omitempty"`
	// Detail asks for AgentStatus.Detail.
	Detail bool `json:"detail,omitempty"`
	// Fingerprint asks for AgentStatus.Fingerprint.
	Fingerprint bool `json:"fingerprint,omitempty"`
	// Reference has the agent time the reference computation, on which no run may be loaded:
	// see AgentStatus.ReferenceNs.
	Reference bool `json:"reference,omitempty"`
}

// Reply answers every request.
type Reply struct {
	Build                    // of the agent
	Error       string       `json:"error,omitempty"`
	NotLoaded   bool         `json:"not_loaded,omitempty"` // the error is that the run is not loaded, or not yet going on
	Plan        bool         `json:"plan,omitempty"`       // the error is in the plan, which is to be corrected
	Held        *Held        `json:"held,omitempty"`       // the error is that somebody else holds the device
	Lacking     []Lacking    `json:"lacking,omitempty"`    // the error is that the object store lacks these
	Incarnation string       `json:"incarnation"`          // of the agent
	LeaseNs     int64        `json:"lease_ns,omitempty"`   // Claim: a lease without patience, in which it is renewed
	Seal        string       `json:"seal,omitempty"`       // Claim, Load: the public key that the device seals with
	Firings     int64        `json:"firings,omitempty"`    // Stop: those that the source has begun
	Epoch       uint64       `json:"epoch,omitempty"`      // Finish: of the load that ran last
	Batches     uint64       `json:"batches,omitempty"`    // Finish: trace batches sent since that load
	Status      *AgentStatus `json:"status,omitempty"`
	Began       *Began       `json:"began,omitempty"` // Start

	// Counted, in the answer to Finish, is what the device's units have counted.
	Counted []trace.Counted `json:"counted,omitempty"`
	// Captured, in the answer to Finish, is what became of the frames of the device's sources
	// that capture them.
	Captured []trace.Captured `json:"captured,omitempty"`
	// WaitedNs, in the answer to Finish, is for how long firings waited for records to be
	// sent, the sum over all lanes.
	WaitedNs int64 `json:"waited_ns,omitempty"`
	// OtherBytes, in the answer to Finish, are those of all messages that the agent has
	// published since the load, but for the parts of tokens that the trace has a Send of.
	// It grows with batches that are sent again: see FinishRequest.
	OtherBytes int64 `json:"other_bytes,omitempty"`
	// Notes, in the answers to Load and Finish, are what kernels have to say to the user.
	Notes []string `json:"notes,omitempty"`
	// State, in the answer to Finish, is that of the device when the run was loaded and now; nil:
	// the agent was not told where to read it.
	State *device.Span `json:"state,omitempty"`
	// Metered, in the answer to Finish, is what the device's meters counted.
	Metered []energy.Metered `json:"metered,omitempty"`
}

// Alive is what an agent says every half second.
type Alive struct {
	Wire        int    `json:"wire"`        // Format; what another one says is not known
	Incarnation string `json:"incarnation"` // of the agent: one start of its process
	Run         string `json:"run"`         // that is loaded; "" if none is

	// Failed is why the run has failed, as the report of that may be lost; "" if it
	// hasn't. It is cut so that the message is small.
	Failed string `json:"failed,omitempty"`

	// Goodbye says, in the last heartbeat, why the agent ends.
	Goodbye string `json:"goodbye,omitempty"`
	// Ended is the last run that the agent has ended by itself.
	Ended *Ended `json:"ended,omitempty"`
	// Fetched is how many bytes of sub-models have arrived for the run that is being loaded, of
	// Fetching; 0 of 0 if none are fetched.
	Fetched  int64 `json:"fetched,omitempty"`
	Fetching int64 `json:"fetching,omitempty"`
}

// AgentStatus says how an agent is.
type AgentStatus struct {
	Device    string    `json:"device"`
	Version   string    `json:"version"`
	Wire      int       `json:"wire"` // its Format; 0: before there were versions
	GoVersion string    `json:"go_version"`
	ORT       string    `json:"ort"`   // version of ONNX Runtime; "" if it is not loaded
	Clock     string    `json:"clock"` // the ID of its monotonic clock
	State     State     `json:"state"`
	Host      string    `json:"host"`
	PID       int       `json:"pid"`
	Started   time.Time `json:"started"`       // by the device's clock of the day
	RSSBytes  int64     `json:"rss_bytes"`     // resident memory of the process; -1 if not known
	Go        GoMemory  `json:"go"`            // what the Go runtime holds of it
	Run       string    `json:"run,omitempty"` // the loaded run
	Held      *Held     `json:"held,omitempty"`
	Frames    int64     `json:"frames"` // that all actors of the device have done
	Total     int64     `json:"total"`  // frames of the run, at most
	// AtNs is when the status was made, on a steady clock of the device, for rates of what
	// follows, which the agent's connection has counted since it was started, and of Frames.
	AtNs          int64  `json:"at_ns"`
	SentBytes     uint64 `json:"sent_bytes"`
	ReceivedBytes uint64 `json:"received_bytes"`
	Reconnects    uint64 `json:"reconnects"`
	// how often it took over a lost peer's work, or began again because a peer went on without it
	Fallbacks int      `json:"fallbacks,omitempty"`
	Waits     []string `json:"waits,omitempty"`  // per actor that is not firing, what it waits for
	Failed    string   `json:"failed,omitempty"` // why the run has failed
	// Rejected are the messages that the agent has dropped because they can't be true, by
	// kind: see Rejected.
	Rejected map[string]uint64 `json:"rejected,omitempty"`
	// Detail is what StatusRequest.Detail has asked for; nil: it has not, or the agent is of a
	// version that can't tell.
	Detail *Detail `json:"detail,omitempty"`
	// Fingerprint is what StatusRequest.Fingerprint has asked for; nil: it has not, or the agent
	// is of a version that can't tell.
	Fingerprint *device.Fingerprint `json:"fingerprint,omitempty"`
	// ReferenceNs is what the reference computation takes on the device now: see package
	// reference. 0: it was not asked for, or the agent is of a version that can't tell.
	ReferenceNs int64 `json:"reference_ns,omitempty"`
}

// State is what an agent does.
type State string

// The states.
const (
	Free    State = "free"    // nobody holds the device
	Claimed State = "claimed" // it is held for a run that is not loaded, or is over
	Loading State = "loading" // kernels are being made
	Loaded  State = "loaded"  // the run has not begun
	Running State = "running"
	Failed  State = "failed" // the run has failed, and was not finished yet
)

// States lists all states.
var States = []State{Free, Claimed, Loading, Loaded, Running, Failed}

// GoMemory is what the Go runtime holds of a process's memory, without what it has
// given back to the system.
type GoMemory struct {
	ObjectBytes  int64 `json:"object_bytes"`  // of objects, live or not yet swept
	FreeBytes    int64 `json:"free_bytes"`    // of the heap beside objects
	StackBytes   int64 `json:"stack_bytes"`   // of goroutines and threads
	RuntimeBytes int64 `json:"runtime_bytes"` // that the runtime needs for itself
}

// Received says that all trace batches of an incarnation before Batches have
// been received: the device may forget them.
type Received struct {
	Epoch   uint64 `json:"epoch"`
	Batches uint64 `json:"batches"`
}
