package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample lists records of two actors, in the order of saving.
func sample() (actors []int, records []Record) {
	for i := range int64(4) {
		actors = append(actors, 3, 7)
		records = append(records,
			Record{i, []Part{{Kind: Snapshot, Data: []byte{byte(i), 1, 2}},
				{Kind: Token, FIFO: 9, Seq: 1 << 40, Data: []byte("token")}}},
			Record{2 * i, []Part{{Kind: Token, FIFO: 1, Data: []byte{}}, {Kind: Result, Data: fmt.Append(nil, "result ", i)}}},
		)
	}
	return actors, records
}

func must(t *testing.T, err error) {
	t.Helper()
	require.NoError(t, err)
}

// filled writes the sample to a new journal and returns its path and contents.
func filled(t *testing.T, o Options) (string, map[int]*Actor) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made", "r"+Suffix)
	j, c, err := Open(path, false, o)
	must(t, err)
	assert.Empty(t, c.Actors, "a new journal holds")
	assert.EqualValues(t, 0, c.Torn, "a new journal holds")
	want := map[int]*Actor{3: {}, 7: {}}
	actors, records := sample()
	for i, r := range records {
		must(t, j.Append(actors[i], r.Firing, r.Parts...))
		want[actors[i]].Records = append(want[actors[i]].Records, r)
	}
	must(t, j.Close())
	return path, want
}

func TestJournalGivesBackWhatItTook(t *testing.T) {
	for _, sync := range []bool{false, true} {
		path, want := filled(t, Options{Sync: sync})
		for range 2 { // reading changes nothing
			j, c, err := Open(path, true, Options{Sync: sync})
			must(t, err)
			assert.Equal(t, want, c.Actors, "got %+v, torn", c.Actors)
			assert.EqualValues(t, 0, c.Torn, "got %+v, torn", c.Actors)
			a, b, none := c.Actors[3].Firings(), c.Actors[7].Firings(), c.Actors[8].Firings()
			assert.EqualValues(t, 4, a, "firings")
			assert.EqualValues(t, 7, b, "firings")
			assert.EqualValues(t, 0, none, "firings")
			must(t, j.Close())
		}
		j, c, err := Open(path, false, Options{})
		must(t, err)
		assert.Empty(t, c.Actors, "a journal that begins again holds records")
		must(t, j.Remove())
		_, err = os.Stat(path)
		assert.True(t, os.IsNotExist(err), "after Remove")
	}
}

// A journal whose process was ended in a write holds all records before it, at
// whichever byte that was, and goes on after them.
func TestTornTails(t *testing.T) {
	path, _ := filled(t, Options{})
	whole, err := os.ReadFile(path)
	must(t, err)
	actors, records := sample()
	ends := []int{len(magic)}
	for i, r := range records {
		ends = append(ends, ends[i]+len(appendRecord(nil, actors[i], r.Firing, r.Parts)))
	}
	for n := range len(whole) + 1 {
		for _, tail := range [][]byte{nil, {0}, bytes.Repeat([]byte{0xff}, 30), make([]byte, 30)} {
			must(t, os.WriteFile(path, append(whole[:n:n], tail...), 0o600))
			j, c, err := Open(path, true, Options{})
			if n < len(magic) && len(tail) > 0 {
				require.ErrorIs(t, err, ErrFormat, "%d bytes of the magic and garbage", n)
				continue
			}
			must(t, err)
			keep := 0
			for keep < len(records) && ends[keep+1] <= n {
				keep++
			}
			got := 0
			for _, a := range c.Actors {
				got += len(a.Records)
			}
			torn := n - min(ends[keep], n) + len(tail)
			require.Equal(t, keep, got, "%d bytes and %d: %d records and %d torn bytes", n, len(tail), got, c.Torn)
			if n >= len(magic) {
				require.Equal(t, int64(torn), c.Torn, "%d bytes and %d: %d records and %d torn bytes", n, len(tail), got, c.Torn)
			}
			must(t, j.Append(100, 5))
			must(t, j.Close())
			b, err := os.ReadFile(path)
			must(t, err)
			again, err := read(b)
			require.NoError(t, err, "%d bytes and %d: after one more record", n, len(tail))
			require.EqualValues(t, 0, again.Torn, "%d bytes and %d: after one more record", n, len(tail))
			require.EqualValues(t, 6, again.Actors[100].Firings(), "%d bytes and %d: after one more record", n, len(tail))
		}
	}
}

