package kernel

// Stateful is what a kernel implements besides Kernel if its firings depend on
// earlier ones. Its actor says state: true. Both methods are called between
// firings, Restore also before the first.
type Stateful interface {
	// Snapshot appends the state to dst and returns it, like append. The same state
	// gives the same bytes, on every machine.
	Snapshot(dst []byte) []byte
	// Restore sets the state to that of a snapshot, which it doesn't keep; nil is
	// the state before the first firing. Bytes that are no snapshot of this kernel
	// are ErrSnapshot, after which the state is undefined.
	Restore(snapshot []byte) error
}

// State returns what takes the snapshots of k, a kernel as Registry.New or Guard
// returned it; nil if it keeps no state.
func State(k Kernel) Stateful {
	for {
		switch w := k.(type) {
		case *Guarded:
			k = w.Kernel
		case *inner:
			k = w.Kernel
		case Stateful:
			return w
		default:
			return nil
		}
	}
}
