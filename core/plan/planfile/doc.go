// Package planfile is the YAML of plan files as they are written: an application, a
// platform, mappings and a workload, with the place of every value. It checks what can
// be checked without the models; package compile makes a plan of the rest. It may not
// open files.
//
// # The keys of a plan file
//
// Times are written as 2s or 1.5ms, bandwidths as 12500000 in bytes per second or with a
// unit as 12.5MB/s or 100Mbit/s (see package quantity), token types as float32[1,3,300,300], bytes[65536] or
// float32[<=100,4]: tensors that travel with their shape, in which the first size is
// 100 at most. Where the shape of a model's tensor depends on the data, its ports have
// such a type, with the room that the model's file gives (see onnx.Model.Bounded). A key
// in brackets may be left out. A file of an application alone has only plan and
// application; see compile.Graph.
//
//	plan                   name of the plan
//	application:
//	  name
//	  actors:              in precedence order
//	    name
//	    kernel or model    what a firing runs; a model becomes the chain of its segments
//	    [params]           of the kernel, any mapping
//	    [kind]             processing, dynamic, dynamic-processing or configuration
//	    [configures]       of a configuration actor: the actors of its dynamic part
//	    [rate]             of all ports of a model
//	    [parts]:           of a model that is mapped by branches
//	      name             mapped as actor/name
//	      [makes]          tensors; the last part may leave them out
//	    [state]            true if the actor keeps state
//	    [in], [out]:
//	      port             name
//	      type             of tokens; an input may leave it to the FIFO's other end
//	      [rate]           tokens per firing: 4, or the limits [0, 1]; default 1
//	      [control]        true for a port of control tokens that fifos join
//	  fifos:
//	    from, to           actor.port
//	    [delay]            initial tokens, zeros
//	    [capacity]         in tokens; between devices at least delay + rate
//	platform:
//	  name
//	  devices:
//	    name, role         endpoint, gateway or server
//	    [count]            of an endpoint: so many copies of it, of its links and of the instances with actors on it
//	    units:             name [lanes] [threads] [spin] [provider] [slowdown] [cost] [costs]
//	      [provider]       of ONNX Runtime: its name (cpu, webgpu, openvino, cuda, tensorrt or another that the
//	                       library knows), or {name, [options], [fallback: cpu]}; options are texts
//	      [cost]           for the simulator: what firings take, from the profile's samples: median, mean, empirical,
//	                       lognormal, shifted-lognormal, phases or constant=2ms; default what the run or the study says
//	      [costs]          the same of single actors of the application, such as {tracker: constant=2ms}
//	    [profile]          a file of its costs, which edgeprune profile export writes; relative to this one
//	    [power]:           in watts, such as 2W or 850mW; see energy.Figures
//	      idle             always there; the others come on top of it
//	      [units]          by name, such as {gpu: 8W}: while all lanes of the unit run
//	      [send], [receive]
//	      [basis]          given, fitted (with its [residual]) or assumed; default given
//	      [from]           what they were taken from
//	  links:
//	    name, between      [bandwidth_bytes_per_sec] [latency] [duplex] [unverified]
//	    [medium]           what it shares with other links, by its name; else it is private. With a profile as well,
//	                       which was probed while nothing else crossed: tokens pass no more than it found, and share
//	                       the medium with others; a deployment takes both as they are
//	    [profile]          a file of what tokens cost, which edgeprune testbed probe writes; relative to this one
//	    [trace]            a file of its bandwidth, latency or both from the run's start: CSV of seconds,bytes_per_sec,
//	                       latency_seconds, or Mahimahi's format; see Links
//	    [trace_loop]       true: it begins anew at its end, else the last row goes on
//	    [jitter]           for the simulator: none (the default), empirical, which draws from the profile, or a mapping:
//	      kind             constant, normal or gamma
//	      [mean], [stddev] of what is added to the time of flight
//	    [loss]:            for the simulator
//	      rate             fraction of transmissions that are lost, such as 0.01
//	      [model]          message (the default) or tcp
//	      [timeout]        until a lost message is sent again; of tcp beside a round trip, default 200ms
//	      [window]         bytes that may be sent and not acknowledged, such as 64KiB; default any number
//	    [outages]:         times in which nothing crosses; of a link on a medium, take a trace of the medium
//	      from, for        [every]: again every so long
//	  [media]:             what links share max-min fair, such as a Wi-Fi cell; see plan.Medium
//	    name
//	    capacity_bytes_per_sec
//	    [per_message]      time that each message takes beside its bytes; default 0s
//	    [message_bytes]    how long messages are; default 1500
//	    [contention]       none (the default), linear, 802.11a, 802.11b or 802.11g; see plan.Contention, package dcf
//	    [per_station]      of linear: what each station beyond the first adds to a message's time, such as 0.05
//	    [trace]            the capacity over time in place of the one above, as a link's
//	    [trace_loop]       true: it begins anew at its end
//	    [unverified]
//	instances:
//	  [name]
//	  [count]              so many copies, each with copies of the endpoints under mapping and of their links; the
//	                       second copy of c is named c-2. Errors name the line of what was copied. See File.Expanded
//	  [mix]:               of a counted instance: device or link or both, and share: that share of the copies has a copy
//	                       of the device in place of the mapping's endpoint, and of the link in place of its own. The
//	                       shares sum to 1, and are exact to less than one copy, whatever the seed
//	  mapping:             unit, with actors, through or neither
//	  [codec]              fp16, int8, jpeg, none or a chain such as int8+zstd; see package codec
//	  [calibration]:       for int8-static, by actor.port: scale, zero_point, a list each
//	  [fallback]:          after, unit: go on alone on that unit when the other device is lost
//	workload:
//	  kind                 single-stream, multi-stream, offline, camera, poisson, server or recorded: see
//	                       plan.WorkloadKind
//	  frames               [precision] [min_frames] [warmup]; of each instance. Of recorded arrivals all, if left out
//	  [period]             of a camera: the time between frames
//	  [rate]               of poisson and server: frames per second, at random times that the seed fixes
//	  [samples_per_query]  of multi-stream: frames of a query; default 8. frames is a multiple of it
//	  [latency_bound]      of server: what the latency of percentile of the frames must not be above; it drops none
//	  [percentile]         of server; default 99
//	  [arrivals]           of recorded: a file with a time a line, in seconds since the run's start, relative to this one
//	  [column]             of recorded: the file is CSV, and its first line names the column
//	  [loop]               of recorded: true: it begins anew at its end, a mean time between frames later; without,
//	                       no more frames can be asked for than it has
//	  [phase]              of a camera, and of recorded with loop: same (the default), spread or random: how frames of
//	                       instances lie to each other; see plan.Phase
//	  [deadline]           such as 100ms: a frame whose latency is longer counts as late
//	  [drop]               of a camera, poisson and recorded: block (the default), newest or oldest: see admission
//	  [queue]              with drop: frames that may wait; default 1
//	  [choices]:           for the simulator: actor [instance], with recorded or rates
//	[faults]:              for the simulator, and those of devices for a deployment on this machine with patience
//	  device or link       a name, which is of its copies as well, or a pattern such as cam*, of every one that fits
//	  at, for              when, and how long; or instead, at random times:
//	  mtbf or crash        mean time from the start or a repair to the next failure, exponential; or {kind, ...} of
//	                       package failure, such as {kind: weibull, shape: 1.5, scale: 10m}
//	  mttr or repair       the same of the time of repair, such as {kind: lognormal, mean: 5s, sigma: 0.5}
//	  [until]              no failures from then on
//	  [detect]             after which the others count it as lost
//	[seed]
//	[fifo_capacity]
//
// # Branches
//
// A model with parts becomes an actor for each of them instead of the chain of its
// segments, so that its branches can run on several devices at the same time. A part is
// made of the nodes that compute the tensors under makes and that no part before it
// holds; the last one gets what is left. So no part waits for a later one. Parts next to
// each other in the list and on one unit become one session; every tensor that another
// session needs gets a FIFO for each reader. Where several sessions read what a kernel
// gives the model, an actor beside that kernel copies it to each. A part should not end
// within what ONNX Runtime computes as one, such as a convolution and its activation:
// compile.Borders says where one does. Here two heads of a detector run on the server
// while the third runs on the camera:
//
//	actors:
//	  - name: detector
//	    model: nanodet
//	    parts:
//	      - {name: trunk, makes: [features/8, features/16, features/32]}
//	      - {name: coarse, makes: [scores/32, bins/32]}
//	      - {name: fine}
//	mapping:
//	  - {unit: camera.cpu, through: detector/coarse}
//	  - {unit: server.cpu}
//
// ../compile/testdata/nanodet-branches.yaml is such a plan for three devices, and
// nanodet-row.yaml beside it one for three devices in a row; experiments/nanodet-devices
// compares several of both.
//
// # Dynamic parts
//
// The actors that a configuration actor configures get a control port each, named
// control, and a FIFO to it. So does what package compile puts between them, such as codecs.
// Where several of them lie on another device, one relay there takes the control
// token and hands it on, so that one crosses the network in every iteration.
//
// # Costs
//
// A firing of a log-normal model takes a draw of the distribution that package costmodel fits to
// the samples of its profile. Of phases, it takes a draw of the state that its unit is in: fast and
// slow phases follow on each other in virtual time, and all actors of the unit that have phases are
// slow together. How well a distribution fits stands in the run's notes, and samples without
// phases are drawn in any order, which the notes say, too. A draw depends on the plan's seed, the
// actor and the number of the firing alone. A deployment runs the kernels, whatever these keys say.
//
// # Links
//
// Jitter is added to a token's time of flight, which is from its last byte leaving the sender's
// side of the link to its arrival. No flight takes less than no time, and no token arrives before
// those that were sent before it. What is drawn depends on the seed, on the name of the FIFO and
// on the number of the token: other instances don't change it, and a token that is sent again
// after a fault draws the same again.
//
// With losses, some bytes cross the link again and again until they have arrived. In model
// message, a token is sent as messages of plan.ChunkBytes, each of which is lost on its own and
// sent again after the timeout; the others go on meanwhile, as far as the window allows. Model tcp is what a
// TCP connection that has long been open does: rate is that of segments of 1448 bytes; the
// bandwidth is at most what such a transfer sustains under such losses (Padhye et al. 1998), what
// is lost is found by the acknowledgements of three later segments, by a tail loss probe or by a
// timeout, and sent again. Package impairment has the formulas with their sources. Neither knows
// how tokens meet in a window, nor slow start after a pause.
//
// In an outage, bytes that have not left their sender wait, and so do acknowledgements; what has
// left arrives. A fault of a link loses what is on it, and has it sent again after Hellos.
//
// Of a trace in CSV, the first row names the columns, each row holds until the next one, and lines
// that begin with # are comments. A latency over time replaces the link's own and a profile's,
// which the link then may not have. A file of another name than .csv that begins with a whole number is
// Mahimahi's: in every line a time in ms at which 1500 bytes may pass, and anew after the last
// one. Either counts for both directions of the link.
//
// All of these go together, and with a half-duplex link, whose directions then take turns
// for what is lost as well. A link on a medium may have jitter and losses.
//
// # Faults
//
// With {device: server, at: 2s, for: 500ms} the server's process dies 2 s after the
// run's start, as if killed, and is started again half a second later; with {link: wifi,
// at: 1s, for: 300ms} nothing crosses the link meanwhile. A device counts the other
// one as lost when it has been away for longer than detect, which is plan.Detection by
// default; that is what the time of a fallback counts from.
//
// With {device: server, mtbf: 10m, mttr: 5s} it fails again and again, each time after an exponentially
// distributed time since its repair. Every device and link draws its own times from the plan's
// seed and its name, and the n-th failure is the same whatever else is in the plan. A run has no
// known length: times are drawn as it goes on. A deployment of agents that this program starts, with
// patience, ends and starts them at the same times. Only one fault at random times may be of a device or
// link, and none beside it, as they could overlap.
package planfile
