package planfile_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const countPlan = cameraAndSink + `platform:
  devices:
    - {name: nano, role: endpoint, units: [{name: cpu}]}
    - {name: nx, role: endpoint, units: [{name: cpu}, {name: gpu}]}
    - {name: bare, role: endpoint, units: [{name: npu}]}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wifi, between: [nano, server], latency: 2ms}
    - {name: lte, between: [server, nano], latency: 40ms}
    - {name: cable, between: [nx, server]}
    - {name: loop, between: [nano, nx]}
instances:
  - {name: c, INSTANCE mapping: [{unit: nano.cpu, through: cam}, {unit: server.cpu}]}
  MORE
workload: {kind: offline, frames: 9}
`

// counted returns a plan file whose instance has more keys, and more instances.
func counted(t *testing.T, instance, more string) *planfile.File {
	t.Helper()
	f, err := planfile.Parse("p.yaml", []byte(strings.NewReplacer("INSTANCE", instance, "MORE", more).Replace(countPlan)))
	require.NoError(t, err)
	return f
}

// copied lists what an expanded file has: instances with their units, devices and links.
func copied(t *testing.T, f *planfile.File) (lines []string) {
	t.Helper()
	require.NoError(t, f.Check())
	before := fmt.Sprint(f.Platform, f.Instances)
	x, err := f.Expanded()
	require.NoError(t, err)
	for _, i := range x.Instances {
		line := i.Name + ":"
		for _, m := range i.Mapping {
			line += " " + m.Unit
		}
		lines = append(lines, line)
	}
	for _, d := range x.Platform.Devices {
		if d.CopyOf != "" {
			lines = append(lines, d.Name+" of "+d.CopyOf)
		}
	}
	for _, l := range x.Platform.Links {
		lines = append(lines, fmt.Sprintf("%s %s-%s", l.Name, l.Between[0], l.Between[1]))
	}
	assert.Equal(t, before, fmt.Sprint(f.Platform, f.Instances), "the written file was changed")
	return lines
}

func TestCopiesByMix(t *testing.T) {
	f := counted(t, "count: 5, mix: [{device: nano, link: wifi, share: 0.4}, {device: nano, link: lte, share: 0.2}, "+
		"{device: nx, share: 0.4}],", "")
	f.Platform.Links = f.Platform.Links[:3]
	assert.Equal(t, []string{
		"c: nano.cpu server.cpu", "c-2: nx.cpu server.cpu", "c-3: nano-2.cpu server.cpu", "c-4: nano-3.cpu server.cpu",
		"c-5: nx-2.cpu server.cpu",
		"nano-2 of nano", "nano-3 of nano", "nx-2 of nx",
		"wifi nano-server", "lte server-nano-2", "cable nx-server", "wifi-2 nano-3-server", "cable-2 nx-2-server",
	}, copied(t, f))
}

func TestCopiesOfADevice(t *testing.T) {
	f := counted(t, "", "- {mapping: [{unit: nano.cpu}], fallback: {after: 1s, unit: nano.cpu}}")
	f.Platform.Links = []plan.Link{f.Platform.Links[0], f.Platform.Links[2]}
	f.SetCount("nano", 3)
	assert.Equal(t, []string{
		"c: nano.cpu server.cpu", "nano: nano.cpu", "c-2: nano-2.cpu server.cpu", "nano-2: nano-2.cpu",
		"c-3: nano-3.cpu server.cpu", "nano-3: nano-3.cpu",
		"nano-2 of nano", "nano-3 of nano",
		"wifi nano-server", "cable nx-server", "wifi-2 nano-2-server", "wifi-3 nano-3-server",
	}, copied(t, f))
	x, err := f.Expanded()
	require.NoError(t, err)
	assert.Equal(t, "nano-3.cpu", x.Instances[5].Fallback.Unit)
	assert.Equal(t, f.Pos("$.instances[0].mapping[1]"), x.Pos("$.instances[2].mapping[1]"), "places are those of what "+
		"was copied")
	assert.Equal(t, f.Pos("$.platform.devices[0].units"), x.Pos("$.platform.devices[5].units"))
	assert.Equal(t, f.Pos("$.platform.links[0]"), x.Pos("$.platform.links[3]"))
}

// However many copies there are, every part of a mix has its share to less than one copy, and more
// copies change none.
func TestSharesAreExact(t *testing.T) {
	mix := "mix: [{device: nano, link: wifi, share: 0.55}, {device: nano, link: lte, share: 0.15}, {device: nx, share: " +
		"0.3}],"
	var last []planfile.Instance
	for _, n := range []int{1, 2, 3, 10, 11, 97, 1000} {
		f := counted(t, fmt.Sprintf("count: %d, %s", n, mix), "")
		f.Platform.Links = f.Platform.Links[:3]
		x, err := f.Expanded()
		require.NoError(t, err)
		require.Len(t, x.Instances, n)
		nx := 0
		for _, i := range x.Instances {
			if strings.HasPrefix(i.Mapping[0].Unit, "nx") {
				nx++
			}
		}
		assert.Less(t, math.Abs(float64(nx)-0.3*float64(n)), 1.0, "%d copies", n)
		assert.True(t, slices.EqualFunc(last, x.Instances[:len(last)], func(a, b planfile.Instance) bool {
			return a.Name == b.Name && slices.EqualFunc(a.Mapping, b.Mapping, func(a, b planfile.Assign) bool {
				return a.Unit == b.Unit
			})
		}), "more copies changed those before")
		last = x.Instances
	}
}

