package starter

import (
	"reflect"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// made returns the files of a model that takes one input.
func made(t *testing.T, m onnxtest.Model, o Options) map[string]string {
	t.Helper()
	parsed, err := m.Parse()
	require.NoError(t, err)
	c, err := compile.NewModel(parsed)
	require.NoError(t, err)
	r, err := model.Describe(&model.Model{Model: parsed, Name: m.Name}, false)
	require.NoError(t, err)
	for _, in := range parsed.Inputs() {
		o.Source.Inputs = append(o.Source.Inputs, in.Name)
	}
	files, err := Files(c, r, o)
	require.NoError(t, err)
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Name] = string(f.Data)
	}
	return texts
}

func options(kind string) Options {
	return Options{Kind: kind, Name: "first", From: "models/net.onnx", Model: "../models/net.onnx",
		Commands: []string{"edgeprune check first"}}
}

// Each kind has its files, whose cuts are the model's.
func TestKinds(t *testing.T) {
	for kind, want := range map[string][]string{
		Experiment: {"README.md", "experiment.yaml"}, Plan: {"README.md", "plan.yaml"},
		Study: {"README.md", "experiment.yaml", "study.yaml"},
	} {
		texts := made(t, onnxtest.Separable(), options(kind))
		for _, name := range want {
			assert.NotEmpty(t, texts[name], "%s: %s", kind, name)
			assert.NotContains(t, texts[name], "<no value>", "%s: %s", kind, name)
			for _, line := range strings.Split(texts[name], "\n") {
				assert.LessOrEqual(t, len(line), 120, "%s: %s: %s", kind, name, line)
			}
		}
		assert.Len(t, texts, len(want), kind)
		assert.Contains(t, texts["README.md"], "edgeprune check first", kind)
		assert.Contains(t, texts["README.md"], "random numbers", kind)
	}
	_, err := Files(nil, nil, options("exprmnt"))
	assert.EqualError(t, err, `starter: no such kind as "exprmnt"; expected one of experiment, plan, study`)
}

// The cuts of the model stand in the file, with what they send.
func TestCutsInComments(t *testing.T) {
	text := made(t, onnxtest.Separable(), options(Experiment))["experiment.yaml"]
	for _, row := range []string{`#   stem +5120 +1344 +28 %`, `#   depth1 +5120 +1344 +67 %`} {
		assert.Regexp(t, row, text)
	}
	assert.NotContains(t, text, "#   image ", "the input is no cut")
	assert.Contains(t, text, "through: net/stem", "the first of those that send least, before half of the work")
	assert.Contains(t, text, "codecs: [none, fp16, int8]")
	whole := made(t, onnxtest.LSTM(), options(Plan))["plan.yaml"]
	assert.Contains(t, whole, "#   none: the model runs as a whole")
	assert.Contains(t, whole, "through: source}")
}

// Every key that an experiment, a plan or a study can have at the top is told of.
func TestEveryKeyIsToldOf(t *testing.T) {
	for kind, of := range map[string]struct {
		file string
		keys reflect.Type
	}{
		Experiment: {"experiment.yaml", reflect.TypeFor[spec.Spec]()},
		Plan:       {"plan.yaml", reflect.TypeFor[planfile.File]()},
		Study:      {"study.yaml", reflect.TypeFor[study.Spec]()},
	} {
		text := made(t, onnxtest.Separable(), options(kind))[of.file]
		for i := range of.keys.NumField() {
			key, _, _ := strings.Cut(of.keys.Field(i).Tag.Get("yaml"), ",")
			if key != "" && key != "-" {
				assert.Regexp(t, `\b`+key+`\b`, text, "%s: key %s", of.file, key)
			}
		}
	}
}

// A model that takes a picture gets a camera, whose pictures become its input as is said.
func TestPictures(t *testing.T) {
	o := options(Experiment)
	o.Source.Folder, o.Source.Picture.Mean, o.Source.Picture.BGR = "/pictures of mine", []float64{1, 2, 3}, true
	text := made(t, onnxtest.Separable(), o)
	assert.Contains(t, text["experiment.yaml"], `params: {folder: "/pictures of mine"}`)
	assert.Contains(t, text["experiment.yaml"], "params: {mean: [1, 2, 3], scale: 127.5, order: bgr}")
	assert.Contains(t, text["experiment.yaml"], `type: "uint8[8,8,3]"`)
	assert.Contains(t, text["README.md"], "The pictures are yours.")
	o = options(Experiment)
	o.Source.Dataset = "face-clip"
	text = made(t, onnxtest.LSTM(), o)
	assert.NotContains(t, text["experiment.yaml"], "face-clip", "a model that takes no picture")
}

// Names that YAML would take for something else are quoted.
func TestOddNames(t *testing.T) {
	for text, want := range map[string]string{
		"net/conv0+2": "net/conv0+2", "no": `"no"`, "1e3": `"1e3"`, "a b": `"a b"`, "a: b": `"a: b"`, "": `""`,
		"../a.onnx": `"../a.onnx"`, "a\nb": `"a\nb"`,
	} {
		assert.Equal(t, want, yamlText(text))
	}
	o := options(Plan)
	o.Name, o.From = "null", "models/new\nline.onnx"
	text := made(t, onnxtest.OddNames(), o)["plan.yaml"]
	assert.Contains(t, text, `plan: "null"`)
	assert.Contains(t, text, "# A plan for new line.onnx.")
}
