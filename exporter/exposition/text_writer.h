// Sample lines and numbers of text format 0.0.4, without any locale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "exporter/exposition/blocks.h"
#include "exporter/exposition/family.h"

namespace headroom {

// A measured number. Counts stay integers up to the page: a double is exact only up to 2^53.
using Number = std::variant<std::uint64_t, double>;

// False for NaN and the infinities, which never go to a page: unknown is an absent series.
bool IsWritable(Number value);

// The shortest text that reads back as the same number. Whole numbers up to 2^53 are written in
// digits, larger doubles as std::to_chars has them; -0 is 0. Precondition: IsWritable(value).
void AppendNumber(std::string& out, Number value);

// A label that one sample has beside those of its object. Without a name there is none.
struct ExtraLabel {
  std::string_view name;
  std::string_view value;
};

// Collects the sample lines of families, one family after the other, into Blocks.
class BlockBuilder {
 public:
  explicit BlockBuilder(std::size_t expected_bytes = 0) { blocks_.text.reserve(expected_bytes); }

  // Names and helps are not copied: see FamilyBlock.
  void Begin(const FamilyDesc& family);
  // A line of the family begun last. `labels` is a comma-separated list as AppendLabel makes it;
  // the further ones are added to it. A value that is not writable adds nothing.
  void Add(std::string_view labels, std::span<const ExtraLabel> extra, Number value);
  // A family without a line leaves no trace.
  void End();

  // Precondition: no family was begun twice.
  Blocks Take() &&;

 private:
  Blocks blocks_;
};

}  // namespace headroom
