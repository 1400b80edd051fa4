package power_test

import (
	"fmt"
	"testing/fstest"
)

// The trees below are those of Jetson modules as their developer guides, the kernel's
// documentation and posts of users show them; values are made up.

type tree fstest.MapFS

func (t tree) put(name string, value any) tree {
	t[name] = &fstest.MapFile{Data: fmt.Appendf(nil, "%v\n", value)}
	return t
}

// ina3221 adds a chip in hwmon with three channels: label, mV and mA each.
func (t tree) ina3221(n int, channels ...any) tree {
	dir := fmt.Sprintf("sys/class/hwmon/hwmon%d/", n)
	t.put(dir+"name", "ina3221").put(dir+"in7_label", "sum of shunt voltages").put(dir+"in7_input", 8080)
	t.put(dir+"curr4_input", 99999)
	for i := 0; i < len(channels); i += 3 {
		c := i/3 + 1
		t.put(fmt.Sprintf("%sin%d_label", dir, c), channels[i]).put(fmt.Sprintf("%sin%d_input", dir, c), channels[i+1])
		t.put(fmt.Sprintf("%scurr%d_input", dir, c), channels[i+2])
		t.put(fmt.Sprintf("%sin%d_input", dir, c+3), 1234) // its shunt
	}
	return t
}

// nano4 is a Jetson Nano with JetPack 4: one chip in iio, POM_5V_IN is all.
func nano4() tree {
	t := tree{}
	dir := "sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/"
	for i, rail := range []string{"POM_5V_IN", "POM_5V_GPU", "POM_5V_CPU"} {
		t.put(fmt.Sprintf("%srail_name_%d", dir, i), rail)
		t.put(fmt.Sprintf("%sin_power%d_input", dir, i), []int{2411, 80, 523}[i]) // mW
		t.put(fmt.Sprintf("%sin_voltage%d_input", dir, i), 5024).put(fmt.Sprintf("%sin_current%d_input", dir, i), 480)
	}
	return t.put("sys/class/hwmon/hwmon0/name", "thermal-fan-est")
}

// xavier4 is an AGX Xavier with JetPack 4: two chips, no total rail.
func xavier4() tree {
	t := tree{}
	for c, rails := range [][]string{{"GPU", "CPU", "SOC"}, {"CV", "VDDRQ", "SYS5V"}} {
		dir := fmt.Sprintf("sys/bus/i2c/drivers/ina3221x/1-004%d/iio:device%d/", c, c)
		for i, rail := range rails {
			t.put(fmt.Sprintf("%srail_name_%d", dir, i), rail)
			t.put(fmt.Sprintf("%sin_power%d_input", dir, i), 1000*(c+1)+100*i)
		}
	}
	return t
}

// agx5 is an AGX Orin with JetPack 5: two chips, of which two channels aren't connected.
func agx5() tree {
	return tree{}.
		ina3221(3, "VDD_GPU_SOC", 19160, 180, "VDD_CPU_CV", 19160, 40, "VIN_SYS_5V0", 4968, 980).
		ina3221(4, "NC", 0, 0, "VDDQ_VDD2_1V8AO", 4960, 160, "NC", 0, 0)
}

// nx6 is an Orin NX with JetPack 6: one chip, VDD_IN is all.
func nx6() tree {
	return tree{}.
		ina3221(1, "VDD_IN", 4976, 1232, "VDD_CPU_GPU_CV", 4976, 240, "VDD_SOC", 4968, 304).
		put("sys/class/hwmon/hwmon1/update_interval", 37).
		put("sys/class/hwmon/hwmon0/name", "pwmfan").put("sys/class/hwmon/hwmon0/in1_label", "VDD_IN")
}

// thor is an AGX Thor with JetPack 7: rails of the module, and an INA238 without label at the
// input of the board.
func thor() tree {
	return tree{}.
		ina3221(3, "VDD_GPU", 12040, 640, "VDD_CPU_SOC_MSS", 12040, 960, "VIN_SYS_5V0", 5088, 1740).
		put("proc/device-tree/model", "NVIDIA Jetson AGX Thor Developer Kit\x00").
		put("sys/class/hwmon/hwmon4/name", "ina238").
		put("sys/class/hwmon/hwmon4/in0_input", 3).put("sys/class/hwmon/hwmon4/in1_input", 20100).
		put("sys/class/hwmon/hwmon4/curr1_input", 2000).put("sys/class/hwmon/hwmon4/power1_input", 40_190_000)
}

// intel has two packages with their cores and memory. wrap is in µJ.
func intel(wrap int64) tree {
	t := tree{}
	for i, z := range []struct {
		zone, name string
		uj         int64
	}{
		{"intel-rapl:0", "package-0", 1_000_000}, {"intel-rapl:0:0", "core", 400_000}, {"intel-rapl:0:1", "dram", 90_000},
		{"intel-rapl:1", "package-1", 2_000_000},
	} {
		dir := "sys/class/powercap/" + z.zone + "/"
		t.put(dir+"name", z.name).put(dir+"energy_uj", z.uj).put(dir+"max_energy_range_uj", wrap+int64(i))
	}
	return t.put("sys/class/powercap/intel-rapl/enabled", 1)
}
