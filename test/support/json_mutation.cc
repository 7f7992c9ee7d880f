#include "test/support/json_mutation.h"

#include <stdexcept>
#include <utility>

namespace headroom::test {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view json) : json_(json) {}

  // Calls nothing for what is no object; returns where the value ends.
  std::size_t Value(std::size_t at) {
    if (at >= json_.size()) throw std::invalid_argument("not JSON");
    if (json_[at] == '"') return String(at);
    if (json_[at] == '{' || json_[at] == '[') return Nested(at);
    const std::size_t end = json_.find_first_of(",]}", at);
    return end == std::string_view::npos ? json_.size() : end;
  }

  std::vector<JsonSpot> members;
  std::vector<std::pair<std::size_t, std::size_t>> top;  // elements of the outermost array

 private:
  std::size_t String(std::size_t at) const {
    for (++at; json_.at(at) != '"'; ++at) {
      if (json_[at] == '\\') ++at;
    }
    return at + 1;
  }

  std::size_t Nested(std::size_t at) {
    const bool object = json_[at] == '{';
    const char close = object ? '}' : ']';
    ++depth_;
    ++at;
    for (bool first = true; json_.at(at) != close; first = false) {
      if (json_[at] == ',') ++at;
      const std::size_t begin = at;
      std::size_t value = at;
      if (object) value = String(at) + 1;  // and the colon
      at = Value(value);
      if (object) {
        members.push_back({std::string(json_.substr(begin + 1, value - begin - 3)), begin, value,
                           at, json_.at(at) == close, first});
      } else if (depth_ == 1) {
        top.emplace_back(begin, at);
      }
    }
    --depth_;
    return at + 1;
  }

  std::string_view json_;
  int depth_ = 0;
};

}  // namespace

std::vector<JsonSpot> FindMembers(std::string_view json) {
  Scanner scanner(json);
  scanner.Value(0);
  return std::move(scanner.members);
}

std::vector<std::string> FindElements(std::string_view json) {
  Scanner scanner(json);
  scanner.Value(0);
  std::vector<std::string> elements;
  for (const auto& [begin, end] : scanner.top) {
    elements.emplace_back(json.substr(begin, end - begin));
  }
  return elements;
}

std::string Without(const std::string& json, const JsonSpot& spot) {
  if (!spot.last) return json.substr(0, spot.begin) + json.substr(spot.end + 1);
  return json.substr(0, spot.is_first ? spot.begin : spot.begin - 1) + json.substr(spot.end);
}

std::string Replaced(const std::string& json, const JsonSpot& spot, std::string_view value) {
  return json.substr(0, spot.value) + std::string(value) + json.substr(spot.end);
}

}  // namespace headroom::test
