package studycmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/edgeprune/edgeprune/deploy/tempdir"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/study/bundle"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/urfave/cli/v2"
)

const workerText = `Workers on any machines simulate the cases of studies that edgeprune study run --nats URL puts
into a queue of a NATS server with JetStream. They may be started before it or after, and killed at any time: what a
worker had goes to another.

  nats-server -js                                      on one machine
  edgeprune study worker --nats nats://hub:4222        on every machine that is to simulate
  edgeprune study run --nats nats://hub:4222 FILE      where the results are to be
  edgeprune study status --nats nats://hub:4222        anywhere

nats-server is NATS's own program: go install github.com/nats-io/nats-server/v2@latest, or a package of the system.

All run the same program: see edgeprune --version. A worker of another one is refused, as its results may differ.
Keys are made by edgeprune testbed init --worker NAME; then give --testbed FILE instead of --nats. A worker needs no
models, no profiles and no ONNX Runtime: what the cases are made of comes with them.

Ctrl-C completes the cases that are being simulated; a second one ends at once.`

func (a *Commands) workerCommand() *cli.Command {
	return &cli.Command{
		Name: "worker", Usage: "simulate cases of studies that are run elsewhere", Description: workerText,
		Flags: append(farmFlags("`URL` of the NATS server"),
			&cli.IntFlag{Name: "workers", Usage: "simulate `N` cases at a time", DefaultText: "as many as there are cores"},
			&cli.StringFlag{Name: "name", Usage: "`NAME` of this worker", DefaultText: "that of --testbed, else a new one"},
			input.DurationFlag("idle-exit", "end after this `TIME` without a case, as 10m", 0),
		),
		Action: a.worker,
	}
}

func (a *Commands) worker(c *cli.Context) error {
	if c.NArg() > 0 {
		return input.Error(fmt.Errorf("expected no arguments; got %d", c.NArg()))
	}
	n, err := slots(c, "workers")
	if err != nil {
		return err
	}
	who, err := access.Worker(c)
	if err != nil {
		return err
	}
	log := a.Log()
	q, err := a.dial(c, who, log.Logf)
	if err != nil {
		return err
	}
	defer q.Close()
	h := &handler{Commands: a, q: q}
	defer h.close()
	w := &casequeue.Worker{Slots: n, Handler: h, IdleExit: input.Duration(c, "idle-exit")}
	var done int64
	var mu sync.Mutex
	w.Done = func(n int64) {
		mu.Lock()
		defer mu.Unlock()
		done = max(done, n)
	}
	log.Logf("worker %s takes cases at the %s, %d at a time", who.Name, q.Server(), n)
	err = q.Work(c.Context, w)
	mu.Lock()
	defer mu.Unlock()
	log.Logf("worker %s ends; it has simulated %d cases", who.Name, done)
	if errors.Is(err, casequeue.ErrProgram) {
		return input.Error(err)
	}
	return err
}

// mostBundles is how many studies a worker is ready for at a time.
const mostBundles = 4

// handler simulates cases.
type handler struct {
	*Commands
	q      *casequeue.Queue
	mu     sync.Mutex
	opened []*opened // the one that was used last is last
}

// opened is a study that a worker simulates cases of.
type opened struct {
	bundle string
	once   sync.Once
	err    error
	dir    *tempdir.Dir
	design *design.Design
	runner *runner.Runner
}

func (h *handler) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.opened {
		o.close()
	}
	h.opened = nil
}

func (o *opened) close() {
	if o.dir != nil {
		_ = o.dir.Remove() // it goes with the next process that makes one
	}
}

// Compute implements casequeue.Handler.
func (h *handler) Compute(ctx context.Context, c casequeue.Case) ([]byte, error) {
	o, err := h.open(ctx, c.Bundle)
	if err != nil {
		return nil, err
	}
	var levels []string
	if err := json.Unmarshal(c.Data, &levels); err != nil {
		return nil, fmt.Errorf("case %.12s: %w", c.Hash, err)
	}
	p, err := runner.PointOf(o.design, levels)
	if err != nil {
		return nil, err
	}
	row, err := o.runner.One(ctx, p)
	if err != nil {
		return nil, err
	}
	if row.Case != c.Hash {
		return nil, fmt.Errorf("case %.12s is %.12s here: what it is made of differs from what the study's owner has (%s)",
			c.Hash, row.Case, row.Failed)
	}
	return json.Marshal(&row)
}

// GiveUp implements casequeue.Handler.
func (h *handler) GiveUp(c casequeue.Case, why string) ([]byte, error) {
	row := runner.Row{Case: c.Hash, Failed: why}
	_ = json.Unmarshal(c.Data, &row.Levels) // the owner knows them
	return json.Marshal(&row)
}

// open returns a study that is ready.
func (h *handler) open(ctx context.Context, name string) (*opened, error) {
	h.mu.Lock()
	i := slices.IndexFunc(h.opened, func(o *opened) bool { return o.bundle == name })
	var o *opened
	if i >= 0 {
		o = h.opened[i]
		h.opened = slices.Delete(h.opened, i, i+1)
	} else {
		o = &opened{bundle: name}
		if len(h.opened) >= mostBundles {
			h.opened = h.opened[1:] // its files are gone with the process: cases may be running
		}
	}
	h.opened = append(h.opened, o)
	h.mu.Unlock()
	o.once.Do(func() { o.err = h.ready(ctx, o) })
	if o.err != nil { // the next case tries again
		h.mu.Lock()
		defer h.mu.Unlock()
		h.opened = slices.DeleteFunc(h.opened, func(x *opened) bool { return x == o })
	}
	return o, o.err
}

// ready fetches what a study is made of.
func (h *handler) ready(ctx context.Context, o *opened) error {
	data, err := h.q.Download(ctx, o.bundle)
	if err != nil {
		return err
	}
	b, err := bundle.Decode(data)
	if err != nil {
		return err
	}
	if o.dir, err = tempdir.Make("study"); err != nil {
		return err
	}
	spec, base, err := b.Open(o.dir.Path)
	if err != nil {
		return err
	}
	if base.Simulator, err = h.Simulator(base.Cost); err != nil {
		return err
	}
	if o.design, err = designOf(spec, base); err != nil {
		return err
	}
	o.runner, err = runner.New(base, o.design, runner.Nowhere{})
	return err
}
