// Label hygiene (truth rule 8): names chosen by a server are hostile input, and one invalid byte
// in one label makes Prometheus refuse the whole page.
//
// Threads: plain functions; a LabelCleaner belongs to one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "collectors/utf8.h"  // IWYU pragma: export

namespace headroom {

// No label value on a page is longer, its suffix included. Unit: bytes, before escaping.
inline constexpr std::size_t kMaxLabelBytes = 512;

// The queue label that carries the sum of what max_series cut off (truth rule 7).
inline constexpr std::string_view kOtherQueue = "_other";

// Valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) of at most
// kMaxLabelBytes. Such a value goes to the page byte for byte.
bool IsCleanLabelValue(std::string_view raw);

// `raw` itself when it is clean. Otherwise each invalid byte becomes U+FFFD, the text is cut at a
// code point boundary, and "~" with 16 hexadecimal digits of a hash (FNV-1a, 64 bits) of the raw
// bytes is added, so that names which differ only in what was replaced or cut stay distinct.
// Idempotent, hence not injective: a clean name may spell the cleaned form of another one. Whoever
// writes series compares cleaned values.
std::string CleanLabelValue(std::string_view raw);

// CleanLabelValue for the label `queue`: a real queue named "_other" gets the suffix too, whatever
// its other labels are, so that {queue="_other"} always means the sum.
std::string CleanQueueName(std::string_view raw);

// Escapes for a quoted value of text format 0.0.4: backslash, double quote, line feed.
void AppendEscaped(std::string& out, std::string_view value);

// Adds name="value", after a comma unless it is the first. `value` is clean.
void AppendLabel(std::string& out, std::string_view name, std::string_view value);

// The labels that every series of a target begins with.
std::string TargetLabels(std::string_view target, std::string_view system);

// Cleans without copying what is clean already.
class LabelCleaner {
 public:
  // Views into `raw`, or into storage that lives as long as the cleaner.
  std::string_view Clean(std::string_view raw);
  std::string_view CleanQueue(std::string_view raw);

 private:
  std::deque<std::string> changed_;
};

}  // namespace headroom
