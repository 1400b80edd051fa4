package metrics

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	prefix    = "edgeprune_"
	textBytes = 128 // of a label
)

// writer writes the metrics of one scrape.
type writer struct {
	ch   chan<- prometheus.Metric
	seen map[string]bool // names with labels
}

// text makes the name of something fit to be a label.
func text(name string) string { return wire.Clean(name, textBytes) }

func (w *writer) counter(name, help string, value float64, labels ...string) {
	w.write(prometheus.CounterValue, name, help, value, labels)
}

func (w *writer) gauge(name, help string, value float64, labels ...string) {
	w.write(prometheus.GaugeValue, name, help, value, labels)
}

// write writes one value with labels: their names and values by turns. Of things of one name, such
// as two thermal zones of one type, the later ones get numbers.
func (w *writer) write(kind prometheus.ValueType, name, help string, value float64, labels []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, text(labels[i+1]))
	}
	key := func() string { return name + "\x00" + strings.Join(values, "\x00") }
	for n, first := 2, append([]string(nil), values...); w.seen[key()]; n++ {
		if len(values) == 0 {
			return // it can't be told apart
		}
		values[0] = fmt.Sprint(first[0], " ", n)
	}
	w.seen[key()] = true
	m, err := prometheus.NewConstMetric(prometheus.NewDesc(prefix+name, help, names, nil), kind, value, values...)
	if err != nil {
		m = prometheus.NewInvalidMetric(prometheus.NewDesc(prefix+name, help, names, nil), err)
	}
	w.ch <- m
}

// work writes what a device has done.
func (w *writer) work(of *wire.Work) {
	for _, u := range of.Units {
		l := []string{"unit", u.Name, "provider", u.Provider}
		w.counter("firings_total", "Firings of actors that are done.", float64(u.Firings), l...)
		w.counter("unit_busy_seconds_total", "Time that firings took, the sum over all lanes of the unit.", seconds(u.BusyNs),
			l...)
		w.gauge("unit_lanes", "Firings that the unit may run at a time.", float64(u.Lanes), l...)
	}
	for _, c := range of.Links {
		l := []string{"link", c.Name, "peer", c.Peer}
		w.counter("sent_tokens_total", "Tokens that were sent to the peer, each once.", float64(c.SentTokens), l...)
		w.counter("sent_bytes_total", "Bytes of these tokens.", float64(c.SentBytes), l...)
		w.counter("resent_tokens_total", "Tokens that were sent to the peer once more.", float64(c.ResentTokens), l...)
		w.counter("received_tokens_total", "Tokens of the peer that have wholly arrived.", float64(c.ReceivedTokens), l...)
		w.counter("received_bytes_total", "Bytes of these tokens.", float64(c.ReceivedBytes), l...)
		w.counter("link_busy_seconds_total", "Time for which tokens occupied the sender's side of the link to the peer.",
			seconds(c.BusyNs), l...)
		if c.BytesPerSec > 0 {
			w.gauge("link_bandwidth_bytes_per_second",
				"Bandwidth of the link to the peer, as the plan gives it or as it was measured.", c.BytesPerSec, l...)
		}
	}
	for _, f := range of.FIFOs {
		l := []string{"fifo", f.Name, "peer", f.Peer}
		w.gauge("fifo_tokens", "Tokens whose memory is in use, or spoken for.", float64(f.Tokens), l...)
		w.gauge("fifo_capacity_tokens", "Tokens that the FIFO has room for.", float64(f.Capacity), l...)
		if f.Sends {
			w.gauge("fifo_credit_tokens", "Tokens that may be sent before the peer has committed one.",
				float64(f.Capacity-f.Tokens), l...)
		}
	}
	w.counter("captured_frames_total", "Frames that sources captured by themselves.", float64(of.Captured))
	w.counter("dropped_frames_total", "Frames of these that never entered, by the drop policy.", float64(of.Dropped))
	w.counter("fallbacks_total", "How often the device has taken over a lost peer's work, or has begun again because "+
		"a peer went on without it.", float64(of.Fallbacks))
	w.counter("record_wait_seconds_total", "Time for which firings waited for records to be sent, the sum over all lanes.",
		seconds(of.WaitedNs))
	if e := of.Energy; e != nil {
		w.counter("energy_joules_total", "What the power meters of the device counted during runs.", e.Joules)
		w.counter("energy_measured_seconds_total", "Time that the energy is of.", seconds(e.CoveredNs))
	}
}

// state writes the state of a device.
func (w *writer) state(of *device.State) {
	for _, z := range of.Zones {
		w.gauge("temperature_celsius", "Temperature of a part of the device.", z.Celsius, "zone", z.Name)
	}
	for _, c := range of.Clocks {
		if c.Hz > 0 {
			w.gauge("clock_hertz", "Clock frequency of a processor or accelerator.", c.Hz, "of", c.Of, "governor", c.Governor)
		}
	}
	for _, t := range of.Throttled {
		if t.Flag {
			w.gauge("throttled", "1 while the device slows itself down for this reason.", float64(t.Value), "reason", t.Name)
			continue
		}
		w.counter("throttle_events_total", "How often the device has slowed itself down, since it was started.",
			float64(t.Value), "counter", t.Name)
	}
	if of.PowerMode != "" {
		w.gauge("power_mode_info", "Power mode of the device; always 1.", 1, "mode", of.PowerMode)
	}
	if m := of.Memory; m != nil {
		w.gauge("memory_available_bytes", "Memory of the device that programs can still have.", float64(m.Available))
	}
}

func seconds(ns int64) float64 { return float64(ns) / 1e9 }
