package transport_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/stretchr/testify/assert"
)

// Neither passwords nor tokens are in what names a server.
func TestRedacted(t *testing.T) {
	for url, want := range map[string]string{
		"":                               "",
		"nats://box:4222":                "nats://box:4222",
		"nats://me:secret@box:4222":      "nats://me:xxxxx@box:4222",
		"nats://me:sec:re@t@box":         "nats://me:xxxxx@box",
		"nats://:secret@box":             "nats://:xxxxx@box",
		"nats://token@box:4222":          "nats://xxxxx@box:4222",
		"me:secret@box":                  "me:xxxxx@box",
		"token@[::1]:4222":               "xxxxx@[::1]:4222",
		"tls://me:s@a:1, nats://t@b,c:3": "tls://me:xxxxx@a:1, nats://xxxxx@b,c:3",
	} {
		assert.Equal(t, want, transport.Redacted(url))
	}
}
