// Rows: the objects of one kind in a Reading as they go to the page: cleaned, sorted by labels, no
// two with the same labels.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/reading.h"
#include "exporter/exposition/labels.h"

namespace headroom {

// The labels of an object beside target and system, cleaned, in the order in which they are
// written.
inline constexpr std::size_t kMaxIdentityLabels = 4;
using Identity = std::array<std::string_view, kMaxIdentityLabels>;

template <class Noun>
struct Row {
  Identity identity;
  const Noun* noun = nullptr;
  // [begin, end) of Rows::text: the labels as they stand between the braces, common ones included.
  std::size_t begin = 0;
  std::size_t end = 0;
};

template <class Noun>
struct Rows {
  std::vector<Row<Noun>> rows;
  std::string text;

  std::string_view LabelsOf(const Row<Noun>& row) const {
    return std::string_view(text).substr(row.begin, row.end - row.begin);
  }
};

// `common`: the labels that every row begins with. Views into the nouns and `cleaner`.
Rows<Queue> QueueRows(std::span<const Queue> queues, std::string_view common,
                      LabelCleaner& cleaner);
Rows<WorkerGroup> WorkerRows(std::span<const WorkerGroup> groups, std::string_view common,
                             LabelCleaner& cleaner);
Rows<Pool> PoolRows(std::span<const Pool> pools, std::string_view common, LabelCleaner& cleaner);

// Adds the row of {queue="_other"} in its place. `sum` outlives the rows.
void InsertOther(Rows<Queue>& queues, const Queue& sum, std::string_view common);

}  // namespace headroom
