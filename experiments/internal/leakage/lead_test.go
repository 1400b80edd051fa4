package leakage_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	core "github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func estimate(value, half float64) *core.Estimate {
	return &core.Estimate{Value: value, Low: value - half, High: value + half, N: 60}
}

func written() *leakage.Table {
	radius := 0.5
	row := func(pp int, cut, codecName string, dependence, psnr *core.Estimate) leakage.Row {
		r := leakage.Row{Cut: cut, PP: pp, Tensors: []string{cut + ".x"}, Codec: codecName, Bytes: 12.5, Samples: 60, Seed: 3,
			Dependence: dependence, PSNR: psnr}
		if psnr != nil {
			r.FloorPSNR = estimate(15, 1)
		}
		return r
	}
	t := &leakage.Table{Application: "app", Samples: 60, Rows: []leakage.Row{
		row(1, "camera", "none", estimate(1, 0), estimate(24, 1)),
		row(2, "net/conv", "none", estimate(0.5, 0.1), estimate(20, 1)),
		row(2, "net/conv", "int8", estimate(0.48, 0.1), estimate(20, 1)),
		row(3, "net/fc", "none", estimate(0.01, 0.02), estimate(15.5, 1)),
		{Cut: "net/odd", Codec: "none", Failed: "it is odd"},
	}}
	t.Rows[1].CeilingQuality, t.Rows[1].Radius = 85, &radius
	return t
}

func TestLead(t *testing.T) {
	table := written()
	assert.Equal(t, []string{
		"What crosses depends on the frames most at PP1 camera (1.00 ± 0.00) and least at PP3 fc (0.01 ± 0.02); " +
			"60 samples " +
			"don't tell it from independence at PP3 fc.",
		"A linear decoder reconstructs frames best at PP1 camera, by 24.0 ± 1.0 dB against 15.0 dB of the mean " +
			"frame, and no " +
			"better than the mean beyond doubt at PP3 fc.",
		"Against codec none, the others change dependence by 0.020 at most, with int8 at PP2 conv: less than its " +
			"interval, so " +
			"no codec hides what these samples show.",
	}, table.Lead())
	table.Rows[2].Dependence = estimate(0.3, 0.1)
	assert.Equal(t, "Against codec none, the others change dependence by 0.200 at most, with int8 at PP2 conv.",
		table.Lead()[2])
	table.Rows = table.Rows[:2]
	table.Rows[0].PSNR, table.Rows[1].PSNR = nil, nil
	assert.Equal(t, []string{"What crosses depends on the frames most at PP1 camera (1.00 ± 0.00) and least at " +
		"PP2 conv " +
		"(0.50 ± 0.10); every cut's interval lies above 0."}, table.Lead())
	table.Rows = table.Rows[1:]
	assert.Equal(t, []string{"What crosses at PP2 conv depends on the frames by 0.50 ± 0.10."}, table.Lead())
	table.Rows = nil
	assert.Equal(t, []string{"Nothing can be said of any cut."}, table.Lead())
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, written().WriteCSV(&b))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 6)
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	conv := rows[2]
	for name, want := range map[string]string{"cut": "net/conv", "pp": "2", "tensors": "net/conv.x", "codec": "none",
		"bytes": "12.5", "samples": "60", "seed": "3", "dependence": "0.5", "dependence_low": "0.4", "dependence_high": "0.6",
		"psnr_db": "20", "floor_psnr_db": "15", "ceiling_psnr_db": "", "ceiling_jpeg_quality": "85", "class_radius": "0.5"} {
		assert.Equal(t, want, conv[at[name]], name)
	}
	assert.Equal(t, "it is odd", rows[5][at["failed"]])
	assert.Empty(t, rows[5][at["dependence"]])
}

// TestSheet draws what is reconstructed at five depths.
func TestSheet(t *testing.T) {
	r := request(t, newTapper(30), 30, "same", "convolved", "mean", "constant")
	table := of(t, r)
	s, err := table.Sheet(t.Context(), 3)
	require.NoError(t, err)
	require.Len(t, s.Rows, 3)
	require.GreaterOrEqual(t, len(s.Columns), 6)
	assert.Equal(t, "input", s.Columns[0])
	assert.Contains(t, s.Columns[1], "PP1 camera: ")
	assert.Contains(t, s.Columns[len(s.Columns)-2], "floor, the mean: ")
	assert.Contains(t, s.Columns[len(s.Columns)-1], "JPEG")
	for _, row := range s.Rows {
		require.Len(t, row.Pictures, len(s.Columns))
		for _, p := range row.Pictures {
			assert.Equal(t, leakage.Side, p.Bounds().Dx())
		}
	}
	r.Detail = leakage.DependenceOnly
	s, err = of(t, r).Sheet(t.Context(), 3)
	require.NoError(t, err)
	assert.Nil(t, s)
}
