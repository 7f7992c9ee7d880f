// The mapping from nouns to metric families, written once for all systems: which numbers of a
// Queue, WorkerGroup or Pool make which series. The names: docs/metrics.md.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "collectors/reading.h"
#include "exporter/exposition/family.h"
#include "exporter/exposition/text_writer.h"

namespace headroom {

// One sample of one object, beside the labels that identify the object.
struct Sample {
  std::array<ExtraLabel, 2> labels;  // "state", or what an info family says; unused ones are empty
  Number value;
};
using Samples = std::vector<Sample>;

template <class Noun>
struct NounFamily {
  FamilyDesc desc;
  // Adds what is known and nothing else. The views live as long as the noun.
  void (*samples)(const Noun& noun, Samples& out);
  // Queues: also written for the sum of those that max_series folded.
  bool summed = false;
};

std::span<const NounFamily<Queue>> QueueFamilies();
std::span<const NounFamily<WorkerGroup>> WorkerFamilies();
std::span<const NounFamily<Pool>> PoolFamilies();

// The value of the label `scope`.
std::string_view Name(PoolScope scope);

}  // namespace headroom
