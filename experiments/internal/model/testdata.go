package model

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/experiments/internal/tensorfile"
)

// setPrefix begins the names of the folders of test data that the ONNX project keeps
// beside a model.
const setPrefix = "test_data_set_"

// expectedTolerance is how far a result may be from what test data expect, as in the ONNX
// project's own tests (onnx.backend.test.runner: rtol 1e-3).
const expectedTolerance = 1e-3

// testSets lists the folders of test data beside a model, by number.
func testSets(dir string) []string {
	list, _ := os.ReadDir(dir) // the model was read from it
	numbers := map[string]int{}
	var sets []string
	for _, e := range list {
		number, ok := strings.CutPrefix(e.Name(), setPrefix)
		n, err := strconv.Atoi(number)
		if info, gone := os.Stat(filepath.Join(dir, e.Name())); !ok || err != nil || gone != nil || !info.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		numbers[path] = n
		sets = append(sets, path)
	}
	slices.SortFunc(sets, func(a, b string) int { return cmp.Compare(numbers[a], numbers[b]) })
	return sets
}

// testInputs reads the inputs of a folder of test data. Other element types, other numbers
// of dimensions and what is no tensor are ErrFit or ErrFile of package tensorfile.
func testInputs(dir string, inputs []onnx.TensorInfo) ([]Tensor, error) {
	var list []Tensor
	for i, want := range inputs {
		t, err := testTensor(dir, fmt.Sprintf("input_%d.pb", i))
		if err != nil {
			return nil, err
		}
		if t.Elem != want.Elem || want.Shape != nil && len(t.Shape) != len(want.Shape) {
			return nil, fmt.Errorf("%w: input_%d.pb holds %s, input %s takes %s", tensorfile.ErrFit, i, t.Type(), want.Name,
				want.Type())
		}
		t.Name = want.Name
		list = append(list, t)
	}
	return list, nil
}

func testTensor(dir, name string) (Tensor, error) {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return Tensor{}, fmt.Errorf("%w: %w", tensorfile.ErrFile, err)
	}
	t, err := tensorfile.Proto(data)
	if err != nil {
		return Tensor{}, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

// Expected is what came of running the whole model on a folder of test data.
type Expected struct {
	Set string `json:"set"`
	// Compared counts the elements of the outputs that were compared with those expected.
	Compared   int64      `json:"compared_elements"`
	Difference Difference `json:"difference"` // see Comparison
	Output     string     `json:"output,omitempty"`
	Note       string     `json:"note,omitempty"` // why it, or some of it, was not compared
}

// Differs says that a result is another one than expected.
func (e Expected) Differs() bool { return e.Difference > expectedTolerance }

// Expect runs the whole model on all folders of test data that lie beside it and compares
// with the outputs that they expect.
func (m *Model) Expect(rt Runtime) []Expected {
	var list []Expected
	for _, dir := range m.sets {
		e := Expected{Set: filepath.Base(dir)}
		in, err := testInputs(dir, m.declared)
		var got map[string]Tensor
		if err == nil {
			got, err = run(m.Data, m.Dir, false, m.Outputs(), in, rt)
		}
		if err == nil {
			err = e.compare(m, dir, got)
		}
		if err != nil {
			e.Note = err.Error()
		}
		list = append(list, e)
	}
	return list
}

// compare compares what was computed with the outputs in a folder.
func (e *Expected) compare(m *Model, dir string, got map[string]Tensor) error {
	random, notes := m.Random(), []string{}
	for i, name := range m.Delivered() {
		want, err := testTensor(dir, fmt.Sprintf("output_%d.pb", i))
		switch {
		case errors.Is(err, os.ErrNotExist):
			continue
		case err == nil && got[name].Other != "":
			err = errors.New(got[name].Other)
		case err == nil && random[name] != "":
			err = errors.New("random")
		}
		if err != nil {
			notes = append(notes, fmt.Sprintf("output %s not compared: %v", name, err))
			continue
		}
		want.Name = name
		c, err := Compare(got[name], want, nil)
		if err != nil {
			return fmt.Errorf("output %s is %s, %s is expected", name, got[name].Type(), want.Type())
		}
		e.Compared += c.Compared
		if d := Difference(c.Difference); d > e.Difference {
			e.Difference, e.Output = d, name
		}
	}
	e.Note = strings.Join(notes, "; ")
	return nil
}
