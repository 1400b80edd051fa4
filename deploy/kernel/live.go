package kernel

// Live is a kernel of a source whose frames come by themselves, as a camera's do. After Begin,
// each firing takes the captured frame of number Firing.Capture; a Live kernel that is fired
// without Begin, as where its cost is measured, waits for its next frame.
type Live interface {
	Kernel
	// Begin says that the run begins. From now on, until Close, the kernel tells c of every
	// frame, from goroutines of its own; those that came before are none of the run's, unless
	// its rule drops none. It is called once, and doesn't wait.
	Begin(c Captor)
	// Await waits, before Begin, until a frame is there, so that the next firing doesn't.
	Await() error
}

// Captor is told of a Live kernel's frames as they come. Its methods are for one goroutine at a
// time and don't wait for firings.
type Captor interface {
	// Captured says that a frame is there, now. It returns the frame's number, and that of the
	// frame that is dropped, which may be the same; 0 for none. If both are 0, the run takes no
	// more frames. Where the kernel's rule drops none, it is called only while less frames than
	// the queue is long have been captured and not been fired for.
	Captured() (number, dropped int64)
	// Ended says that no more frames come, and why. It is no error for a run that needs none.
	Ended(why error)
}

// IsLive returns k, a kernel as Registry.New or Guard returned it, as a Live one; nil if it is none.
func IsLive(k Kernel) Live {
	if w, ok := k.(*Guarded); ok {
		k = w.Kernel
	}
	l, _ := k.(Live)
	return l
}
