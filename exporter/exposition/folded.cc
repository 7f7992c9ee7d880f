#include "exporter/exposition/folded.h"

#include <cstdint>
#include <optional>

namespace headroom {
namespace {

// A sum that is unknown once a member is, or once it does not fit; absent while it has no member.
class Sum {
 public:
  void Add(std::optional<std::uint64_t> part) {
    if (!part) return Spoil();
    std::uint64_t total = 0;
    if (__builtin_add_overflow(total_, *part, &total)) return Spoil();
    total_ = total;
    has_member_ = true;
  }
  void Spoil() { spoilt_ = true; }

  std::optional<std::uint64_t> Total() const {
    if (spoilt_ || !has_member_) return std::nullopt;
    return total_;
  }

 private:
  std::uint64_t total_ = 0;
  bool has_member_ = false;
  bool spoilt_ = false;
};

}  // namespace

Queue SumOfFolded(std::span<const Queue* const> folded) {
  Sum ready;
  Sum in_flight;
  Sum delayed;
  Sum dead;
  Sum consumers;
  for (const Queue* q : folded) {
    const bool all_unknown = !q->ready;
    ready.Add(q->ready);
    consumers.Add(q->consumers);
    if (all_unknown || q->has_in_flight || q->in_flight) in_flight.Add(q->in_flight);
    if (all_unknown || q->delayed) delayed.Add(q->delayed);
    if (all_unknown || q->dead) dead.Add(q->dead);
  }
  Queue sum;
  sum.ready = ready.Total();
  sum.in_flight = in_flight.Total();
  sum.delayed = delayed.Total();
  sum.dead = dead.Total();
  sum.consumers = consumers.Total();
  return sum;
}

}  // namespace headroom
