package profile

// Medium is the capacity of a medium over time.
type Medium struct {
	// Trace is what it was read from, as a plan's medium names that.
	Trace string `json:"-"`
	Rates *Rates `json:"rates"`
}
