// Keys that discovery has found. A run reads each of them by name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "collectors/clock.h"

namespace headroom::redis {

// How a worker's record is kept: fields of a hash, or a string that holds a JSON object.
enum class RecordKind { kHash, kString };

struct KnownKey {
  // When a pass saw the key, or a run found it not empty.
  SteadyTime last_seen;
  std::uint64_t last_pass = 0;  // the number of the last pass that saw it
  bool gone = false;            // the last run that asked found no such key
  RecordKind kind = RecordKind::kHash;
};

using KnownKeys = std::map<std::string, KnownKey, std::less<>>;

}  // namespace headroom::redis
