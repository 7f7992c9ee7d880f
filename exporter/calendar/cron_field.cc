#include "exporter/calendar/cron_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "collectors/parse_whole.h"
#include "collectors/suggest.h"

namespace headroom {
namespace {

struct Range {
  int first = 0;
  int last = 0;
};

bool SameWord(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

std::optional<int> Number(std::string_view text) {
  if (text.starts_with('-')) return std::nullopt;  // "-5" is no hour
  return ParseWhole<int>(text);
}

// Reads one field, and words its errors.
class FieldParser {
 public:
  explicit FieldParser(const CronFieldKind& kind) : kind_(kind) {}

  Result<std::uint64_t> Element(std::string_view text) const {
    const std::size_t slash = text.find('/');
    const std::string_view values = text.substr(0, slash);
    const bool is_range = values == "*" || values.find('-') != std::string_view::npos;
    const auto range = Values(values);
    if (!range.ok()) return range.error();
    int step = 1;
    if (slash != std::string_view::npos) {
      const auto given = Step(text, text.substr(slash + 1), is_range);
      if (!given.ok()) return given.error();
      step = *given;
    }
    std::uint64_t bits = 0;
    for (int value = range->first; value <= range->last; value += step) {
      bits |= std::uint64_t{1} << static_cast<unsigned>(value);
    }
    return bits;
  }

  Error Wrong(std::string_view text) const {
    return Fault(fmt::format("expected {}, got {}", Expected(), Quoted(text)));
  }

 private:
  Error Fault(std::string_view what) const {
    return {ErrorKind::kUnsupported, fmt::format("{}: {}", kind_.name, what)};
  }

  std::string Expected() const {
    const std::string names =
        kind_.names.empty() ? ""
                            : fmt::format(" or {} to {}", kind_.names.front(), kind_.names.back());
    return fmt::format("\"*\" or {} to {}{}, as in {}", kind_.min, kind_.max, names,
                       Quoted(kind_.example));
  }

  std::optional<int> Value(std::string_view text, bool ends_range) const {
    for (std::size_t i = 0; i < kind_.names.size(); ++i) {
      if (!SameWord(text, kind_.names[i])) continue;
      if (i == 0 && ends_range && kind_.sunday_ends_range) return kind_.max;
      return kind_.min + static_cast<int>(i);
    }
    const std::optional<int> number = Number(text);
    if (!number || *number < kind_.min || *number > kind_.max) return std::nullopt;
    return number;
  }

  Result<Range> Values(std::string_view text) const {
    if (text == "*") return Range{kind_.min, kind_.max};
    const std::size_t dash = text.find('-');
    const auto first = Value(text.substr(0, dash), false);
    if (!first) return Wrong(text);
    if (dash == std::string_view::npos) return Range{*first, *first};
    // From Sunday to Sunday is one day.
    const auto last = Value(text.substr(dash + 1), *first > 0);
    if (!last) return Wrong(text);
    if (*last < *first) {
      return Fault(
          fmt::format("the range {} runs backwards: write it as two, with a comma", Quoted(text)));
    }
    return Range{*first, *last};
  }

  Result<int> Step(std::string_view whole, std::string_view text, bool of_range) const {
    if (!of_range) {
      return Fault(fmt::format("a step follows \"*\" or a range, got {}", Quoted(whole)));
    }
    // A larger one would mean the first value only, which nobody means ("*/90" minutes).
    const int longest = kind_.max - kind_.min + (kind_.sunday_ends_range ? 0 : 1);
    const std::optional<int> step = Number(text);
    if (!step || *step < 1 || *step > longest) {
      return Fault(fmt::format("expected a step from 1 to {}, got {}", longest, Quoted(whole)));
    }
    return *step;
  }

  const CronFieldKind& kind_;
};

}  // namespace

Result<std::uint64_t> ParseCronField(std::string_view text, const CronFieldKind& kind) {
  const FieldParser parser(kind);
  std::uint64_t bits = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view element = text.substr(begin, end - begin);
    if (element.empty()) return parser.Wrong(text);
    const auto values = parser.Element(element);
    if (!values.ok()) return values.error();
    bits |= *values;
    begin = end + 1;
  }
  return bits;
}

}  // namespace headroom
