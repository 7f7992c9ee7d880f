// Changes recorded JSON replies, one member at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::test {

// A member of an object somewhere in a JSON text.
struct JsonSpot {
  std::string key;        // as it is written
  std::size_t begin = 0;  // of the key, its quote included
  std::size_t value = 0;  // where the value begins
  std::size_t end = 0;    // of the value
  bool last = false;      // nothing follows in its object
  bool is_first = false;
};

// Every member of every object. Precondition: valid JSON.
std::vector<JsonSpot> FindMembers(std::string_view json);
// The elements of a top-level array, as texts. Precondition: as above.
std::vector<std::string> FindElements(std::string_view json);

std::string Without(const std::string& json, const JsonSpot& spot);
std::string Replaced(const std::string& json, const JsonSpot& spot, std::string_view value);

}  // namespace headroom::test
