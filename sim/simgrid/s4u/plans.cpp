// A plan in SimGrid: dataflow actors on units that run one firing at a time, first come,
// first served, and links that take tokens one after the other. It reads numbers from its
// input, all times in s, and prints when the last firing ended.
//
//   FRAMES DEVICES ACTORS FIFOS LINKS MEDIA
//   for every actor:  its device, the time of a firing
//   for every FIFO:   producer, consumer, capacity, bytes of a token, link or -1
//   for every link:   from device, to device, bytes/s, latency, medium or -1 (one direction)
//   for every medium: bytes/s
//
// Tokens of links on a medium share it, max-min fair. SimGrid lets a token wait for the latency
// before its bytes take bandwidth; here the latency follows the bytes. So tokens cross a medium
// without latency, and whoever receives them waits for it.
//
//   plans [SimGrid's options] <plan
#include <simgrid/s4u.hpp>

#include <cstdio>
#include <deque>
#include <iostream>
#include <string>
#include <vector>

namespace sg = simgrid::s4u;

struct Fifo {
  int from, to, capacity, link;
  double bytes;
  sg::SemaphorePtr tokens, room;
  sg::Mailbox* box;
  bool medium    = false;
  double latency = 0; // of tokens over a medium
  std::deque<double> crossed; // when they did
  sg::SemaphorePtr arrivals;
};

struct Link {
  int from, to;
  double bandwidth, latency;
  int medium;
  std::deque<Fifo*> waiting;
  sg::SemaphorePtr sends = sg::Semaphore::create(0);
};

// How many times the other actors run before one that has fired goes on, at the same time:
// more than they have FIFOs.
static const int rounds = 40;

static long frames;
static std::vector<Fifo> fifos;
static std::vector<Link> links;
static double last = 0;

static void actor(int self, sg::MutexPtr unit, double takes)
{
  for (long n = 0; n < frames; n++) {
    for (auto& f : fifos)
      if (f.to == self)
        f.tokens->acquire();
    for (auto& f : fifos)
      if (f.from == self)
        f.room->acquire();
    unit->lock();
    sg::this_actor::execute(takes * 1e9);
    unit->unlock();
    last = sg::Engine::get_clock();
    for (auto& f : fifos) { // of those that it lets fire at the same time, its consumers come first
      if (f.from == self && f.link < 0)
        f.tokens->release();
      if (f.from == self && f.link >= 0) {
        links[f.link].waiting.push_back(&f);
        links[f.link].sends->release();
      }
    }
    for (auto& f : fifos)
      if (f.to == self)
        f.room->release();
    for (int i = 0; i < rounds; i++)
      sg::this_actor::yield(); // those that wait for its tokens or its slots queue at the unit before it
  }
}

// The sender of a link: the next token begins when the bytes of the last one have left.
static void sender(Link* l, long tokens)
{
  static int token;
  std::deque<sg::CommPtr> under_way;
  for (long n = 0; n < tokens; n++) {
    l->sends->acquire();
    Fifo* f = l->waiting.front();
    l->waiting.pop_front();
    if (l->medium >= 0) {
      f->box->put(&token, f->bytes);
      continue;
    }
    under_way.push_back(f->box->put_async(&token, f->bytes));
    sg::this_actor::sleep_for(f->bytes / l->bandwidth);
    while (!under_way.empty() && under_way.front()->test())
      under_way.pop_front();
  }
  for (auto& c : under_way)
    c->wait();
}

static void receiver(Fifo* f)
{
  for (long n = 0; n < frames; n++) {
    f->box->get<int>();
    if (f->medium) {
      f->crossed.push_back(sg::Engine::get_clock());
      f->arrivals->release();
      continue;
    }
    f->tokens->release();
  }
}

// Tokens that have crossed a medium arrive when its link's latency is over.
static void delay(Fifo* f)
{
  for (long n = 0; n < frames; n++) {
    f->arrivals->acquire();
    sg::this_actor::sleep_until(f->crossed.front() + f->latency);
    f->crossed.pop_front();
    f->tokens->release();
  }
}

int main(int argc, char** argv)
{
  sg::Engine engine(&argc, argv);
  int devices, actors, n_fifos, n_links, n_media;
  std::cin >> frames >> devices >> actors >> n_fifos >> n_links >> n_media;
  std::vector<int> on(actors);
  std::vector<double> takes(actors);
  for (int a = 0; a < actors; a++)
    std::cin >> on[a] >> takes[a];
  fifos.resize(n_fifos);
  for (auto& f : fifos) {
    std::cin >> f.from >> f.to >> f.capacity >> f.bytes >> f.link;
    f.tokens = sg::Semaphore::create(0);
    f.room   = sg::Semaphore::create(f.capacity);
    f.box    = sg::Mailbox::by_name("f" + std::to_string(&f - fifos.data()));
    f.arrivals = sg::Semaphore::create(0);
  }
  links = std::vector<Link>(n_links);
  for (auto& l : links)
    std::cin >> l.from >> l.to >> l.bandwidth >> l.latency >> l.medium;
  std::vector<double> capacity(n_media);
  for (auto& c : capacity)
    std::cin >> c;
  if (!std::cin) {
    std::fprintf(stderr, "%s: the plan ends early or has no number where one must be\n", argv[0]);
    return 2;
  }

  auto* zone = sg::create_full_zone("zone");
  std::vector<sg::Host*> hosts;
  std::vector<sg::MutexPtr> units;
  for (int d = 0; d < devices; d++) {
    hosts.push_back(zone->create_host("d" + std::to_string(d), 1e9)->seal());
    units.push_back(sg::Mutex::create());
  }
  std::vector<sg::Link*> media;
  for (int i = 0; i < n_media; i++)
    media.push_back(zone->create_link("m" + std::to_string(i), capacity[i])->set_latency(0)->seal());
  for (size_t i = 0; i < links.size(); i++) {
    auto& l    = links[i];
    auto* link = zone->create_link("l" + std::to_string(i), l.bandwidth)->set_latency(l.medium < 0 ? l.latency : 0)->seal();
    std::vector<sg::LinkInRoute> route = {sg::LinkInRoute(link)};
    if (l.medium >= 0)
      route.push_back(sg::LinkInRoute(media[l.medium]));
    zone->add_route(hosts[l.from]->get_netpoint(), hosts[l.to]->get_netpoint(), nullptr, nullptr, route, false);
  }
  zone->seal();
  for (int a = 0; a < actors; a++)
    sg::Actor::create("a", hosts[on[a]], actor, a, units[on[a]], takes[a]);
  std::vector<long> tokens(links.size());
  for (auto& f : fifos)
    if (f.link >= 0) {
      tokens[f.link] += frames;
      f.medium  = links[f.link].medium >= 0;
      f.latency = links[f.link].latency;
      if (f.medium)
        sg::Actor::create("d", hosts[on[f.to]], delay, &f);
      f.box->set_receiver(sg::Actor::create("r", hosts[on[f.to]], receiver, &f)); // tokens leave before it asks
    }
  for (size_t i = 0; i < links.size(); i++)
    if (tokens[i] > 0)
      sg::Actor::create("s", hosts[links[i].from], sender, &links[i], tokens[i]);
  engine.run();
  std::printf("%.9f\n", last);
}
