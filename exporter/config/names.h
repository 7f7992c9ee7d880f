// Names that people choose for targets and workloads: they become labels.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/options.h"

namespace headroom {

inline constexpr std::size_t kLongestName = 128;  // characters

// Reads the key `name`, ${VARIABLES} replaced; empty after an error, which has then been reported.
std::string ReadName(OptionsReader& options);

// Can a label selector of Kubernetes hold it as a value? ("Labels and Selectors", Syntax and
// character set: at most 63 characters, the first and the last a letter or digit.)
bool IsKubernetesLabelValue(std::string_view name);

// The names of one kind of table, each of which is to be unique.
class UniqueNames {
 public:
  // `noun`: "target". `where`: "over all systems".
  UniqueNames(std::string_view noun, std::string_view where) : noun_(noun), where_(where) {}

  // Notes the name that stands in `options`.
  void Add(const std::string& name, const OptionsReader& options);
  // Reports those that are taken. The later place is the one to change; flags come after any file.
  void Check(Diagnostics& diagnostics);

 private:
  struct Named {
    std::string name;
    std::string key;
    Position place;
  };

  std::string_view noun_;
  std::string_view where_;
  std::vector<Named> names_;
};

}  // namespace headroom