func TestOneFlippedBitEndsAJournal(t *testing.T) {
	path, _ := filled(t, Options{})
	whole, err := os.ReadFile(path)
	must(t, err)
	for i := len(magic); i < len(whole); i++ {
		b := bytes.Clone(whole)
		b[i] ^= 4
		c, err := read(b)
		must(t, err)
		require.NotEqualValues(t, 0, c.Torn, "byte %d: torn", i)
		require.LessOrEqual(t, c.Torn, int64(len(whole)-len(magic)), "byte %d: torn", i)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "no [pattern*?")
	must(t, os.Mkdir(dir, 0o700))
	foreign := filepath.Join(dir, "foreign")
	must(t, os.WriteFile(foreign, []byte("EPJ\x02 and more"), 0o600))
	_, _, err := Open(foreign, true, Options{})
	assert.ErrorIs(t, err, ErrFormat, "another version")
	_, _, err = Open(filepath.Join(foreign, "below"), true, Options{})
	assert.Error(t, err, "a path below a file")
	path := filepath.Join(dir, "r"+Suffix)
	j, _, err := Open(path, false, Options{})
	must(t, err)
	_, _, err = Open(path, true, Options{})
	assert.ErrorIs(t, err, ErrLocked, "opened twice")
	other := filepath.Join(dir, "s"+Suffix)
	mine := filepath.Join(dir, "my"+Suffix+".txt")
	must(t, os.WriteFile(mine, []byte("dear diary"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "t"+Suffix), []byte(magic+"\x00"), 0o600))
	must(t, os.WriteFile(other, nil, 0o600))
	must(t, os.WriteFile(other+".new", nil, 0o600))
	must(t, Clean(dir, ""))
	_, err = os.Stat(path)
	assert.NoError(t, err, "a journal in use was removed")
	assert.FileExists(t, mine, "a file that is no journal was removed")
	for _, gone := range []string{other, other + ".new", filepath.Join(dir, "t"+Suffix)} {
		_, err := os.Stat(gone)
		assert.True(t, os.IsNotExist(err), "%s is left", gone)
	}
	must(t, j.Close())
	must(t, Clean(dir, path))
	_, err = os.Stat(path)
	assert.NoError(t, err, "the journal to keep was removed")
	assert.ErrorIs(t, j.Append(1, 1), ErrClosed, "append to a closed journal")
	must(t, Clean(filepath.Join(dir, "nowhere"), ""))
}

// Everything that is saved is reported, in order, also if who is told waits for
// who appends, and if the buffer holds but one record.
func TestSavedIsReportedInOrder(t *testing.T) {
	var mu sync.Mutex // as a node's: held while it appends and to hear the report
	told := map[int]int64{}
	path := filepath.Join(t.TempDir(), "r"+Suffix)
	j, _, err := Open(path, false, Options{BufferBytes: 100, Saved: func(actor int, firings int64) {
		mu.Lock()
		defer mu.Unlock()
		if firings < told[actor] {
			assert.EqualValues(t, 8, firings, "actor %d: %d firings after", actor, firings)
		}
		told[actor] = firings
	}})
	must(t, err)
	var wg sync.WaitGroup
	for a := range 4 {
		wg.Go(func() {
			for f := range int64(200) {
				mu.Lock()
				err := j.Append(a, f, Part{Kind: Snapshot, Data: make([]byte, int(f)%150)})
				mu.Unlock()
				assert.NoError(t, err)
				j.Forget(a, f/2)
			}
		})
	}
	wg.Wait()
	must(t, j.Append(1, 7)) // saved long ago
	must(t, j.Close())
	assert.Equal(t, (map[int]int64{0: 200, 1: 8, 2: 200, 3: 200}), told, "told")
	b, err := os.ReadFile(path)
	must(t, err)
	c, err := read(b)
	must(t, err)
	for a := range 4 {
		n := len(c.Actors[a].Records)
		assert.Equal(t, 200, n, "actor %d: %d records", a, n)
	}
}

