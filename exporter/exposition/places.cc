#include "exporter/exposition/places.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace headroom {
namespace {

std::size_t Price(const Places::Candidate& c) { return std::max<std::size_t>(c.series, 1); }

}  // namespace

std::vector<bool> Places::Assign(std::span<const Candidate> candidates, SteadyTime now) {
  std::vector<const Candidate*> newcomers = UpdateHolders(candidates, now);
  MarkUnseen(now);
  // How nearly every run ends: nothing new, and room for all.
  if (newcomers.empty() && used_ <= max_series_) return std::vector<bool>(candidates.size(), true);
  ShrinkToFit();
  Admit(std::move(newcomers), now);

  std::vector<bool> has_place(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    has_place[i] = places_.find(candidates[i].key) != places_.end();
  }
  return has_place;
}

// Returns those that hold no place yet.
std::vector<const Places::Candidate*> Places::UpdateHolders(std::span<const Candidate> candidates,
                                                            SteadyTime now) {
  std::vector<const Candidate*> newcomers;
  for (const Candidate& c : candidates) {
    const auto found = places_.find(c.key);
    if (found == places_.end()) {
      newcomers.push_back(&c);
      continue;
    }
    Place& place = found->second;
    const std::size_t price = std::max(place.price, Price(c));
    used_ += price - place.price;
    place.price = price;
    place.backlog = c.backlog;
    place.seen = now;
    if (!c.empty) {
      place.idle_since.reset();
    } else if (!place.idle_since) {
      place.idle_since = now;
    }
  }
  return newcomers;
}

void Places::MarkUnseen(SteadyTime now) {
  for (auto it = places_.begin(); it != places_.end();) {
    Place& place = it->second;
    if (place.seen != now && now - place.seen >= kIdleBeforeYield) {
      used_ -= place.price;
      it = places_.erase(it);
      continue;
    }
    if (place.seen != now) {
      place.backlog = 0;
      if (!place.idle_since) place.idle_since = now;
    }
    ++it;
  }
}

// Those idle since `idle_by` or longer, the longest idle first; SteadyTime::max() asks for all, and
// then the busy ones follow by backlog.
std::vector<Places::Map::const_iterator> Places::WeakestFirst(SteadyTime idle_by) const {
  const auto idle_since = [](const Place& p) { return p.idle_since.value_or(SteadyTime::max()); };
  std::vector<Map::const_iterator> order;
  for (auto it = places_.begin(); it != places_.end(); ++it) {
    if (idle_since(it->second) <= idle_by) order.push_back(it);
  }
  const auto rank = [&](const Map::const_iterator& it) {
    return std::tuple(idle_since(it->second), it->second.backlog, std::string_view(it->first));
  };
  std::sort(order.begin(), order.end(),
            [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return order;
}

void Places::ShrinkToFit() {
  if (used_ <= max_series_) return;
  for (const Map::const_iterator& place : WeakestFirst(SteadyTime::max())) {
    if (used_ <= max_series_) return;
    Remove(place);
  }
}

void Places::Admit(std::vector<const Candidate*> newcomers, SteadyTime now) {
  if (newcomers.empty()) return;
  std::sort(newcomers.begin(), newcomers.end(), [](const Candidate* a, const Candidate* b) {
    return std::tuple(b->backlog, a->key) < std::tuple(a->backlog, b->key);
  });

  std::size_t wanted = 0;
  for (const Candidate* c : newcomers) wanted += Price(*c);
  // Whoever may be asked to leave; nobody is, as long as there is room.
  std::vector<Map::const_iterator> yielding;
  if (wanted > max_series_ - used_) yielding = WeakestFirst(now - kIdleBeforeYield);
  std::size_t yielding_price = 0;
  for (const Map::const_iterator& place : yielding) yielding_price += place->second.price;

  std::vector<const Candidate*> admitted;
  auto next_to_leave = yielding.begin();
  for (const Candidate* c : newcomers) {
    const std::size_t free = max_series_ - used_;
    if (Price(*c) > free + (c->backlog > 0 ? yielding_price : 0)) continue;
    while (Price(*c) > max_series_ - used_) {
      yielding_price -= (*next_to_leave)->second.price;
      Remove(*next_to_leave++);
    }
    used_ += Price(*c);
    admitted.push_back(c);
  }
  // Only now: an insertion may rehash and invalidate the iterators above.
  for (const Candidate* c : admitted) {
    Place place{Price(*c), c->backlog, now, std::nullopt};
    if (c->empty) place.idle_since = now;
    places_.emplace(c->key, place);
  }
}

void Places::Remove(Map::const_iterator place) {
  used_ -= place->second.price;
  places_.erase(place);
}

}  // namespace headroom
