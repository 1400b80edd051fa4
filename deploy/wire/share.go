package wire

import (
	"encoding/json"
	"fmt"
)

// Sending says that a token of a device waits for a link that the device shares with the receiver,
// on one medium or in half duplex, or crosses it. A message holds all of them. It is sent when they
// change, and again while there are any; what was told before counts no more.
type Sending struct {
	Link  int    `json:"link"`     // index in the plan's platform
	Token uint64 `json:"token"`    // tells it from others of the device on the link
	Since int64  `json:"since_ns"` // when it was handed over, since the run's start on the device's clock
}

// sendingBytes bounds an encoded Sending.
const sendingBytes = 128

// EncodeSendings returns a message.
func EncodeSendings(all []Sending) ([]byte, error) { return json.Marshal(all) }

// DecodeSendings reads what EncodeSendings wrote, of at most so many. Errors wrap ErrMessage.
func DecodeSendings(b []byte, most int) ([]Sending, error) {
	var all []Sending
	if len(b) > sendingBytes*(most+1) {
		return nil, fmt.Errorf("%w: %d bytes of tokens on at most %d links", ErrMessage, len(b), most)
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%w: tokens on shared links: %w", ErrMessage, err)
	}
	if len(all) > most {
		return nil, fmt.Errorf("%w: %d tokens on at most %d links", ErrMessage, len(all), most)
	}
	return all, nil
}
