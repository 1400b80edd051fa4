package coordinator

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// epochBits is how many bits of an epoch nobody can know from the one before. Starting below
// 2^63, an agent may be started again more than 32,000 times before epochs run out.
const epochBits = 48

// nextEpoch returns an epoch for a device's next incarnation: greater than the last one by
// at least engine.EpochStep, and not to be guessed, so that nobody can make messages of it
// who has not seen one. A last epoch of 0 means that there was none.
func nextEpoch(last uint64) uint64 {
	bits := epochBits
	if last == 0 {
		bits = 63
	}
	return last + engine.EpochStep + random(bits)
}

// random returns a number of so many bits.
func random(bits int) uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.LittleEndian.Uint64(b[:]) >> (64 - bits)
}

// lookInto restores the run on an agent of which a heartbeat claims that it was started
// again, if the agent itself says so: anybody's heartbeat must not have it loaded again, nor
// let the trace be checked less strictly.
func (r *run) lookInto(a *agentState, incarnation string) {
	ctx, cancel := context.WithTimeout(r.ctx, askAgain)
	defer cancel()
	reply, err := r.askOnce(ctx, a.device, wire.Status, nil)
	if err != nil || reply.Incarnation != incarnation {
		a.restored() // if it is true, the next heartbeat claims it again
		return
	}
	a.restarted(incarnation)
	if r.driver.Patience == 0 {
		r.fail(fmt.Errorf("%w: the agent of device %s was started again during the run", ErrAgentLost, r.name(a.device)))
		return
	}
	r.restore(a)
}

// restore gives the run to an agent that has been started again. start may ask the same
// agent at the same time: whichever finds the run loaded starts it, and the agent
// starts it once.
func (r *run) restore(a *agentState) {
	err := r.load(a)
	a.restored()
	if err == nil && r.t0.Load() != 0 {
		err = r.startOne(a.device)
	}
	if err != nil && !errors.Is(err, errNotLoaded) && !errors.Is(err, context.Canceled) {
		r.fail(err)
	}
}
