package builtin

// trackerVersion is that of the tracker's snapshots.
const trackerVersion = 1

// trackBytes is the size of a track in a snapshot.
const trackBytes = 4 * (4 + 5 + 4)

// Snapshot implements Stateful: the last id, the number of tracks, and of each its
// counters, box, last place and speed.
func (k *tracker) Snapshot(dst []byte) []byte {
	dst = appendInts(append(dst, trackerVersion), k.lastID, len(k.tracks))
	for _, t := range k.tracks {
		dst = appendInts(dst, t.id, t.hits, t.unseen, t.since)
		dst = appendFloats(dst, t.box.Score, t.box.X1, t.box.Y1, t.box.X2, t.box.Y2, t.seen.x, t.seen.y, t.speed.x, t.speed.y)
	}
	return dst
}

// Restore implements Stateful.
func (k *tracker) Restore(snapshot []byte) error {
	k.lastID, k.tracks = 0, k.tracks[:0]
	if snapshot == nil {
		return nil
	}
	r := readSnapshot(snapshot, trackerVersion)
	k.lastID = r.int()
	n := r.int()
	if n < 0 || n*trackBytes != len(r.data) {
		r.bad = true
		return r.done("tracker")
	}
	for range n {
		var t track
		t.id, t.hits, t.unseen, t.since = r.int(), r.int(), r.int(), r.int()
		t.box.Score, t.box.X1, t.box.Y1, t.box.X2, t.box.Y2 = r.float32(), r.float32(), r.float32(), r.float32(), r.float32()
		t.seen.x, t.seen.y, t.speed.x, t.speed.y = r.float32(), r.float32(), r.float32(), r.float32()
		k.tracks = append(k.tracks, t)
	}
	return r.done("tracker")
}
