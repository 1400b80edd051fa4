package kernel_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckPorts(t *testing.T) {
	for _, tc := range []struct {
		in, out         []string // of the actor
		wantIn, wantOut []string
		says            string // "" if they fit
	}{
		{[]string{"float32[1,4]"}, []string{"uint8[4,4,3]"}, []string{"float32[1,n]"}, []string{"uint8[n,n,3]"}, ""},
		{[]string{"bytes[7]"}, nil, []string{"any"}, nil, ""},
		{[]string{"float32[2,4]"}, nil, []string{"float32[1,n]"}, nil,
			"in port a carries float32[2,4]; expected float32[1,n]"},
		{[]string{"float32[1,4]"}, []string{"float32[1,5]"}, []string{"float32[1,n]"}, []string{"float32[1,n]"},
			"out port a carries float32[1,5]; expected float32[1,n] with n = 4"},
		{[]string{"float32[<=9,4]", "float32[]", "bool[7]"}, []string{"int64[2,<=9]"},
			[]string{"float32[<=n,c]", "float32[]", "bool[k]"}, []string{"int64[2,<=n]"}, ""},
		{[]string{"float32[<=9,4]"}, nil, []string{"float32[n,4]"}, nil,
			"in port a carries float32[<=9,4]; expected float32[n,4]"},
		{[]string{"float32[9,4]"}, nil, []string{"float32[<=n,4]"}, nil,
			"in port a carries float32[9,4]; expected float32[<=n,4]"},
		{[]string{"float32[<=9]"}, []string{"float32[<=8]"}, []string{"float32[<=n]"}, []string{"float32[<=n]"},
			"expected float32[<=n] with n = 9"},
		{[]string{"int8[4]"}, nil, []string{"uint8[n]"}, nil, "expected uint8[n]"},
		{[]string{"int8[4]"}, nil, []string{"int8[h,w]"}, nil, "expected int8[h,w]"},
		{nil, nil, []string{"any"}, nil, "0 in ports given, it has 1"},
		{nil, []string{"uint8[1]", "uint8[1]"}, nil, []string{"any"}, "2 out ports given, it has 1"},
	} {
		err := kernel.Spec{
			In:  kerneltest.Ports(t, tc.in...),
			Out: kerneltest.Ports(t, tc.out...),
		}.CheckPorts(
			tc.wantIn,
			tc.wantOut,
		)
		if tc.says == "" {
			require.NoError(t, err, "%v to %v for %v to %v", tc.in, tc.out, tc.wantIn, tc.wantOut)
		}
		if tc.says != "" {
			require.ErrorIs(t, err, kernel.ErrPort, "%v to %v for %v to %v", tc.in, tc.out, tc.wantIn, tc.wantOut)
			assert.ErrorContains(t, err, tc.says)
		}
	}
}
