package journal

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// disk has room for so many bytes.
type disk struct {
	data []byte
	room int
}

func (d *disk) WriteAt(b []byte, at int64) (int, error) {
	if at != int64(len(d.data)) {
		return 0, errors.New("there is a hole")
	}
	n := min(len(b), d.room-len(d.data))
	d.data = append(d.data, b[:n]...)
	if n < len(b) {
		return n, fmt.Errorf("write: %w", syscall.ENOSPC)
	}
	return n, nil
}

// What had no room is written once there is some, after what was written before.
func TestFullDiskIsWaitedFor(t *testing.T) {
	d := &disk{room: 3}
	waits := 0
	n, err := writeAll(d, 0, []byte("records"), func() bool {
		waits++
		d.room += 2
		return true
	})
	require.NoError(t, err)
	assert.Equal(t, 7, n)
	assert.Equal(t, "records", string(d.data))
	assert.Equal(t, 2, waits)

	d = &disk{room: 3}
	n, err = writeAll(d, 0, []byte("records"), func() bool { return false })
	assert.ErrorIs(t, err, syscall.ENOSPC)
	assert.Equal(t, 3, n, "what was written is forgotten")
	_, err = writeAll(d, 9, []byte("x"), func() bool { panic("another error is waited for") })
	assert.ErrorContains(t, err, "hole")
}
