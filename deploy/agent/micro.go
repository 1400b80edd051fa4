package agent

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/sysstate"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/micro"
)

// What the micro service API answers holds all endpoints and must fit one message, however small
// the server's max_payload is: texts are cut, and of many units the first ones are told.
const (
	microText  = 48 // bytes
	microUnits = 4
)

// metadata are what the micro service API says of the agent: what stays as it is. What can't be
// told is left out.
func (a *Agent) metadata() map[string]string {
	_ = a.loadLibrary() // then it has no version
	all := map[string]string{
		"clock": a.cfg.Clock.ID(), "role": "agent", "host": a.host, "pid": strconv.Itoa(os.Getpid()),
		"version": a.cfg.Version, "wire": strconv.Itoa(wire.Format), "go": runtime.Version(),
		"system": runtime.GOOS + "/" + runtime.GOARCH, "onnxruntime": ort.Version(),
		"providers": strings.Join(ort.Providers(), ","),
	}
	if a.cfg.Root != nil {
		all["power_mode"] = sysstate.Read(a.cfg.Root, 0).PowerMode
	}
	for key, text := range all {
		if all[key] = wire.Clean(text, microText); text == "" {
			delete(all, key)
		}
	}
	all[wire.Device] = a.cfg.Device
	return all
}

// microStats are what the micro service API tells in the statistics of the endpoint of Status.
type microStats struct {
	State   wire.State `json:"state"`
	Run     string     `json:"run,omitempty"`
	Role    string     `json:"role,omitempty"`    // of the device in the run
	Units   []string   `json:"units,omitempty"`   // name and provider
	Frames  int64      `json:"frames"`            // of the run, that all actors of the device have done
	Firings int64      `json:"firings"`           // of the run on all units
	Tokens  int64      `json:"token_bytes_sent"`  // of the run, to other devices
	Sent    uint64     `json:"sent_bytes"`        // of all connections, since the agent was started
	Recv    uint64     `json:"received_bytes"`    // as above
	Dropped uint64     `json:"messages_rejected"` // as they can't be true
}

// microStats returns the statistics that an endpoint has of its own: null of all but that of
// Status, as there is one agent behind all.
func (a *Agent) microStats(e *micro.Endpoint) any {
	if e.Name != string(wire.Status) {
		return nil
	}
	s := a.status()
	m := &microStats{State: s.State, Run: s.Run, Frames: s.Frames, Sent: s.SentBytes, Recv: s.ReceivedBytes}
	for _, n := range s.Rejected {
		m.Dropped += n
	}
	if r := a.running.Load(); r != nil {
		w := r.work()
		m.Role = w.Role
		for i, u := range w.Units {
			if m.Firings += u.Firings; i < microUnits {
				m.Units = append(m.Units, wire.Clean(u.Name+": "+u.Provider, microText))
			}
		}
		for _, l := range w.Links {
			m.Tokens += l.SentBytes
		}
	}
	return m
}
