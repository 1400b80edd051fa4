package figure

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/timeline"
)

func statOf(s float64) result.Stat {
	return result.Stat{Median: s, Mean: s, Low: s * 0.97, High: s * 1.04, Min: s * 0.9, Max: s * 1.2, P95: s * 1.1,
		P99: s * 1.15, N: 20}
}

func rate(fps, spread float64) result.Rate {
	return result.Rate{Interval: interval(fps, spread)}
}

func interval(v, spread float64) stat.Interval {
	return stat.Interval{Value: v, Low: v - spread, High: v + spread, N: 20}
}

func outcome(compute, send, server float64, bytes int64) *result.Outcome {
	part := func(name string, k result.PartKind, on bool, s float64) result.Part {
		return result.Part{Name: name, Kind: k, OnEndpoint: on, Time: statOf(s)}
	}
	o := &result.Outcome{EndpointTime: statOf(compute + send), Latency: statOf(compute + send + server + 0.002),
		Throughput: rate(1/(compute+send+server), 0), BoundaryBytes: bytes}
	o.Parts = []result.Part{part("camera", result.Segment, true, 0.002), part("head", result.Segment, true, compute),
		part("tail", result.Segment, false, server)}
	if bytes > 0 {
		o.Parts = append(o.Parts, part("head.out->tail.in", result.Link, true, send),
			part("head.out->tail.in", result.OneWay, false, send+0.0015))
	}
	return o
}

// energyOf is the energy of an outcome by figures: the endpoint takes 2 W and 5 W more while it
// computes or sends, the server 20 W and 60 W more while it computes.
func energyOf(o *result.Outcome, period float64, means result.Means) *result.Energy {
	end, srv := 2*period+5*o.EndpointTime.Median, 20*period+60*o.Parts[2].Time.Median
	return &result.Energy{Means: means, Devices: []result.DeviceEnergy{
		{Device: "endpoint", Endpoint: true, Joules: &end, Basis: "assumed"},
		{Device: "server", Joules: &srv, Basis: "fitted, residual 3.1 %"},
	}}
}

// wobble is a repeatable error between -8 % and 8 %.
func wobble(i int) float64 { return 1 + 0.08*math.Sin(float64(i)*1.7) }

// ssd is a sweep like that of a detector: 29 cuts with three codecs, two
// endpoints, two links and the three baselines; a third of it is measured.
func ssd() *result.Sweep {
	s := &result.Sweep{
		Kind: result.OfCuts, Experiment: "ssd-tracking", Machine: "2 × Intel Xeon at 2.1 GHz, Linux 6.1, ONNX Runtime 1.23",
		Date: "2025-06-01", Seed: 1, Emulated: true,
		Unverified: []string{"wired: bandwidth and latency from memory of the paper's set-up",
			"wireless: bandwidth and latency from memory of the paper's set-up"},
	}
	n := 0
	for _, e := range []struct {
		name string
		slow float64
	}{{"slow-endpoint", 12}, {"fast-endpoint", 3}} {
		for _, l := range []struct {
			name string
			bw   float64
		}{{"wired", 11.2e6}, {"wireless", 2.3e6}} {
			add := func(label string, b result.Baseline, codec string, share float64, bytes int64, measured bool) {
				n++
				r := result.Row{Case: result.Case{
					Experiment: s.Experiment, Endpoint: e.name, Link: l.name, Label: label, Baseline: b, Codec: codec,
					Slowdown: e.slow, Instances: 1, RawFrame: b == result.RawToServer,
				}}
				r.Stored = outcome(0.006+0.04*share*e.slow, float64(bytes)/l.bw, 0.04*(1-share)+0.001, bytes)
				r.Stored.Energy = energyOf(r.Stored, 1/r.Stored.Throughput.Value, result.BySimulation)
				if measured {
					w := wobble(n)
					r.Measured = outcome((0.006+0.04*share*e.slow)*w, float64(bytes)/l.bw*(2-w), 0.04*(1-share)*w+0.001, bytes)
					r.Measured.Energy = energyOf(r.Measured, 1/r.Measured.Throughput.Value, result.ByModel)
					r.Quality = map[string]float64{"MOTA": 0.97 - 0.02*float64(len(codec)), "IDF1": 0.98 - 0.015*float64(len(codec))}
				}
				s.Rows = append(s.Rows, r)
			}
			for k := 1; k < 30; k++ {
				size := 4 * int64(150*150*32) >> (k / 6)
				for _, c := range []struct {
					codec string
					div   int64
				}{{"none", 1}, {"fp16", 2}, {"int8", 4}} {
					add(fmt.Sprintf("PP%d conv2d_%d/relu6", k, k), "", c.codec, float64(k)/30, size/c.div, k%4 == 1)
				}
			}
			add("all on endpoint", result.AllOnEndpoint, "", 1, 0, true)
			add("all on server, raw", result.RawToServer, "", 0, 1080000, true)
			add("all on server, JPEG", result.JPEGToServer, "jpeg", 0.05, 30000, true)
			if l.name == "wired" {
				two := s.Rows[len(s.Rows)-4]
				two.Instances, two.Measured = 2, outcome(0.4, 0.1, 0.05, 2000)
				s.TwoEndpoints = append(s.TwoEndpoints, two)
			}
		}
	}
	for i := 1; i <= 24; i++ {
		f := result.FactorPoint{Slowdown: float64(i), BestCut: "PP3"}
		v := 0.9 * float64(i) / (1 + 0.05*float64(i))
		f.SimSpeedup = stat.Interval{Value: v, Low: 0.97 * v, High: 1.04 * v, N: 40}
		if i == 3 || i == 12 {
			m := v * wobble(i)
			f.MeasuredSpeedup = &stat.Interval{Value: m, Low: 0.95 * m, High: 1.05 * m, N: 20}
		}
		s.Factors = append(s.Factors, f)
	}
	return s
}

// view is the timeline of two instances that share a server.
func view(instances, of int) *timeline.View {
	v := &timeline.View{
		Plan: "ssd-tracking PP5", Driver: "sim", Emulated: true, From: 100e6, To: 260e6, Of: of,
		Actors: []string{"camera", "mobilenet[0:5]", "mobilenet[5:13]", "tracker"},
	}
	server := timeline.Lane{Name: "server cpu", Rows: 2}
	for i := range instances {
		device := fmt.Sprintf("endpoint-%d", i)
		v.Instances = append(v.Instances, device)
		cpu := timeline.Lane{Name: device + " cpu", Rows: 1}
		link := timeline.Lane{Name: device + " → server (wired)", Rows: 1}
		for n := range int64(3) {
			at := 100e6 + n*60e6 + 5e6*int64(i)
			block := func(start, end int64, actor, row int, send bool) timeline.Block {
				return timeline.Block{
					Start: at + start, End: at + end, Frame: n, Actor: actor, Instance: i, Row: row, Send: send,
				}
			}
			cpu.Blocks = append(cpu.Blocks, block(0, 1e6, 0, 0, false), block(1e6, 45e6, 1, 0, false))
			link.Blocks = append(link.Blocks, block(45e6, 80e6, 1, 0, true))
			server.Blocks = append(server.Blocks, block(82e6, 97e6, 2, i%2, false), block(97e6, 98e6, 3, i%2, false))
		}
		v.Lanes = append(v.Lanes, cpu, link)
	}
	server.Blocks = append(server.Blocks, timeline.Block{Start: 110e6, End: 120e6, Actor: -1, Instance: -1})
	v.Lanes = append(v.Lanes, server)
	return v
}
