#include "exporter/exposition/rows.h"

#include <algorithm>

#include "exporter/exposition/noun_families.h"

namespace headroom {
namespace {

// Names of the identity labels; the first `required` are written even when empty.
struct LabelNames {
  std::array<std::string_view, kMaxIdentityLabels> names;
  std::size_t required;
};

constexpr LabelNames kQueueNames = {{"queue", "vhost", "db", "consumer_group"}, 1};
constexpr LabelNames kGroupNames = {{"group", "", "", ""}, 1};
constexpr LabelNames kPoolNames = {{"scope", "pool", "database", "user"}, 2};

// Of equal ones the first in this order stays.
template <class Noun>
bool Before(const Row<Noun>& a, const Row<Noun>& b) {
  return a.identity < b.identity;
}

bool Before(const Row<Queue>& a, const Row<Queue>& b) {
  if (a.identity == b.identity) return a.noun->declared && !b.noun->declared;
  return a.identity < b.identity;
}

template <class Noun>
void SortAndDeduplicate(std::vector<Row<Noun>>& rows) {
  const auto before = [](const Row<Noun>& a, const Row<Noun>& b) { return Before(a, b); };
  if (!std::is_sorted(rows.begin(), rows.end(), before)) {
    std::stable_sort(rows.begin(), rows.end(), before);
  }
  const auto same = [](const Row<Noun>& a, const Row<Noun>& b) { return a.identity == b.identity; };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
}

template <class Noun>
void WriteLabels(Row<Noun>& row, std::string& text, std::string_view common,
                 const LabelNames& labels) {
  row.begin = text.size();
  text += common;
  for (std::size_t i = 0; i < kMaxIdentityLabels; ++i) {
    if (i >= labels.required && row.identity[i].empty()) continue;
    AppendLabel(text, labels.names[i], row.identity[i]);
  }
  row.end = text.size();
}

template <class Noun, class MakeIdentity>
Rows<Noun> Make(std::span<const Noun> nouns, std::string_view common, const LabelNames& labels,
                MakeIdentity identity) {
  Rows<Noun> result;
  result.rows.reserve(nouns.size() + 1);
  for (const Noun& noun : nouns) result.rows.push_back({identity(noun), &noun, 0, 0});
  SortAndDeduplicate(result.rows);
  for (Row<Noun>& row : result.rows) WriteLabels(row, result.text, common, labels);
  return result;
}

}  // namespace

Rows<Queue> QueueRows(std::span<const Queue> queues, std::string_view common,
                      LabelCleaner& cleaner) {
  return Make(queues, common, kQueueNames, [&cleaner](const Queue& q) {
    return Identity{{cleaner.CleanQueue(q.name), cleaner.Clean(q.vhost), cleaner.Clean(q.db),
                     cleaner.Clean(q.consumer_group)}};
  });
}

Rows<WorkerGroup> WorkerRows(std::span<const WorkerGroup> groups, std::string_view common,
                             LabelCleaner& cleaner) {
  return Make(groups, common, kGroupNames, [&cleaner](const WorkerGroup& g) {
    return Identity{{cleaner.Clean(g.group), {}, {}, {}}};
  });
}

Rows<Pool> PoolRows(std::span<const Pool> pools, std::string_view common, LabelCleaner& cleaner) {
  return Make(pools, common, kPoolNames, [&cleaner](const Pool& p) {
    return Identity{
        {Name(p.scope), cleaner.Clean(p.name), cleaner.Clean(p.database), cleaner.Clean(p.user)}};
  });
}

void InsertOther(Rows<Queue>& queues, const Queue& sum, std::string_view common) {
  Row<Queue> row{Identity{{kOtherQueue, {}, {}, {}}}, &sum, 0, 0};
  WriteLabels(row, queues.text, common, kQueueNames);
  const auto before = [](const Row<Queue>& a, const Row<Queue>& b) {
    return a.identity < b.identity;
  };
  queues.rows.insert(std::lower_bound(queues.rows.begin(), queues.rows.end(), row, before), row);
}

}  // namespace headroom
