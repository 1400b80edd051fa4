package starter

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// net is the name of the actor that runs the model.
const net = "net"

// Source says where the frames come from.
type Source struct {
	// Dataset or Folder hold pictures, for a model that takes one; see Pictures.
	Dataset, Folder string
	Picture         picture.Conversion
	// File holds the elements of all inputs; without it they are drawn.
	File string
	// Inputs are the model's inputs that something reads.
	Inputs []string
}

// about says what the input is.
func (s Source) about() string {
	switch {
	case s.Dataset != "":
		return fmt.Sprintf("The pictures are those of the data set %s, and become numbers in a way\n  that is assumed: "+
			"mean, scale and order of the actor normalise. Take pictures of your own, and what your "+
			"model was\n  trained with.", s.Dataset)
	case s.Folder != "":
		return "The pictures are yours. How they become numbers is assumed unless you have said it: mean, scale and order\n" +
			"  of the actor normalise. Take what your model was trained with."
	case s.File != "":
		return "Every frame is the same input, that of the file that the actor source names."
	}
	return "The input is random numbers; times don't depend on it, results and compressed sizes do."
}

// Pictures reports whether a model takes one picture, as the kernel normalise makes it of a
// camera's frame, and how high and wide that is.
func Pictures(m *compile.Model, inputs []string) (height, width int64, ok bool) {
	if len(inputs) != 1 {
		return 0, 0, false
	}
	t := compile.TokenType(m.Model, m.Tensor(inputs[0]))
	if t.Variable() || t.Elem != "float32" || len(t.Shape) != 4 || t.Shape[0] != 1 || t.Shape[1] != 3 {
		return 0, 0, false
	}
	return t.Shape[2], t.Shape[3], t.Shape[2] > 0 && t.Shape[3] > 0
}

// app is an application as a file has it.
type app struct {
	text   string
	before string // the last actor before the model
}

// application writes the part of a file that says what is computed.
func application(m *compile.Model, o Options) app {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# What is computed: actors, in the order in which a frame passes them, and the FIFOs between their ports. A")
	line("# kernel is code of this program; a model becomes a chain of segments that the cuts part.")
	line("application:")
	line("  name: %s", yamlText(o.Name))
	line("  actors:")
	a := app{before: "source"}
	height, width, picture := Pictures(m, o.Source.Inputs)
	if picture = picture && (o.Source.Dataset != "" || o.Source.Folder != ""); picture {
		a.before = "normalise"
		cameraActors(line, m, o.Source, height, width)
	} else {
		tensorActor(line, m, o.Source)
	}
	line("    # An ONNX file, relative to this one, or the name of a data set that is a model.")
	line("    - name: %s", net)
	line("      model: %s", yamlText(o.Model))
	line("    # Takes the results. summary keeps a digest of each; without it they are kept whole.")
	line("    - name: sink")
	line("      kernel: sink")
	line("      params: {record: summary}")
	outputs := m.Delivered()
	var ports []string
	for i, name := range outputs {
		if !slices.Contains(outputs[:i], name) {
			ports = append(ports, yamlText(m.Ports.Of(name)))
		}
	}
	line("      in: [{port: %s}]", strings.Join(ports, "}, {port: "))
	line("  fifos:")
	if picture {
		line("    - {from: camera.frame, to: normalise.frame}")
	}
	for _, name := range o.Source.Inputs {
		port := m.Ports.Of(name)
		from := a.before + "." + port
		if picture {
			from = "normalise.planes"
		}
		line("    - {from: %s, to: %s}", yamlText(from), yamlText(net+"."+port))
	}
	for i, name := range outputs {
		if port := m.Ports.Of(name); !slices.Contains(outputs[:i], name) {
			line("    - {from: %s, to: %s}", yamlText(net+"."+port), yamlText("sink."+port))
		}
	}
	a.text = b.String()
	return a
}

// cameraActors write a camera and what makes the model's input of its frames.
func cameraActors(line func(string, ...any), m *compile.Model, s Source, height, width int64) {
	params := "{dataset: " + s.Dataset + "}"
	if s.Folder != "" {
		params = "{folder: " + yamlText(filepath.ToSlash(s.Folder)) + "}"
	}
	line("    # Shows the pictures of a data set or of a folder, {folder: PATH}, one a frame, at the size of its port.")
	line("    - name: camera")
	line("      kernel: image-folder")
	line("      params: %s", params)
	line("      out: [{port: frame, type: \"uint8[%d,%d,3]\"}]", height, width)
	line("    # Makes (v - mean) / scale of each value v from 0 to 255; one number, or a list of three. order: rgb or")
	line("    # bgr. Write what the model was trained with: this is what goes wrong most often.")
	line("    - name: normalise")
	line("      kernel: normalise")
	order := "rgb"
	if s.Picture.BGR {
		order = "bgr"
	}
	line("      params: {mean: %s, scale: %s, order: %s}", numbers(s.Picture.Mean), numbers(s.Picture.Scale), order)
	line("      in: [{port: frame}]")
	line("      out: [{port: planes, type: %s}]", yamlText(compile.TokenType(m.Model, m.Tensor(s.Inputs[0])).String()))
}

// tensorActor writes a source of prepared tensors.
func tensorActor(line func(string, ...any), m *compile.Model, s Source) {
	params := "{seed: 1}"
	if s.File != "" {
		params = "{file: " + yamlText(filepath.ToSlash(s.File)) + "}"
	}
	line("    # Shows numbers that are drawn by a seed, or with {file: PATH} the elements of all ports one after another.")
	line("    - name: source")
	line("      kernel: tensor")
	line("      params: %s", params)
	line("      out:")
	for _, name := range s.Inputs {
		line("        - {port: %s, type: %s}", yamlText(m.Ports.Of(name)),
			yamlText(compile.TokenType(m.Model, m.Tensor(name)).String()))
	}
}

// numbers writes a mean or a scale; 127.5 is the default of both.
func numbers(list []float64) string {
	if len(list) == 0 {
		list = []float64{127.5}
	}
	var texts []string
	for _, v := range list {
		texts = append(texts, strconv.FormatFloat(v, 'g', -1, 64))
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
