package coordinator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/lease"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"golang.org/x/sync/errgroup"
)

const (
	waitEvery    = 500 * time.Millisecond // to ask for a device that somebody else holds
	releaseLimit = 300 * time.Millisecond // for devices to answer that they are free
)

// leases are those that a run has on devices.
type leases struct {
	mu      sync.Mutex
	devices []string
	every   time.Duration // to renew them; 0: there is none
	changed chan struct{} // told when every has become less
}

// name returns the driver's in subjects. It may be called from any goroutine.
func (d *Driver) name() string {
	if d.Name != "" {
		return d.Name
	}
	d.making.Do(func() { d.made = NewName() })
	return d.made
}

// build says what the driver speaks.
func (d *Driver) build() wire.Build { return wire.Build{Wire: wire.Format, Program: d.Version} }

// owner says who the driver's process is to others.
func (d *Driver) owner(coordinator string) wire.Owner {
	host, _ := os.Hostname() // who doesn't know it, doesn't say it
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return wire.Owner{Coordinator: coordinator, Host: host, User: name, PID: os.Getpid(), ID: d.made}
}

// heldError says who holds a device. It is an ErrHeld.
type heldError struct {
	device string
	held   wire.Held
}

func (e *heldError) Error() string {
	return fmt.Sprintf("%v: device %s is %v; wait for it with --wait, or end that run with --take", ErrHeld, e.device,
		e.held)
}

func (e *heldError) Unwrap() error { return ErrHeld }

// endedError says why an agent has ended a run.
func endedError(device string, e *wire.Ended) error {
	if e.By != nil {
		return fmt.Errorf("%w: device %s was taken by %v", ErrTaken, device, *e.By)
	}
	return fmt.Errorf("%w: the agent of device %s has ended the run: %s", ErrAgentLost, device, e.Why)
}

// claim claims the devices, one after the other by name: of two coordinators that wait for
// the same devices, one gets all.
func (r *run) claim() error {
	devices := r.devices()
	slices.SortFunc(devices, func(a, b int) int { return cmp.Compare(r.name(a), r.name(b)) })
	for _, device := range devices {
		if err := r.claimOne(device); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) claimOne(device int) error {
	req := wire.ClaimRequest{Build: r.driver.build(), RunRequest: wire.RunRequest{Run: r.id}, Owner: r.owner,
		Take: r.driver.Take, PatienceNs: int64(r.driver.Patience), Seal: len(r.sealedPeers(device)) > 0}
	var told wire.Held
	for {
		reply, err := r.ask(r.ctx, device, wire.Claim, answerLimit, req)
		if err == nil {
			r.leases.add(r.name(device), time.Duration(reply.LeaseNs))
			return r.noteKey(r.agents[device], reply)
		}
		if errors.Is(err, wire.ErrVersion) { // it may be held all the same: let it go in the end
			r.leases.add(r.name(device), 0)
		}
		var held *heldError
		if !errors.As(err, &held) || !r.driver.Wait {
			return err
		}
		if held.held != told && r.driver.Waiting != nil {
			told = held.held
			r.driver.Waiting(fmt.Sprintf("waiting for device %s, %v", r.name(device), held.held))
		}
		select {
		case <-r.ctx.Done():
			return context.Cause(r.ctx)
		case <-time.After(waitEvery):
		}
	}
}

// add adds a device, whose lease is to be renewed several times in a base time.
func (l *leases) add(device string, base time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if base <= 0 {
		base = lease.Base
	}
	l.devices = append(l.devices, device)
	if every := base / lease.Renewals; l.every == 0 || every < l.every {
		l.every = every
		select {
		case l.changed <- struct{}{}:
		default:
		}
	}
}

func (l *leases) all() ([]string, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.devices), l.every
}

// renewLeases renews the leases until the run is done.
func (r *run) renewLeases() {
	every := time.Duration(0)
	for {
		var next <-chan time.Time
		if every > 0 {
			next = time.After(every)
		}
		select {
		case <-r.done:
			return
		case <-r.leases.changed:
		case <-next:
		}
		var devices []string
		devices, every = r.leases.all()
		for _, device := range devices {
			// What is lost is said again, and again.
			_ = r.nc.Publish(wire.LeaseSubject(r.coordinator, device, r.id), nil)
		}
	}
}

// release gives the devices back, as far as their agents answer. Others have them back when
// the lease is over.
func (r *run) release() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), releaseLimit)
	defer cancel()
	devices, _ := r.leases.all()
	var g errgroup.Group
	for _, device := range devices {
		g.Go(func() error {
			req := wire.ClaimRequest{Build: r.driver.build(), RunRequest: wire.RunRequest{Run: r.id}, Owner: r.owner,
				Release: true}
			_, err := r.driver.ask(ctx, r.coordinator, device, wire.Claim, req)
			return err
		})
	}
	_ = g.Wait()
}
