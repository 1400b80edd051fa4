package place_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/cli/place"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type names = []string

func TestDevices(t *testing.T) {
	for _, tt := range []struct {
		name, experiment string
		wanted           place.Wanted
		testbed          names
		want             map[string]string
	}{
		{"equal names", "toy", place.Wanted{}, names{"server", "other", "fast", "slow"},
			map[string]string{"slow": "slow", "fast": "fast", "server": "server"}},
		{"what is said prevails", "toy", place.Wanted{On: names{"slow=fast", "fast=slow"}}, names{"server", "fast", "slow"},
			map[string]string{"slow": "fast", "fast": "slow", "server": "server"}},
		{"alike endpoints", "toy", place.Wanted{}, names{"b", "a", "server"},
			map[string]string{"slow": "b", "fast": "a", "server": "server"}},
		{"the only one left", "toy", place.Wanted{On: names{"slow=b", "fast=a"}}, names{"b", "gpu", "a"},
			map[string]string{"slow": "b", "fast": "a", "server": "gpu"}},
		{"left out", "toy", place.Wanted{Without: names{"fast"}}, names{"jetson1", "server"},
			map[string]string{"slow": "jetson1", "server": "server"}},
		{"a gateway", "mapped", place.Wanted{On: names{"gateway=box"}}, names{"camera", "server", "box"},
			map[string]string{"camera": "camera", "gateway": "box", "server": "server"}},
	} {
		got, err := place.Devices(exptest.Spec(t, tt.experiment), tt.wanted, tt.testbed)
		require.NoError(t, err, tt.name)
		assert.Equal(t, tt.want, got, tt.name)
	}
}

func TestDevicesThatCanNotBePlaced(t *testing.T) {
	lab := names{"jetson1", "jetson2", "server"}
	for _, tt := range []struct {
		experiment string
		wanted     place.Wanted
		testbed    names
		says       string
	}{
		{"toy", place.Wanted{On: names{"slow"}}, lab,
			"bad input: --on slow: expected EXPERIMENTDEVICE=TESTBEDDEVICE, as --on slow=jetson1"},
		{"toy", place.Wanted{On: names{"lsow=jetson1"}}, lab,
			`bad input: --on lsow=jetson1: experiment toy has no device "lsow"; did you mean "slow"?; it has slow, ` +
				`fast, server`},
		{"toy", place.Wanted{On: names{"slow=jetsn1"}}, lab,
			`bad input: --on slow=jetsn1: the testbed has no device "jetsn1"; did you mean "jetson1"?; it has jetson1, ` +
				`jetson2, server`},
		{"toy", place.Wanted{On: names{"slow=jetson1", "fast=jetson1"}}, lab,
			"bad input: --on fast=jetson1: device jetson1 of the testbed stands for slow already; each can stand for one only"},
		{"toy", place.Wanted{On: names{"slow=jetson1", "slow=jetson2"}}, lab,
			"bad input: --on slow=jetson2: device slow of the experiment is on jetson1 already"},
		{"toy", place.Wanted{On: names{"slow=jetson1"}, Without: names{"slow"}}, lab,
			"bad input: --on slow=jetson1: --without leaves endpoint slow out"},
		{"toy", place.Wanted{Without: names{"server"}}, lab, "bad input: --without server: only endpoints can be left out"},
		{"toy", place.Wanted{Without: names{"quick"}}, lab,
			`bad input: --without quick: experiment toy has no device "quick"; it has slow, fast, server`},
		{"toy", place.Wanted{Without: names{"slow", "fast"}}, lab,
			"bad input: --without: all endpoints are left out; frames come from one"},
		{"mapped", place.Wanted{Without: names{"camera"}}, lab,
			"bad input: --without camera: the mappings of experiment mapped name it"},
		{"toy", place.Wanted{}, names{"a", "b", "c"},
			"bad input: experiment toy: which device of the testbed is slow, which is fast, which is server? Free are a, " +
				"b, c; say so, as by --on slow=a --on fast=b --on server=c"},
		{"toy", place.Wanted{Without: names{"fast"}}, lab,
			"bad input: experiment toy: which device of the testbed is slow? Free are jetson1, jetson2; say so, as by " +
				"--on slow=jetson1"},
		{"toy", place.Wanted{}, names{"jetson1", "server"},
			"bad input: experiment toy: which device of the testbed is slow, which is fast? Free are jetson1: the testbed has " +
				"too few devices; leave endpoints out, as by --on slow=jetson1 --without fast"},
		{"mapped", place.Wanted{}, names{"camera", "server"},
			"bad input: experiment mapped: which device of the testbed is gateway? Free are none: the testbed has too few " +
				"devices; experiment mapped needs 3"},
		{"toy", place.Wanted{}, names{"server"},
			"bad input: experiment toy: which device of the testbed is slow, which is fast? Free are none: the testbed has " +
				"too few devices; experiment toy needs 3"},
	} {
		got, err := place.Devices(exptest.Spec(t, tt.experiment), tt.wanted, tt.testbed)
		require.ErrorIs(t, err, yamlfile.ErrInput, tt.says)
		assert.EqualError(t, err, tt.says)
		assert.Nil(t, got)
	}
	_, err := place.Devices(exptest.Spec(t, "toy"), place.Wanted{}, names{"server"})
	assert.ErrorIs(t, err, place.ErrFew)
}

// Of several experiments each is told of its own devices only.
func TestNamed(t *testing.T) {
	w := place.Wanted{On: names{"slow=a", "camera=a", "server=b"}, Without: names{"fast"}}
	toy, mapped := w.Named(exptest.Spec(t, "toy")), w.Named(exptest.Spec(t, "mapped"))
	assert.Equal(t, place.Wanted{On: names{"slow=a", "server=b"}, Without: names{"fast"}}, toy)
	assert.Equal(t, place.Wanted{On: names{"camera=a", "server=b"}}, mapped)
	both := []*spec.Spec{exptest.Spec(t, "toy"), exptest.Spec(t, "mapped")}
	require.NoError(t, w.Known(both))
	err := place.Wanted{On: names{"slw=a", "server=b"}, Without: names{"x"}}.Known(both)
	require.ErrorIs(t, err, yamlfile.ErrInput)
	assert.EqualError(t, err, `bad input: --on slw=a: no experiment has a device "slw"; did you mean "slow"?; they have `+
		"camera, fast, gateway, server, slow\nbad input: --without x: no experiment has a device \"x\"; they have camera, "+
		"fast, gateway, server, slow")
}
