package onnx

import "fmt"

// Claim is a type that the file declares of a tensor and that a run has shown to be wrong.
type Claim struct {
	Declared, Found TensorInfo
}

// String returns e.g. "c is declared float32[1,4] and is float32[2,4]".
func (c Claim) String() string {
	return fmt.Sprintf("%s is declared %s and is %s", c.Declared.Name, c.Declared.Type(), c.Found.Type())
}

// Claims returns what the file declares wrongly, as far as runs have shown: see WithTypes. Do
// not change it.
func (m *Model) Claims() []Claim { return m.claims }

// Declared reports whether the file, or what WithTypes added, states the type of a tensor that
// a node makes.
func (m *Model) Declared(tensor string) bool { return m.infos[tensor] != nil }