func TestFailureIsReportedOnce(t *testing.T) {
	failed := make(chan error, 2)
	j, _, err := Open(filepath.Join(t.TempDir(), "r"+Suffix), false, Options{Failed: func(err error) { failed <- err }})
	must(t, err)
	must(t, j.file.Close())
	must(t, j.Append(1, 0))
	assert.ErrorIs(t, (<-failed), os.ErrClosed)
	must(t, j.Append(1, 1))
	err = j.Close()
	require.Error(t, err, "close: %v; %d more reports", err, len(failed))
	assert.Empty(t, failed, "close: %v; %d more reports", err, len(failed))
	assert.ErrorIs(t, j.Append(1, 2, Part{Kind: Token, Data: make([]byte, maxRecord)}), ErrTooLarge,
		"a record without end")
}

func TestCompactKeepsWhatIsAskedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r"+Suffix)
	saved := make(chan savedReport, 1)
	j, _, err := Open(path, false, Options{CompactBytes: 2000, Saved: func(a int, f int64) { saved <- savedReport{a, f} }})
	must(t, err)
	largest := int64(0)
	for f := range int64(300) {
		for actor, kind := range []Kind{Snapshot, Result} {
			must(t, j.Append(actor, f, Part{Kind: kind, Data: fmt.Append(nil, "made by firing ", f)}))
			n := <-saved
			require.Equal(t, (savedReport{actor, f + 1}), n, "saved %+v after firing %d", n, f)
			j.Forget(actor, f-1)
		}
		j.Received(1, f-3)
		info, err := os.Stat(path)
		must(t, err)
		largest = max(largest, info.Size())
	}
	// an actor that makes one record
	require.NoError(t, j.Append(9, 0))
	<-saved
	j.Forget(9, 1000)
	must(t, j.Close())
	assert.LessOrEqual(t, largest, int64(4000), "the file grew to %d bytes", largest)
	j, c, err := Open(path, true, Options{})
	must(t, err)
	must(t, j.Close())
	for actor, oldest := range map[int]int64{0: 297, 1: 296, 9: 0} { // of those asked for
		a := c.Actors[actor]
		require.NotEmpty(t, a.Records, "actor %d", actor)
		require.LessOrEqual(t, a.Records[0].Firing, oldest, "actor %d", actor)
	}
	for actor := range 2 {
		a := c.Actors[actor]
		for i, r := range a.Records {
			assert.Equal(t, a.Records[0].Firing+int64(i), r.Firing, "actor %d: record %d", actor, i)
			assert.Equal(t, fmt.Sprint("made by firing ", r.Firing), string(r.Parts[0].Data), "actor %d: record %d", actor, i)
		}
		assert.EqualValues(t, 300, a.Firings(), "actor %d: %d firings", actor, a.Firings())
	}
}

// What is read takes no more memory than some multiple of the file, whatever
// lengths it names, and is what was written.
func FuzzRead(f *testing.F) {
	whole := []byte(magic)
	actors, records := sample()
	for i, r := range records {
		whole = appendRecord(whole, actors[i], r.Firing, r.Parts)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte(magic + "\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := read(data)
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		size, parts := 0, 0
		for a, kept := range c.Actors {
			for _, r := range kept.Records {
				parts += cap(r.Parts)
				size += len(appendRecord(nil, a, r.Firing, r.Parts))
			}
		}
		if len(data) >= len(magic) {
			require.Equal(t, int64(len(data)), int64(size+len(magic))+c.Torn,
				"%d bytes of records, %d torn, %d parts of %d bytes", size, c.Torn, parts, len(data))
		}
		require.LessOrEqual(t, parts*partBytes, len(data), "%d bytes of records, %d torn, %d parts of %d bytes", size, c.Torn,
			parts, len(data))
	})
}

func BenchmarkAppend(b *testing.B) {
	j, _, err := Open(filepath.Join(b.TempDir(), "r"+Suffix), false, Options{})
	require.NoError(b, err)
	defer j.Close()
	data := make([]byte, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		require.NoError(b, j.Append(1, int64(i), Part{Kind: Result, Data: data}))
		j.Forget(1, int64(i))
		j.Received(1, int64(i))
	}
}
