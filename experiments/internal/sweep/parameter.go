package sweep

import (
	"maps"
	"slices"
	"strconv"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// parameter compares values of a parameter, under every codec.
type parameter struct {
	x    *Experiment
	ends []string // see findEnds
}

func newParameter(x *Experiment) (*parameter, error) {
	k := &parameter{x: x}
	return k, k.findEnds()
}

func (k *parameter) describe(s *result.Sweep) {
	sw := k.x.Spec.Sweep
	s.Swept = &result.Swept{Param: sw.Name(), Always: sw.Always, Quality: sw.Quality, Loss: sw.Loss}
}

func (k *parameter) links() []string                         { return k.x.linkNames() }
func (*parameter) precision() float64                        { return 0 } // both drivers run the same frames
func (*parameter) FramesGiven() bool                         { return true }
func (*parameter) Together() bool                            { return false }
func (*parameter) Statistic() string                         { return "mean" } // so is that of the table
func (k *parameter) ResultKey(c result.Case) (string, error) { return k.x.firings(c) }

// ProfiledFirst is said of cases whose dynamic part always runs.
func (k *parameter) ProfiledFirst(c result.Case) bool { return c.Value == k.x.Spec.Sweep.Always }

// cases lists the three baselines, whose dynamic part always runs, then every codec
// with every value.
func (k *parameter) cases(base result.Case) []result.Case {
	sw := k.x.Spec.Sweep
	base.PP, base.Param, base.Value = -1, sw.Name(), sw.Always
	cases := result.BaselineCases(base)
	for _, name := range k.x.Spec.Codecs {
		for _, v := range sw.Values {
			c := base
			c.Label, c.Codec, c.Value = sw.Param+" "+strconv.FormatFloat(v, 'g', -1, 64), name, v
			if v == sw.Always {
				c.Label += " (always on)"
			}
			cases = append(cases, c)
		}
	}
	return cases
}

// application returns the application with the parameter at a value.
func (k *parameter) application(v float64) planfile.Application {
	app, sw := k.x.Spec.Application, k.x.Spec.Sweep
	app.Actors = slices.Clone(app.Actors)
	for i := range app.Actors {
		if a := &app.Actors[i]; a.Name == sw.Actor {
			a.Params = maps.Clone(a.Params)
			if a.Params == nil {
				a.Params = map[string]any{}
			}
			a.Params[sw.Param] = v
		}
	}
	return app
}

func (k *parameter) fill(f *planfile.File, c result.Case) *yamlfile.Doc {
	f.Platform = k.x.platform([]string{c.Endpoint}, c.Link)
	f.Application = k.application(c.Value)
	f.Instances = []planfile.Instance{{Mapping: k.mapping(c), Codec: c.Codec, Calibration: k.x.Spec.Calibration}}
	return k.x.Spec.Doc()
}

// mapping maps the application of a case.
func (k *parameter) mapping(c result.Case) []planfile.Assign {
	endpoint, server := k.x.units(c.Endpoint)
	switch c.Baseline {
	case result.AllOnEndpoint:
		return []planfile.Assign{{Unit: endpoint}}
	case result.RawToServer, result.JPEGToServer:
		return []planfile.Assign{{Unit: endpoint, Actors: k.ends}, {Unit: server}}
	}
	mapping := slices.Clone(k.x.Spec.Sweep.Mapping)
	for i := range mapping {
		mapping[i].Unit = map[string]string{spec.OnEndpoint: endpoint, spec.OnServer: server}[mapping[i].Unit]
	}
	return mapping
}

// findEnds notes the actors that stay on the endpoint when all else lies on the
// server: the source, and the sink if the sweep's mapping has it there, too.
func (k *parameter) findEnds() error {
	e, l := k.x.Spec.Endpoints[0].Name, k.x.Spec.Links[0].Name
	swept := k.cases(result.Case{Experiment: k.x.Spec.Experiment, Endpoint: e, Link: l, Slowdown: 1, Instances: 1})[3]
	f := &planfile.File{Application: k.x.Spec.Application, Workload: plan.Workload{Kind: plan.Offline, Frames: 1}}
	p, err := compile.Compile(f.At(k.fill(f, swept)), k.x.Models)
	if err != nil {
		return err
	}
	source := false
	for a, w := range p.Work {
		if (w.Source || w.Sink) && p.DeviceOf(a).Name == e {
			k.ends = append(k.ends, p.Graph.Actors[a].Name)
			source = source || w.Source
		}
	}
	if !source {
		return k.x.Spec.Errorf("$.sweep.mapping", "the source lies on the server; frames come from the endpoint")
	}
	return nil
}

// quick says that a case is of the first endpoint, link and codec: the oracle alone
// takes long for all of them.
func (k *parameter) quick(c result.Case) bool {
	s := k.x.Spec
	return c.Endpoint == s.Endpoints[0].Name && c.Link == s.Links[0].Name && (c.Baseline != "" || c.Codec == s.Codecs[0])
}

// record is a run that found rows.
func (k *parameter) record(rows []result.Row) *result.Sweep {
	s := &result.Sweep{Kind: result.OfParameter, Rows: rows}
	k.describe(s)
	return s
}

// headline returns the baselines, and of every codec the value always on and the trade.
func (k *parameter) headline(rows []result.Row, group []int, _ Effort) []int {
	trades := result.Trades(k.record(rows))
	traded := func(row *result.Row) bool {
		return slices.ContainsFunc(trades, func(t result.Trade) bool {
			return t.Endpoint == row.Endpoint && t.Link == row.Link && t.Codec == row.Codec && t.Value == row.Value
		})
	}
	var chosen []int
	for _, i := range group {
		if row := &rows[i]; row.Baseline != "" || row.Value == k.x.Spec.Sweep.Always || traded(row) {
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// choose returns the headline's rows, and of every codec others spread over the list.
func (k *parameter) choose(rows []result.Row, group []int, e Effort) []int {
	chosen := k.headline(rows, group, e)
	byCodec := map[string][]int{}
	for _, i := range group {
		row := &rows[i]
		if e == Complete {
			chosen = append(chosen, i)
		}
		if row.Baseline == "" {
			byCodec[row.Codec] = append(byCodec[row.Codec], i)
		}
	}
	for _, of := range byCodec {
		for _, i := range spread(len(of), number(k.x.Spec.Measure, e)) {
			chosen = append(chosen, of[i])
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

func (k *parameter) shown() (*planfile.File, string, error) {
	f, c := k.x.firstCase()
	return f, "of endpoint " + c.Endpoint + " on link " + c.Link, nil
}
