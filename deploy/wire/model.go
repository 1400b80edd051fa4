package wire

// ModelPartBytes is the size of the parts in which sub-models are stored and fetched: what moves
// again after a broken connection, and what the time of an answer on a slow link is about.
const ModelPartBytes = 256 << 10

// Model names a sub-model and the parts of the object store that make it.
type Model struct {
	SHA256 string   `json:"sha256"` // in hexadecimal, as all that follow
	Bytes  int64    `json:"bytes"`
	Parts  []string `json:"parts"` // SHA-256 of each part, in order: ModelPartBytes each, but the last
}

// Lacking is a part of a sub-model that is not in the object store, or is damaged there.
type Lacking struct {
	Part   string `json:"part"`             // its SHA-256
	Object string `json:"object,omitempty"` // the NUID of the object that is damaged; "": there is none
}
