// FramingScanner: where each RESP2 reply ends, checked before anybody reserves memory for it.
//
// hiredis' reader has no limit on what it buffers or reserves ("$5000000000", an endless line;
// "*100000000" reserves 800 MB at once, seen with 0.14.1), so every byte passes here first. The
// scanner knows lengths and nesting and nothing of meaning, and takes canonical RESP2 only.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/result.h"

namespace headroom::redis {

class FramingScanner {
 public:
  // What an element of an array counts for, beside its bytes: "*3\r\n:1\r\n" costs 4 bytes an
  // element on the wire and some 70 in memory.
  static constexpr std::size_t kElementCost = 64;
  // hiredis 0.14 reads arrays 8 deep; no reply that we ask for is deeper than 3.
  static constexpr std::size_t kMaxDepth = 7;

  // `max_cost` bounds bytes + kElementCost x elements of one reply.
  explicit FramingScanner(std::size_t max_cost) : max_cost_(max_cost) {}

  struct Step {
    std::size_t consumed = 0;
    bool complete = false;  // a reply ended with the last byte consumed
    std::size_t cost = 0;   // of that reply so far
  };
  // Scans up to the end of the current reply or of `bytes`. kProtocol: not RESP2, or over the cap;
  // the scanner is of no further use then.
  Result<Step> Scan(std::string_view bytes);

  // Between two replies.
  bool idle() const { return cost_ == 0; }

 private:
  enum class State { kType, kLine, kLineEnd, kBulk };

  // Each takes what it can from the front of `bytes` and returns how much.
  Result<std::size_t> Take(std::string_view bytes);
  Status TakeType(char type);
  Result<std::size_t> TakeText(std::string_view bytes);
  Result<std::size_t> TakeLineEnd(char next);
  Result<std::size_t> TakeBulk(std::string_view bytes);
  Status EndLine();
  Status OpenBulk(std::int64_t length);
  Status OpenArray(std::int64_t length);
  void CloseElement();
  Status Charge(std::size_t cost);
  Error OverCap() const;
  bool IsNumber() const { return type_ == ':' || type_ == '$' || type_ == '*'; }

  std::size_t max_cost_;
  std::size_t cost_ = 0;
  State state_ = State::kType;
  char type_ = 0;
  bool complete_ = false;
  bool any_reply_ = false;
  std::string number_;               // what a line of type ':', '$' or '*' says
  std::size_t bulk_left_ = 0;        // with the CR LF after it
  std::vector<std::uint64_t> open_;  // elements that each open array still lacks
};

}  // namespace headroom::redis
