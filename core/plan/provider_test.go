package plan_test

import (
	"encoding/json"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goccy/go-yaml"
)

func TestProviderForms(t *testing.T) {
	for _, c := range []struct {
		yaml, json, text string
		want             plan.Provider
	}{
		{"name: a\nprovider: webgpu\n", `"webgpu"`, "webgpu", plan.Named("webgpu")},
		{"name: a\nprovider: {name: cuda, options: {device_id: 1}}\n",
			`{"name":"cuda","options":{"device_id":"1"}}`, "cuda{device_id=1}",
			plan.Provider{Name: "cuda", Options: map[string]string{"device_id": "1"}}},
		{"name: a\n", `""`, "", plan.Provider{}},
		{"name: a\nprovider:\n  name: tensorrt\n" +
			"  options:\n    trt_fp16_enable: \"1\"\n    device_id: \"0\"\n  fallback: cpu\n",
			`{"name":"tensorrt","options":{"device_id":"0","trt_fp16_enable":"1"},"fallback":"cpu"}`,
			"tensorrt{device_id=0,trt_fp16_enable=1}+cpu",
			plan.Provider{Name: "tensorrt", Options: map[string]string{"trt_fp16_enable": "1", "device_id": "0"},
				Fallback: "cpu"}},
	} {
		var u plan.Unit
		_, err := yamlfile.Decode("f.yaml", []byte(c.yaml), &u)
		require.NoError(t, err, c.yaml)
		assert.Equal(t, c.want, u.Provider, c.yaml)
		assert.Equal(t, c.text, u.Provider.String(), c.yaml)
		data, err := json.Marshal(u.Provider)
		require.NoError(t, err)
		assert.Equal(t, c.json, string(data))
		var back plan.Provider
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, c.want, back, c.json)
		written, err := yaml.Marshal(u)
		require.NoError(t, err)
		var again plan.Unit
		_, err = yamlfile.Decode("f.yaml", written, &again)
		require.NoError(t, err, string(written))
		assert.Equal(t, u, again, string(written))
	}
}

func TestBadProviders(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"provider: {name: cuda, option: {a: b}}", `f.yaml:1:24: unknown field "option"; mend the spelling or remove it`},
		{"provider: [cuda]", "f.yaml:1:11: expected a mapping, found a list"},
		{"provider: {name: cuda, options: {device_id: [1]}}", "f.yaml:1:45: expected a text, found a list"},
	} {
		var u plan.Unit
		_, err := yamlfile.Decode("f.yaml", []byte(c.yaml), &u)
		require.ErrorIs(t, err, yamlfile.ErrInput, c.yaml)
		assert.Contains(t, err.Error(), c.want)
	}
	for _, c := range []struct {
		p    plan.Provider
		want string
	}{
		{plan.Provider{Fallback: "cpu"},
			"a provider has options or a fallback but no name; expected one such as webgpu or tensorrt"},
		{plan.Provider{Name: "cuda", Fallback: "webgpu"},
			`fallback "webgpu" of provider cuda; expected cpu, or none to have models refused that it can't run`},
		{plan.Provider{Name: "cpu", Options: map[string]string{"a": "b"}},
			"provider cpu takes no options and no fallback; threads and spin are keys of the unit"},
	} {
		assert.EqualError(t, c.p.Check(), c.want)
	}
	good := plan.Provider{Name: "cuda", Fallback: "cpu"}
	assert.NoError(t, good.Check())
}
