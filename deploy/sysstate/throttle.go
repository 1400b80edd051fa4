package sysstate

import (
	"path"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
)

// throttles are what says that hardware slowed itself down: the counters of Intel's
// processors, over-current events of Jetson modules (oc*_event_cnt of hwmon), their cooling
// devices that are named *-throttle-alert, and the flags of a Raspberry Pi's firmware.
func (f files) throttles() []device.Throttle {
	var all []device.Throttle
	count := func(name, file string) {
		if v, ok := f.number(file); ok {
			all = append(all, device.Throttle{Name: name, Value: int64(v)})
		}
	}
	for _, cpu := range f.list("sys/devices/system/cpu", "cpu[0-9]*") {
		count(path.Base(cpu)+" core_throttle_count", cpu+"/thermal_throttle/core_throttle_count")
	}
	count("package_throttle_count", "sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count")
	for _, dir := range f.list("sys/class/hwmon", "hwmon*") {
		for _, file := range f.list(dir, "oc*_event_cnt") {
			count(path.Base(file), file)
		}
	}
	for _, dir := range f.list("sys/class/thermal", "cooling_device*") {
		kind, _ := f.line(dir + "/type")
		if v, ok := f.number(dir + "/cur_state"); ok && strings.HasSuffix(kind, "-throttle-alert") {
			all = append(all, device.Throttle{Name: kind, Flag: true, Value: int64(v)})
		}
	}
	return append(all, f.pi()...)
}

// pi reads the flags of a Raspberry Pi: bit 0 under-voltage, 1 clock capped, 2 throttled, 3 soft
// temperature limit, all of them now (Raspberry Pi documentation, vcgencmd get_throttled).
func (f files) pi() []device.Throttle {
	text, ok := f.line("sys/devices/platform/soc/soc:firmware/get_throttled")
	if !ok {
		return nil
	}
	bits, err := strconv.ParseUint(strings.TrimPrefix(text, "0x"), 16, 64)
	if err != nil {
		return nil
	}
	var all []device.Throttle
	for i, name := range []string{"under-voltage", "clock capped", "throttled", "soft temperature limit"} {
		all = append(all, device.Throttle{Name: name, Flag: true, Value: int64(bits >> i & 1)})
	}
	return all
}