func TestBadCounts(t *testing.T) {
	two := "- {name: d, mapping: [{unit: nano.cpu}]}"
	for _, c := range []struct{ instance, more, says string }{
		{"count: 0,", "", "20:22: bad mapping: a count of 0; expected 1 to 100000"},
		{"count: -3,", "", "20:22: bad mapping: a count of -3; expected 1 to 100000"},
		{"count: 1000000000,", "", "20:22: bad mapping: a count of 1000000000; expected 1 to 100000"},
		{"mix: [{device: nano, share: 1}],", "", "20:20: bad mapping: a mix is of the copies of a counted instance; add " +
			"count"},
		{"count: 2, mix: [{share: 1}],", "", "20:32: bad mapping: a part of a mix needs a device or a link"},
		{"count: 2, mix: [{device: nano, link: wifi, share: 0.7}, {device: nano, link: lte, share: 0.2}],", "",
			"20:30: bad mapping: the shares of the mix sum to 0.9; expected 1"},
		{"count: 2, mix: [{device: nano, link: wifi, share: 1.5}],", "",
			"20:65: bad mapping: a share of 1.5; expected more than 0 and at most 1"},
		{"count: 2, mix: [{device: nano, link: wifi, share: -1}],", "",
			"20:65: bad mapping: a share of -1; expected more than 0 and at most 1"},
		{"count: 2, mix: [{device: phone, share: 1}],", "",
			`20:40: bad mapping: there is no endpoint "phone"; the endpoints are nano, nx, bare`},
		{"count: 2, mix: [{device: server, share: 1}],", "",
			`20:40: bad mapping: there is no endpoint "server"; the endpoints are nano, nx, bare`},
		{"count: 2, mix: [{device: bare, share: 1}],", "",
			`20:40: bad mapping: device bare has no unit "cpu", which the mapping uses of nano; it has npu; ` +
				`did you mean "npu"?`},
		{"count: 2, mix: [{link: 5g, share: 1}],", "",
			`20:38: bad mapping: there is no link "5g"; the links are wifi, lte, cable, loop`},
		{"count: 2, mix: [{link: loop, share: 1}],", "",
			"20:38: bad mapping: link loop does not have one end at an endpoint, which a copy takes the place of"},
		{"count: 2, mix: [{device: nano, share: 1}],", "",
			"20:32: bad mapping: copies on nano would have two links to server, wifi and lte; name both in the mix, each in a " +
				"part of its own"},
		{"count: 2,", two, "20:22: bad mapping: instance d also uses device nano; to copy both, give the count to the " +
			"device"},
		{"count: 2,", "- {name: d, count: 3, mapping: [{unit: nano.cpu}]}",
			"20:22: bad mapping: instance d also uses device nano; to copy both, give the count to the device"},
	} {
		err := counted(t, c.instance, c.more).Check()
		require.ErrorIs(t, err, yamlfile.ErrInput, c.instance)
		assert.Contains(t, strings.Split(err.Error(), "\n"), "bad input: p.yaml:"+c.says, c.instance)
	}
}

func TestNamesThatCopiesTake(t *testing.T) {
	f := counted(t, "count: 2,", "- {name: c-2, mapping: [{unit: server.cpu}]}")
	f.Platform.Links = f.Platform.Links[:1]
	require.NoError(t, f.Check())
	_, err := f.Expanded()
	assert.EqualError(t, err, "bad input: p.yaml:20:22: bad mapping: copy 2 of instance c would be named c-2, as "+
		"another is; "+
		"rename that")
	f = counted(t, "count: 2,", "")
	f.Platform.Links, f.Platform.Devices[1].Name = f.Platform.Links[:1], "nano-2"
	_, err = f.Expanded()
	assert.EqualError(t, err, "bad input: p.yaml:20:22: bad mapping: copy 2 of device nano would be named nano-2, as "+
		"another is; "+
		"rename that")
}

func TestBadCountsOfDevices(t *testing.T) {
	f := counted(t, "", "")
	f.Platform.Links, f.Platform.Devices[3].Count = f.Platform.Links[:1], 2
	assert.EqualError(t, f.Check(), "bad input: p.yaml:13:8: bad platform: device server is no endpoint; only "+
		"endpoints are "+
		"counted")
	f = counted(t, "count: 2,", "")
	f.Platform.Links, f.Platform.Devices[0].Count = f.Platform.Links[:1], 2
	assert.EqualError(t, f.Check(), "bad input: p.yaml:20:22: bad mapping: both an instance and its device, or two of "+
		"its "+
		"devices, have a count; leave one")
	f = counted(t, "count: 2,", "")
	f.Platform.Links, f.Instances[0].Mapping = f.Platform.Links[:1], []planfile.Assign{{Unit: "server.cpu"}}
	assert.EqualError(t, f.Check(), "bad input: p.yaml:20:22: bad mapping: each copy of an instance has endpoints of "+
		"its own, "+
		"and this one has actors on none; map some to an endpoint")
}
