package journal

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sample lists records of two actors, in the order of saving.
func sample() (actors []int, records []Record) {
	for i := range int64(4) {
		actors = append(actors, 3, 7)
		records = append(records,
			Record{i, []Part{{Kind: Snapshot, Data: []byte{byte(i), 1, 2}}, {Kind: Token, FIFO: 9, Seq: 1 << 40, Data: []byte("token")}}},
			Record{2 * i, []Part{{Kind: Token, FIFO: 1, Data: []byte{}}, {Kind: Result, Data: fmt.Append(nil, "result ", i)}}},
		)
	}
	return actors, records
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filled writes the sample to a new journal and returns its path and contents.
func filled(t *testing.T, o Options) (string, map[int]*Actor) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made", "r"+Suffix)
	j, c, err := Open(path, false, o)
	must(t, err)
	if len(c.Actors) != 0 || c.Torn != 0 {
		t.Errorf("a new journal holds %+v", c)
	}
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
			if !reflect.DeepEqual(c.Actors, want) || c.Torn != 0 {
				t.Errorf("got %+v, torn %d", c.Actors, c.Torn)
			}
			if a, b, none := c.Actors[3].Firings(), c.Actors[7].Firings(), c.Actors[8].Firings(); a != 4 || b != 7 || none != 0 {
				t.Errorf("firings %d, %d, %d", a, b, none)
			}
			must(t, j.Close())
		}
		j, c, err := Open(path, false, Options{})
		must(t, err)
		if len(c.Actors) != 0 {
			t.Error("a journal that begins again holds records")
		}
		must(t, j.Remove())
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("after Remove: %v", err)
		}
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
				if !errors.Is(err, ErrFormat) {
					t.Fatalf("%d bytes of the magic and garbage: %v", n, err)
				}
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
			if torn := n - min(ends[keep], n) + len(tail); got != keep || n >= len(magic) && c.Torn != int64(torn) {
				t.Fatalf("%d bytes and %d: %d records and %d torn bytes, want %d and %d", n, len(tail), got, c.Torn, keep, torn)
			}
			must(t, j.Append(100, 5))
			must(t, j.Close())
			b, err := os.ReadFile(path)
			must(t, err)
			if again, err := read(b); err != nil || again.Torn != 0 || again.Actors[100].Firings() != 6 {
				t.Fatalf("%d bytes and %d: after one more record %v", n, len(tail), err)
			}
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
		if c.Torn == 0 || c.Torn > int64(len(whole)-len(magic)) {
			t.Fatalf("byte %d: torn %d", i, c.Torn)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign")
	must(t, os.WriteFile(foreign, []byte("EPJ\x02 and more"), 0o600))
	if _, _, err := Open(foreign, true, Options{}); !errors.Is(err, ErrFormat) {
		t.Errorf("another version: %v", err)
	}
	if _, _, err := Open(filepath.Join(foreign, "below"), true, Options{}); err == nil {
		t.Error("a path below a file")
	}
	path := filepath.Join(dir, "r"+Suffix)
	j, _, err := Open(path, false, Options{})
	must(t, err)
	if _, _, err := Open(path, true, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	other := filepath.Join(dir, "s"+Suffix)
	must(t, os.WriteFile(other, nil, 0o600))
	must(t, os.WriteFile(other+".new", nil, 0o600))
	must(t, Clean(dir, ""))
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a journal in use was removed: %v", err)
	}
	for _, gone := range []string{other, other + ".new"} {
		if _, err := os.Stat(gone); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", gone, err)
		}
	}
	must(t, j.Close())
	must(t, Clean(dir, path))
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the journal to keep was removed: %v", err)
	}
	if err := j.Append(1, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("append to a closed journal: %v", err)
	}
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
		if firings < told[actor] && firings != 8 {
			t.Errorf("actor %d: %d firings after %d", actor, firings, told[actor])
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
				if err != nil {
					t.Error(err)
				}
				j.Forget(a, f/2)
			}
		})
	}
	wg.Wait()
	must(t, j.Append(1, 7)) // saved long ago
	must(t, j.Close())
	if want := (map[int]int64{0: 200, 1: 8, 2: 200, 3: 200}); !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	b, err := os.ReadFile(path)
	must(t, err)
	c, err := read(b)
	must(t, err)
	for a := range 4 {
		if n := len(c.Actors[a].Records); n != 200 {
			t.Errorf("actor %d: %d records", a, n)
		}
	}
}

func TestFailureIsReportedOnce(t *testing.T) {
	failed := make(chan error, 2)
	j, _, err := Open(filepath.Join(t.TempDir(), "r"+Suffix), false, Options{Failed: func(err error) { failed <- err }})
	must(t, err)
	must(t, j.file.Close())
	must(t, j.Append(1, 0))
	if err := <-failed; !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	must(t, j.Append(1, 1))
	if err := j.Close(); err == nil || len(failed) != 0 {
		t.Errorf("close: %v; %d more reports", err, len(failed))
	}
	if err := j.Append(1, 2, Part{Kind: Token, Data: make([]byte, maxRecord)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a record without end: %v", err)
	}
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
			if n := <-saved; n != (savedReport{actor, f + 1}) {
				t.Fatalf("saved %+v after firing %d of %d", n, f, actor)
			}
			j.Forget(actor, f-1)
		}
		j.Received(1, f-3)
		info, err := os.Stat(path)
		must(t, err)
		largest = max(largest, info.Size())
	}
	if err := j.Append(9, 0); err != nil { // an actor that makes one record
		t.Fatal(err)
	}
	<-saved
	j.Forget(9, 1000)
	must(t, j.Close())
	if largest > 4000 {
		t.Errorf("the file grew to %d bytes", largest)
	}
	j, c, err := Open(path, true, Options{})
	must(t, err)
	must(t, j.Close())
	for actor, oldest := range map[int]int64{0: 297, 1: 296, 9: 0} { // of those asked for
		a := c.Actors[actor]
		if len(a.Records) == 0 || a.Records[0].Firing > oldest {
			t.Fatalf("actor %d: %+v", actor, a.Records)
		}
	}
	for actor := range 2 {
		a := c.Actors[actor]
		for i, r := range a.Records {
			if r.Firing != a.Records[0].Firing+int64(i) || string(r.Parts[0].Data) != fmt.Sprint("made by firing ", r.Firing) {
				t.Errorf("actor %d: record %d is %+v", actor, i, r)
			}
		}
		if a.Firings() != 300 {
			t.Errorf("actor %d: %d firings", actor, a.Firings())
		}
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
			if !errors.Is(err, ErrFormat) {
				t.Fatal(err)
			}
			return
		}
		size, parts := 0, 0
		for a, kept := range c.Actors {
			for _, r := range kept.Records {
				parts += cap(r.Parts)
				size += len(appendRecord(nil, a, r.Firing, r.Parts))
			}
		}
		if len(data) >= len(magic) && int64(size+len(magic))+c.Torn != int64(len(data)) || parts*partBytes > len(data) {
			t.Fatalf("%d bytes of records, %d torn, %d parts of %d bytes", size, c.Torn, parts, len(data))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	j, _, err := Open(filepath.Join(b.TempDir(), "r"+Suffix), false, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	data := make([]byte, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := j.Append(1, int64(i), Part{Kind: Result, Data: data}); err != nil {
			b.Fatal(err)
		}
		j.Forget(1, int64(i))
		j.Received(1, int64(i))
	}
}
