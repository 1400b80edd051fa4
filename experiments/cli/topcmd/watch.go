package topcmd

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
)

const (
	discoverFor   = 500 * time.Millisecond // for agents to answer
	discoverEvery = 10                     // looks
	answerLimit   = 3 * time.Second        // for one agent to answer
)

// errNoDevices says that no agent answers.
var errNoDevices = errors.New("top: no agent answers at the NATS server; start them with edgeprune agent")

// watch looks at a testbed again and again. A device that was there once keeps its row.
type watch struct {
	driver      *coordinator.Driver
	looks       int
	names       map[string]bool
	before, now []live.Reading
}

// look asks all devices, and now and then which there are.
func (w *watch) look(ctx context.Context) error {
	if w.looks%discoverEvery == 0 {
		found, err := coordinator.Discover(ctx, w.driver.Conn, discoverFor)
		if err != nil && w.looks == 0 {
			return err
		}
		if w.names == nil {
			w.names = map[string]bool{}
		}
		maps.Copy(w.names, found)
		if len(w.names) == 0 && ctx.Err() == nil {
			return errNoDevices
		}
	}
	w.looks++
	w.before, w.now = w.now, w.ask(ctx)
	return nil
}

// ask asks all devices at once.
func (w *watch) ask(ctx context.Context) []live.Reading {
	names := slices.Sorted(maps.Keys(w.names))
	list := make([]live.Reading, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			limited, cancel := context.WithTimeout(ctx, answerLimit)
			defer cancel()
			list[i].Device = name
			s, err := w.driver.Detail(limited, name)
			if err != nil {
				list[i].Error = err.Error()
				return
			}
			list[i].Status = s
		})
	}
	wg.Wait()
	return list
}

// screen is what the last two looks show.
func (w *watch) screen() live.Screen { return live.ScreenOf(w.before, w.now) }
