// Chains of 14 actors in SimGrid: the first seven run on an endpoint, the others on a
// machine of their own behind a private link, or behind a link of theirs and one that all share. It prints the firings, the virtual time at
// which the last one ended, in s, the processor time that the simulation took, with its
// preparation, in s, and the most memory that it had, in KiB.
//
//   chains ENDPOINTS FRAMES FORM SHARED [SimGrid's options]
//
// FORM says how the workload is written. "actors": every dataflow actor is an S4U actor,
// and two semaphores count the tokens and the free slots of a FIFO. "halves": the seven
// actors of one machine are one S4U actor that runs a frame's firings in a row: SimGrid has
// the least to do. Both end at the same time, as both machines have one core. SHARED is 1 for the
// link that all share, max-min fair, or 0.
#include <simgrid/s4u.hpp>

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace sg = simgrid::s4u;

static const int per_half     = 7;
static const int slots        = 4;      // of a FIFO
static const double here      = 1e6;    // flops of a firing on the endpoint, at 1 Gflop/s: 1 ms
static const double there     = 5e4;    // behind the link
static const double bytes     = 295000; // of a token on the link
static const double bandwidth = 300e6;  // bytes/s
static const double latency   = 1e-3;   // s
static const double share     = 60e6;   // bytes/s of the shared link, for each endpoint

static long firings = 0;

struct Fifo {
  sg::SemaphorePtr tokens = sg::Semaphore::create(0), room = sg::Semaphore::create(slots);
};

// One dataflow actor: null FIFOs and mailboxes are ends of the chain.
static void actor(Fifo* in, Fifo* out, sg::Mailbox* from, sg::Mailbox* to, double flops, long frames)
{
  static int token;
  sg::CommPtr sending;
  for (long f = 0; f < frames; f++) {
    if (in)
      in->tokens->acquire();
    if (from)
      from->get<int>();
    if (out)
      out->room->acquire();
    sg::this_actor::execute(flops);
    firings++;
    if (in)
      in->room->release();
    if (out)
      out->tokens->release();
    if (to) {
      if (sending)
        sending->wait();
      sending = to->put_async(&token, bytes);
    }
  }
  if (sending)
    sending->wait();
}

static void half(sg::Mailbox* from, sg::Mailbox* to, double flops, long frames)
{
  static int token;
  sg::CommPtr sending;
  for (long f = 0; f < frames; f++) {
    if (from)
      from->get<int>();
    for (int a = 0; a < per_half; a++) {
      sg::this_actor::execute(flops);
      firings++;
    }
    if (to) {
      if (sending)
        sending->wait();
      sending = to->put_async(&token, bytes);
    }
  }
  if (sending)
    sending->wait();
}

static rusage used()
{
  rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u;
}

// Processor time in s, the system's part with it.
static double seconds(const rusage& u)
{
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char** argv)
{
  sg::Engine engine(&argc, argv); // takes its options out
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s ENDPOINTS FRAMES actors|halves 0|1\n", argv[0]);
    return 2;
  }
  const int endpoints  = std::atoi(argv[1]);
  const long frames    = std::atol(argv[2]);
  const std::string form = argv[3];
  const bool shared      = std::atoi(argv[4]) != 0;

  const double begun = seconds(used());
  auto* world      = sg::create_star_zone("world");
  sg::Link* air    = shared ? world->create_link("air", share * endpoints)->set_latency(0)->seal() : nullptr;
  std::vector<Fifo> fifos(form == "actors" ? endpoints * 2 * (per_half - 1) : 0);
  auto* fifo = fifos.data();
  for (int i = 0; i < endpoints; i++) {
    const std::string n = std::to_string(i);
    auto* zone          = sg::create_full_zone("z" + n); // routes of its own: a common table would grow by the square
    zone->set_parent(world);
    const double slower = 1 + (i % 97) / 1000.0; // no two neighbours keep time
    auto* endpoint      = zone->create_host("e" + n, 1e9 / slower)->seal();
    auto* server        = zone->create_host("s" + n, 1e9)->seal();
    auto* link          = zone->create_link("l" + n, bandwidth)->set_latency(latency)->seal();
    std::vector<sg::LinkInRoute> route = {sg::LinkInRoute(link)};
    if (air)
      route.push_back(sg::LinkInRoute(air));
    zone->add_route(endpoint->get_netpoint(), server->get_netpoint(), nullptr, nullptr, route);
    zone->seal();
    auto* box = sg::Mailbox::by_name("b" + n);
    if (form == "halves") {
      sg::Actor::create("h", endpoint, half, nullptr, box, here, frames);
      box->set_receiver(sg::Actor::create("t", server, half, box, nullptr, there, frames)); // tokens leave before it asks
      continue;
    }
    for (auto* at : {endpoint, server})
      for (int a = 0; a < per_half; a++) {
        Fifo* in  = a > 0 ? fifo - 1 : nullptr;
        Fifo* out = a < per_half - 1 ? fifo++ : nullptr;
        const bool takes = at == server && a == 0;
        auto made = sg::Actor::create("a", at, actor, in, out, takes ? box : nullptr,
                                      at == endpoint && !out ? box : nullptr, at == endpoint ? here : there, frames);
        if (takes)
          box->set_receiver(made);
      }
  }
  world->seal();
  engine.run();
  const rusage end  = used();
  const double done = seconds(end);
  std::printf("%ld %.9f %.6f %ld\n", firings, sg::Engine::get_clock(), done - begun, end.ru_maxrss);
}
