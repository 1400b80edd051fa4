package planfile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const linkPlan = cameraAndSink + `platform:
  devices: [{name: d, role: endpoint, units: [{name: cpu}]}, {name: e, role: server, units: [{name: cpu}]}]
  links:
    - {name: wifi, between: [d, e],
       KEYS}
instances: [{mapping: [{unit: d.cpu, actors: [cam]}, {unit: e.cpu}]}]
workload: {kind: offline, frames: 1}
`

// withLink returns the plan file whose link has more keys.
func withLink(keys string) (*planfile.File, error) {
	f, err := planfile.Parse("p.yaml", []byte(strings.Replace(linkPlan, "KEYS", keys, 1)))
	if err == nil {
		err = f.Check()
	}
	return f, err
}

func TestImpairments(t *testing.T) {
	for keys, want := range map[string]plan.Link{
		"jitter: none":                         {Jitter: plan.Jitter{Kind: plan.NoJitter}},
		"jitter: empirical, profile: lab.json": {Jitter: plan.Jitter{Kind: plan.Empirical}, Profile: "lab.json"},
		"jitter: {kind: constant, mean: 2ms}":  {Jitter: plan.Jitter{Kind: plan.ConstantJitter, Mean: 2e6}},
		"jitter: {kind: normal, stddev: 2ms}":  {Jitter: plan.Jitter{Kind: plan.NormalJitter, Stddev: 2e6}},
		"jitter: {kind: gamma, mean: 3ms, stddev: 2ms}": {Jitter: plan.Jitter{Kind: plan.GammaJitter, Mean: 3e6,
			Stddev: 2e6}},
		"loss: {rate: 0.01, timeout: 200ms}": {Loss: plan.Loss{Rate: 0.01, Timeout: 200 * time.Millisecond}},
		"loss: {rate: 0, timeout: 1s, model: message, window: 128KiB}": {Loss: plan.Loss{Timeout: time.Second,
			Model: plan.MessageLoss, Window: 128 << 10}},
		"loss: {rate: 0.01, model: tcp}": {Loss: plan.Loss{Rate: 0.01, Model: plan.TCPLoss}},
		"outages: [{from: 3s, for: 1s}, {from: 0s, for: 1ms, every: 1s}]": {Outages: []plan.Outage{
			{From: 3 * time.Second, For: time.Second}, {For: time.Millisecond, Every: time.Second}}},
	} {
		f, err := withLink(keys)
		require.NoError(t, err, keys)
		got := f.Platform.Links[0]
		want.Name, want.Between, want.Pos = got.Name, got.Between, got.Pos
		assert.Equal(t, want, got, keys)
		text, err := yaml.Marshal(got)
		require.NoError(t, err)
		var again plan.Link
		require.NoError(t, yaml.Unmarshal(text, &again), "%s", text)
		again.Pos = got.Pos
		assert.Equal(t, got, again, "%s", text)
	}
	plain, err := yaml.Marshal(plan.Link{Name: "wifi"})
	require.NoError(t, err)
	for _, key := range []string{"jitter", "loss", "outages"} {
		assert.NotContains(t, string(plain), key, "what is not said is not written")
	}
}

