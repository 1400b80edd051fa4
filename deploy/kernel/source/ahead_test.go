package source

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// numbered reads frames of one byte, their number.
type numbered struct {
	total, next int64
	fails       int64 // the frame that can't be read; 0: none
	reads       atomic.Int64
}

var errNumbered = errors.New("no such frame")

func (r *numbered) read(dst []byte) error {
	r.reads.Add(1)
	switch {
	case r.next == r.total:
		r.next = 0
		return io.EOF
	case r.fails > 0 && r.next == r.fails:
		return errNumbered
	}
	dst[0] = byte(r.next)
	r.next++
	return nil
}

func (r *numbered) seek(frame int64) { r.next = frame % max(r.total, 1) }
func (r *numbered) stop()            {}

// Whatever frames are asked for, these are shown.
func TestAhead(t *testing.T) {
	for _, tc := range []struct{ total, room int }{{1, 5}, {5, 5}, {5, 4}, {7, 2}, {200, 20}, {100, 5000}} {
		a, err := newAhead(&numbered{total: int64(tc.total)}, 1, int64(2*tc.room))
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(1, uint64(tc.total)))
		n := int64(0)
		for range 2000 {
			got, err := a.frame(n)
			require.NoError(t, err)
			require.Equal(t, byte(n%int64(tc.total)), got[0], "frame %d of %d, room %d", n, tc.total, tc.room)
			switch {
			case r.IntN(10) > 0:
				n++
			case r.IntN(2) > 0:
				n = max(0, n-r.Int64N(8)) // replayed
			default:
				n += r.Int64N(3 * int64(tc.room))
			}
		}
		assert.LessOrEqual(t, len(a.slots), max(tc.room, 2), "frames that are kept")
		require.NoError(t, a.close())
	}
}

// Where there is room for all frames, each is read once.
func TestAheadReadsOnce(t *testing.T) {
	r := &numbered{total: 50}
	a, err := newAhead(r, 1, 100)
	require.NoError(t, err)
	<-a.done
	for n := range int64(200) {
		_, err := a.frame(n)
		require.NoError(t, err)
	}
	assert.EqualValues(t, 51, r.reads.Load(), "50 frames and their end")
	require.NoError(t, a.close())
}

func TestAheadErrors(t *testing.T) {
	_, err := newAhead(&numbered{}, 1, 10)
	require.ErrorIs(t, err, kernel.ErrSource, "no frames")
	_, err = newAhead(&numbered{total: 9, fails: 3}, 1, 10)
	require.ErrorIs(t, err, errNumbered, "within what is decoded at first")
	a, err := newAhead(&numbered{total: 9, fails: 8}, 1, 10)
	require.NoError(t, err)
	for n := range int64(8) {
		_, err := a.frame(n)
		require.NoError(t, err, "frame %d comes before the one that fails", n)
	}
	_, err = a.frame(8)
	require.ErrorIs(t, err, errNumbered)
	require.NoError(t, a.close())
}

// A folder that has no room is decoded ahead, within the memory that is given.
func TestFolderAhead(t *testing.T) {
	const h, w, pictures = 400, 500, 30 // 600 kB each, 6 of which fit
	dir := t.TempDir()
	for n := range pictures {
		writeImage(t, filepath.Join(dir, fmt.Sprintf("%d.png", n)), levelled(h, w, uint8(n)))
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b := newBench(t, "image-folder", kernel.Spec{
		Out: ports(t, fmt.Sprintf("uint8[%d,%d,3]", h, w)), Params: map[string]any{"folder": dir, "memory_mib": 4},
	})
	for n := range int64(2 * pictures) {
		assert.EqualValues(t, n%pictures, b.show(t, n))
	}
	assert.EqualValues(t, 7, b.show(t, 7), "again")
	assert.EqualValues(t, 2, b.show(t, 1_000_000_022), "far ahead")
	assert.Len(t, b.Kernel.(*imageFolder).ahead.slots, 3)
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(9<<20), "bytes held; all frames take 18 MB")
}
