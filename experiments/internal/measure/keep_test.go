package measure

import "testing"

func TestSlug(t *testing.T) {
	for s, want := range map[string]string{
		"slow/wired/all on server, raw none": "slow-wired-all-on-server-raw-none",
		"PP4 dw2+1 fp16":                     "PP4-dw2+1-fp16",
		"../../etc/ä:*?":                     "..-..-etc-----",
	} {
		if got := slug(s); got != want {
			t.Errorf("slug(%q) = %q, want %q", s, got, want)
		}
	}
}
