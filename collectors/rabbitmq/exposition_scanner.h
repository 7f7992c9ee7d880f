// Cuts a page of Prometheus's text format (0.0.4) into its lines, strictly. Allocates nothing; what
// it hands out are views into the page.
//
// A page is a row of blocks: "# TYPE name type", "# HELP name text", then samples of that family
// and of no other. What does not stand in its own block is handed out as a stray instead of being
// read or skipped: a writer that does not escape label values lets a name with a line feed forge
// whole lines, and where such a line stands is what gives it away (see queue_table.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace headroom::rabbitmq {

struct ExpositionLine {
  enum class Kind {
    kFamily,  // a block begins
    kSample,  // of the family whose block this is; whether it can be read is not said yet
    kStray,   // anything else, also an empty line before the last
    kEnd,
  };
  Kind kind = Kind::kEnd;
  std::string_view name;  // kFamily: of the family
  // kSample, kStray: between the first '{' and the last '}'; to the end of the line without a '}',
  // disengaged without a '{'.
  std::optional<std::string_view> labels;
  std::string_view tail;  // what follows the labels: value and timestamp; empty without a '}'
};

class ExpositionScanner {
 public:
  // Precondition: the page ends with a line feed. It must outlive what is handed out.
  explicit ExpositionScanner(std::string_view page) : rest_(page) {}

  ExpositionLine Next();
  std::size_t line_number() const { return line_number_; }  // of the last one handed out, from 1

 private:
  std::string_view TakeLine();
  ExpositionLine TakeComment(std::string_view line);
  ExpositionLine TakeSample(std::string_view line) const;
  bool BelongsHere(std::string_view name) const;

  std::string_view rest_;
  std::string_view family_;
  bool has_suffixes_ = false;  // a summary or a histogram
  bool help_may_follow_ = false;
  std::size_t line_number_ = 0;
};

// The number in a sample's tail: " 17" or " 17 1700000000000", also NaN and +Inf. Disengaged: it is
// not of that form.
std::optional<double> ParseSampleValue(std::string_view tail);

}  // namespace headroom::rabbitmq
