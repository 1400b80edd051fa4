package trace

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What a token waits for the one before it on the same link does not count as its sending.
func TestSendersBegin(t *testing.T) {
	s := Senders{}
	for i, c := range []struct {
		e     Event
		began int64
	}{
		{Event{Kind: Send, Device: "a", Unit: "up", Start: 10, End: 50}, 10},
		{Event{Kind: Send, Device: "a", Unit: "up", Start: 20, End: 90}, 50},
		{Event{Kind: Send, Device: "a", Unit: "other", Start: 30, End: 90}, 30},
		{Event{Kind: Send, Device: "b", Unit: "up", Start: 30, End: 90}, 30},
		{Event{Kind: Send, Device: "a", Unit: "up", Start: 100, End: 130}, 100},
		{Event{Kind: Send, Device: "a", Unit: "up", Start: 105, End: 110}, 110}, // noted late
		{Event{Kind: Send, Device: "a", Unit: "up", Start: 120, End: 140}, 130},
	} {
		assert.Equal(t, c.began, s.Began(&c.e), i)
	}
}
