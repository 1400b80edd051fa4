package cachedir

import (
	"github.com/stretchr/testify/assert"
	"testing"
)

func TestDefault(t *testing.T) {
	for _, tc := range []struct{ name, own, xdg, home, want string }{
		{"own variable first", "/a/b/", "/x", "/h", "/a/b"},
		{"then XDG", "", "/x", "/h", "/x/edgeprune"},
		{"then home", "", "", "/h", "/h/.cache/edgeprune"},
		{"relative is refused", "a/b", "/x", "/h", ""},
		{"nothing set", "", "", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv("EDGEPRUNE_CACHE", tc.own)
			t.Setenv("XDG_CACHE_HOME", tc.xdg)
			t.Setenv("HOME", tc.home)
			got, err := Default()
			assert.Equal(t, (tc.want == ""), (err != nil), "Default()")
			assert.Equal(t, tc.want, got, "Default()")
		})
	}
}
