package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestTheFirstProcessStays(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a, b := Process{Incarnation: "b", Started: at}, Process{Incarnation: "a", Started: at.Add(time.Nanosecond)}
	assert.True(t, a.Before(&b))
	assert.False(t, b.Before(&a))
	b.Started = at
	assert.False(t, a.Before(&b))
	assert.True(t, b.Before(&a))
	assert.False(t, a.Before(&a))
}

// What others say of themselves is fit to print.
func TestNamesOfOthersArePlain(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("x", 3600))
	p := Process{Host: "a\x1b[2J\nb\xff", PID: 7, Started: at}
	assert.Equal(t, "process 7 on host a?[2J?b?, started at 2026-01-02 02:04:05 UTC", p.String())
	o := Owner{Coordinator: "c", User: "", Host: string(make([]byte, 100)), PID: 8}
	assert.Equal(t, "coordinator c (user unknown on host "+
		"????????????????????????????????????????????????????????????????..., process 8)", o.String())
	assert.Equal(t, "a coordinator (user u on host h, process 0)", Owner{User: "u", Host: "h"}.String())
}
