package datasets

import (
	"context"
	"time"

	"github.com/gofrs/flock"
)

// lockPoll is how often a waiting process looks whether the lock is free.
const lockPoll = 50 * time.Millisecond

// lock takes an advisory lock on the file at path, which it creates, and calls
// waiting once if another holder makes it wait. The lock ends with unlock or
// with the process, however that ends. The file stays, so that all processes
// lock the same one.
func lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	l := flock.New(path, flock.SetPermissions(0o644))
	taken, err := l.TryLock()
	if err == nil && !taken {
		waiting()
		_, err = l.TryLockContext(ctx, lockPoll)
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = l.Unlock() }, nil // it closes the file, which always ends the lock
}
