package result

// Origin says whose figures an outcome is computed from.
type Origin struct {
	// Profile is the machine whose firings were measured: that of the profile that was
	// simulated, or that of the devices.
	Profile string `json:"profile"`
	// Link is the transport whose messages were measured: that of the calibration that was
	// simulated, or that between the devices.
	Link string `json:"link"`
	// Emulated says that a device was slowed or a link shaped, or simulated as such.
	Emulated bool `json:"emulated"`
}

// Parameter is a figure that an experiment assumes and nobody measured. It is fixed before
// the run.
type Parameter struct {
	Name  string `json:"name"`       // such as "endpoint slow"
	Value string `json:"value"`      // with its unit
	For   string `json:"stands_for"` // what it stands for
	Why   string `json:"why"`        // it is assumed
}
