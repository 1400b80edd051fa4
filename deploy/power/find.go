package power

import (
	"embed"
	"io/fs"
)

// Find returns the meters of the machine whose files lie below root, which is os.DirFS("/")
// but for tests, or nil for no files; and what is missing, each with its reason. load opens NVIDIA's library; see
// NVML. Meters of different names measure different things: their totals may be added.
func Find(root fs.FS, load func() (Library, error)) ([]Meter, []Missing) {
	if root == nil {
		root = embed.FS{}
	}
	var meters []Meter
	var missing []Missing
	for _, find := range []func() (Meter, []Missing){
		func() (Meter, []Missing) { return jetson(root) },
		func() (Meter, []Missing) { return rapl(root) },
		func() (Meter, []Missing) { return nvidia(load) },
	} {
		m, why := find()
		if m != nil {
			meters = append(meters, m)
		}
		missing = append(missing, why...)
	}
	return meters, missing
}
