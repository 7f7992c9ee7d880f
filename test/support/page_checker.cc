#include "test/support/page_checker.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <system_error>

namespace headroom::test {
namespace {

// Written apart from the code under test: decodes, and compares with the smallest code point of
// each length.
bool IsUtf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto lead = static_cast<unsigned char>(s[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xC0) || lead >= 0xF8 || i + length > s.size()) return false;
    char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(s[i + k]);
      if ((next & 0xC0U) != 0x80U) return false;
      code = (code << 6U) | (next & 0x3FU);
    }
    constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      return false;
    }
    i += length;
  }
  return true;
}

bool IsName(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos;
}

class Checker {
 public:
  std::vector<std::string> Check(std::string_view page) {
    if (!page.empty() && page.back() != '\n') Fault("no line feed at the end", "");
    while (!page.empty()) {
      const std::string_view line = page.substr(0, page.find('\n'));
      page.remove_prefix(std::min(line.size() + 1, page.size()));
      Line(line);
    }
    if (helped_) Fault("HELP without TYPE", family_);
    return faults_;
  }

 private:
  void Fault(std::string_view what, std::string_view where) {
    faults_.push_back(std::string(what) + ": " + std::string(where));
  }

  void Line(std::string_view line) {
    if (line.starts_with("# HELP ")) return Help(line, line.substr(7));
    if (line.starts_with("# TYPE ")) return Type(line, line.substr(7));
    Sample(line);
  }

  void Help(std::string_view line, std::string_view rest) {
    const std::string name(rest.substr(0, rest.find(' ')));
    if (helped_) Fault("HELP without TYPE", line);
    if (!IsName(name) || rest.size() < name.size() + 2) Fault("bad HELP", line);
    if (name <= family_) Fault("family repeated or out of order", line);
    if (!family_.empty() && !sampled_) Fault("family without a sample", family_);
    family_ = name;
    helped_ = true;
    sampled_ = false;
  }

  void Type(std::string_view line, std::string_view rest) {
    if (!helped_ || (rest != family_ + " gauge" && rest != family_ + " counter")) {
      Fault("bad TYPE", line);
    }
    helped_ = false;
  }

  void Sample(std::string_view line) {
    sampled_ = true;
    const std::size_t name_end = line.find_first_of("{ ");
    if (helped_ || line.substr(0, name_end) != family_) Fault("sample outside its family", line);
    if (name_end == std::string_view::npos) return Fault("no value", line);
    std::string_view rest = line.substr(name_end);
    if (rest.front() == '{' && !Labels(rest)) return Fault("bad labels", line);
    if (!series_.insert(std::string(line.substr(0, line.size() - rest.size()))).second) {
      Fault("series repeated", line);
    }
    if (rest.empty() || rest.front() != ' ') return Fault("no value", line);
    Value(line, rest.substr(1));
  }

  void Value(std::string_view line, std::string_view text) {
    double value = NAN;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
      Fault("not a finite number", line);
    }
  }

  // Takes {...} off `rest`.
  static bool Labels(std::string_view& rest) {
    std::set<std::string, std::less<>> names;
    do {
      rest.remove_prefix(1);  // '{' or ','
      const std::size_t equals = rest.find("=\"");
      if (equals == std::string_view::npos) return false;
      if (!IsName(rest.substr(0, equals))) return false;
      if (!names.emplace(rest.substr(0, equals)).second) return false;
      rest.remove_prefix(equals + 2);
      if (!QuotedValue(rest) || rest.empty()) return false;
    } while (rest.front() == ',');
    if (rest.front() != '}') return false;
    rest.remove_prefix(1);
    return true;
  }

  // Takes the value and its closing quote off `rest`.
  static bool QuotedValue(std::string_view& rest) {
    std::size_t i = 0;
    for (; i < rest.size() && rest[i] != '"'; ++i) {
      if (rest[i] != '\\') continue;
      ++i;
      if (i == rest.size() || std::string_view("\\\"n").find(rest[i]) == std::string_view::npos) {
        return false;
      }
    }
    if (i == rest.size() || !IsUtf8(rest.substr(0, i))) return false;
    rest.remove_prefix(i + 1);
    return true;
  }

  std::vector<std::string> faults_;
  std::set<std::string> series_;
  std::string family_;
  bool helped_ = false;
  bool sampled_ = false;
};

}  // namespace

std::vector<std::string> PageFaults(std::string_view page) { return Checker().Check(page); }

}  // namespace headroom::test
