package coordinator

import (
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/deploy/transport"
)

// missing tells the user, in a run with patience, what is waited for. Only watchAgents uses it.
type missing struct {
	run     *run
	server  bool         // that the connection is lost has been told
	devices map[int]bool // whose silence has been told
	again   map[int]int  // by device: the restarts that have been told
}

func newMissing(r *run) *missing {
	return &missing{run: r, devices: map[int]bool{}, again: map[int]int{}}
}

func (m *missing) note(format string, args ...any) {
	if m.run.driver.Note != nil {
		m.run.driver.Note(fmt.Sprintf(format, args...))
	}
}

// look tells what has changed. Times are since the run began, as the same text may be shown
// only once.
func (m *missing) look(begun time.Time) {
	r := m.run
	if r.driver.Patience == 0 {
		return
	}
	now := time.Since(begun).Round(time.Millisecond)
	connected := r.nc.IsConnected()
	switch {
	case !connected && !m.server:
		m.note("%v into the run: the connection to the %s is lost; waiting for it for up to %v", now,
			transport.Server(r.nc), r.driver.Patience)
	case connected && m.server:
		m.note("%v into the run: the %s is there again", now, transport.Server(r.nc))
	}
	if m.server = !connected; m.server {
		return // nothing is heard of any device
	}
	for _, a := range r.agents {
		name := r.name(a.device)
		if n := a.restarts(); n > m.again[a.device] {
			m.again[a.device] = n
			m.note("%v into the run: the agent of device %s was started again and goes on with what it saved", now, name)
		}
		silent := a.silent()
		switch told := m.devices[a.device]; {
		case silent > silence && !told:
			m.note("%v into the run: device %s has been silent for %v; waiting for it for up to %v", now, name,
				silent.Round(time.Millisecond), r.driver.Patience)
		case silent <= silence && told:
			m.note("%v into the run: device %s is heard again", now, name)
		}
		m.devices[a.device] = silent > silence
	}
}
