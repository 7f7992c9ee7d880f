// Html: appends to a document with everything that did not come from our own source text escaped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom {

class Html {
 public:
  // Our own markup, as it is.
  Html& Raw(std::string_view markup);
  // Anybody's text: & < > " ' escaped, invalid UTF-8 and control characters made visible, cut at
  // 300 bytes (a queue's name may be 64 KiB) unless told otherwise.
  Html& Text(std::string_view text, std::size_t max_bytes = 300);
  std::string Take() && { return std::move(out_); }

 private:
  std::string out_;
};

// Cells of a table. An unknown number is said to be unknown, by a dash: an empty cell would look
// like nothing.
std::string NumberOrDash(std::optional<std::uint64_t> n);
void NumberCell(Html& html, std::optional<std::uint64_t> n);
void SecondsCell(Html& html, std::optional<double> seconds);

// "1.5 s", "12 ms", "3 min 20 s": for people.
std::string HumanSeconds(double seconds);

}  // namespace headroom