func TestImpairmentsThatCanNotBe(t *testing.T) {
	const bad = "bad platform: link wifi: "
	for _, tt := range []struct{ keys, says string }{
		{"jitter: gaussian", "16: " + bad + `jitter "gaussian"; expected none, empirical, constant, normal or gamma`},
		{"jitter: empirical", "16: " + bad + "empirical jitter is drawn from a profile; name its file, which edgeprune " +
			"testbed " +
			"probe writes"},
		{"jitter: {mean: 2ms}", "17: " + bad + "jitter has no kind; expected constant, normal or gamma, such as {kind: " +
			"gamma, mean: 3ms, stddev: 2ms}"},
		{"jitter: {kind: none, mean: 2ms}", "17: " + bad + "none jitter has no mean and no stddev; remove them"},
		{"jitter: {kind: constant, mean: 2ms, stddev: 1ms}", "17: " + bad + "constant jitter has no stddev; remove it, " +
			"or take " +
			"kind: normal or gamma"},
		{"jitter: {kind: normal, mean: -2ms}", "17: " + bad + "jitter of mean -2ms and stddev 0s; expected times from " +
			"0 to " +
			"8784h0m0s"},
		{"jitter: {kind: normal, stddev: 10000h}", "17: " + bad + "jitter of mean 0s and stddev 10000h0m0s; expected " +
			"times from " +
			"0 to 8784h0m0s"},
		{"jitter: {kind: gamma, stddev: 2ms}", "17: " + bad + "gamma jitter of mean 0 and stddev 2ms; give a mean " +
			"above 0, such " +
			"as mean: 3ms"},
		{"jitter: {kind: gamma, mean: 1us, stddev: 2ms}", "17: " + bad + "gamma jitter of mean 1µs and stddev 2ms; a " +
			"stddev of " +
			"more than 10 means is hardly ever anything but 0"},
		{"jitter: {kind: gamma, mean: 3, stddev: 2ms}", "36: bad quantity: expected a duration with its unit, such as " +
			"3ms, 3s or " +
			`3us; found "3"`},
		{"jitter: {kind: gamma, sigma: 2ms}", `30: unknown field "sigma"; mend the spelling or remove it`},
		{"loss: {rate: 1, timeout: 1s}", "15: " + bad + "loss rate 1; expected a fraction from 0 to 0.99, such as 0.01 " +
			"for one in " +
			"a hundred"},
		{"loss: {rate: -0.1, timeout: 1s}", "15: " + bad + "loss rate -0.1; expected a fraction from 0 to 0.99, such " +
			"as 0.01 for " +
			"one in a hundred"},
		{"loss: {rate: .nan, timeout: 1s}", "21: expected a number such as 0.5, found .nan"},
		{"loss: {rate: 0.3, model: tcp}", "15: " + bad + "loss rate 0.3; expected a fraction from 0 to 0.2, such as " +
			"0.01 for one " +
			"in a hundred"},
		{"loss: {rate: 0.1}", "15: " + bad + "losses of messages have no timeout; say after which time they are sent " +
			"again, such " +
			"as timeout: 200ms"},
		{"loss: {rate: 0.1, timeout: -1s}", "15: " + bad + "loss timeout -1s; expected a time from 0 to 8784h0m0s"},
		{"loss: {rate: 0.1, model: udp}", "15: " + bad + `loss model "udp"; expected message or tcp`},
		{"loss: {rate: 0.1, timeout: 1s, window: 1000}", "15: " + bad + "loss window of 1000 bytes; expected 0, which " +
			"is any " +
			"number of bytes, or at least one message of 65536 bytes"},
		{"loss: {rate: 0.1, model: tcp, window: 1kB}", "15: " + bad + "loss window of 1000 bytes; expected 0, which is " +
			"any " +
			"number of bytes, or at least one segment of 1448 bytes"},
		{"loss: {rate: 0.1, model: tcp, window: big}", "46: bad quantity: expected bytes, such as 64KiB, 1.5MB or " +
			"65536; found " +
			`"big"`},
		{"outages: [{from: 1s}]", "19: " + bad + "outage for 0s; expected a time above 0, at most 8784h0m0s"},
		{"outages: [{from: -1s, for: 1s}]", "19: " + bad + "outage from -1s; expected a time since the run's start " +
			"from 0 to " +
			"8784h0m0s"},
		{"outages: [{from: 1s, for: 1s}, {from: 1s, for: 1s, every: 1s}]", "40: " + bad + "outage for 1s every 1s: " +
			"nothing " +
			"would ever cross again; let it be shorter"},
		{"outages: [{from: 0s, for: 1us, every: 2us}]", "19: " + bad + "outage every 2µs; expected 1ms to 8784h0m0s, " +
			"or none for " +
			"one that happens once"},
		{"outages: [{from: 0s, for: 1s, every: 2s}, {from: 1s, for: 1s, every: 2s}]", "51: " + bad + "outages that " +
			"come again " +
			"take all the time together; let them be shorter or rarer"},
	} {
		_, err := withLink(tt.keys)
		require.Error(t, err, tt.keys)
		assert.EqualError(t, err, "bad input: p.yaml:12:"+tt.says, tt.keys)
	}
}
