#include "collectors/redis/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "collectors/parse_whole.h"

namespace headroom::redis {
namespace {

// "-9223372036854775808"
constexpr std::size_t kMaxDigits = 20;

Error Malformed(std::string_view what) {
  return Error{ErrorKind::kProtocol, fmt::format("malformed reply: {}", what)};
}

// The canonical form only: no sign but '-', no leading zeros.
std::optional<std::int64_t> ParseNumber(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return std::nullopt;
  return ParseWhole<std::int64_t>(text);
}

Error NotRedis(char first) {
  constexpr unsigned char kTlsAlert = 0x15;
  const auto byte = static_cast<unsigned char>(first);
  // No more than one byte of it: a server that is none may be echoing our password.
  std::string begins =
      byte > 0x20 && byte < 0x7f ? fmt::format("'{}'", first) : fmt::format("byte 0x{:02x}", byte);
  if (first == 'H') begins += ", as HTTP does";
  if (byte == kTlsAlert) begins += ", as TLS does: use rediss://";
  return Error{ErrorKind::kProtocol,
               fmt::format("not a Redis server (its answer begins with {})", begins)};
}

}  // namespace

Result<FramingScanner::Step> FramingScanner::Scan(std::string_view bytes) {
  Step step;
  complete_ = false;
  while (!complete_ && step.consumed < bytes.size()) {
    const Result<std::size_t> taken = Take(bytes.substr(step.consumed));
    if (!taken.ok()) return taken.error();
    step.consumed += *taken;
  }
  step.cost = cost_;
  step.complete = complete_;
  if (complete_) {
    any_reply_ = true;
    cost_ = 0;
  }
  return step;
}

Result<std::size_t> FramingScanner::Take(std::string_view bytes) {
  switch (state_) {
    case State::kType: {
      const Status taken = TakeType(bytes.front());
      if (!taken.ok()) return taken.error();
      return std::size_t{1};
    }
    case State::kLine:
      return TakeText(bytes);
    case State::kLineEnd:
      return TakeLineEnd(bytes.front());
    case State::kBulk:
      return TakeBulk(bytes);
  }
  return Error{ErrorKind::kInternal, "framing"};
}

Status FramingScanner::TakeType(char type) {
  if (std::string_view("+-:$*").find(type) == std::string_view::npos) {
    if (!any_reply_ && open_.empty()) return NotRedis(type);
    return Malformed(fmt::format("type byte 0x{:02x}", static_cast<unsigned char>(type)));
  }
  type_ = type;
  number_.clear();
  state_ = State::kLine;
  return Charge(1);
}

Result<std::size_t> FramingScanner::TakeText(std::string_view bytes) {
  const std::size_t cr = bytes.find('\r');
  const std::string_view text = bytes.substr(0, cr);
  const std::size_t taken = text.size() + (cr == std::string_view::npos ? 0 : 1);
  if (IsNumber()) {
    if (number_.size() + text.size() > kMaxDigits) return Malformed("an endless number");
    number_ += text;
  }
  if (cr != std::string_view::npos) state_ = State::kLineEnd;
  const Status charged = Charge(taken);
  if (!charged.ok()) return charged.error();
  return taken;
}

// A line ends at CR LF; another CR or LF is part of the text, as hiredis has it.
Result<std::size_t> FramingScanner::TakeLineEnd(char next) {
  Status status = Charge(1);
  if (status.ok() && next == '\n') {
    status = EndLine();
  } else if (status.ok() && IsNumber()) {
    status = Malformed("a number that does not end with CR LF");
  } else if (next != '\r') {
    state_ = State::kLine;
  }
  if (!status.ok()) return status.error();
  return std::size_t{1};
}

Status FramingScanner::EndLine() {
  state_ = State::kType;
  if (!IsNumber()) {
    CloseElement();
    return Ok{};
  }
  const std::optional<std::int64_t> number = ParseNumber(number_);
  if (!number) return Malformed("not a number where one belongs");
  if (type_ == '$') return OpenBulk(*number);
  if (type_ == '*') return OpenArray(*number);
  CloseElement();
  return Ok{};
}

Status FramingScanner::OpenBulk(std::int64_t length) {
  if (length < -1) return Malformed("a string of negative length");
  if (length == -1) {
    CloseElement();
    return Ok{};
  }
  if (static_cast<std::uint64_t>(length) > max_cost_) return OverCap();
  state_ = State::kBulk;
  bulk_left_ = static_cast<std::size_t>(length) + 2;
  return Charge(bulk_left_);
}

Status FramingScanner::OpenArray(std::int64_t length) {
  if (length < -1) return Malformed("an array of negative length");
  if (open_.size() == kMaxDepth) {
    return Malformed(fmt::format("arrays nested deeper than {}", kMaxDepth));
  }
  if (length <= 0) {
    CloseElement();
    return Ok{};
  }
  const auto elements = static_cast<std::uint64_t>(length);
  if (elements > max_cost_ / kElementCost) return OverCap();
  open_.push_back(elements);
  return Charge(static_cast<std::size_t>(elements) * kElementCost);
}

Result<std::size_t> FramingScanner::TakeBulk(std::string_view bytes) {
  const std::size_t taken = std::min(bytes.size(), bulk_left_);
  const std::string_view expected = "\r\n";
  for (std::size_t i = bulk_left_ > 2 ? bulk_left_ - 2 : 0; i < taken; ++i) {
    // Counted from the end, so that the two may come apart.
    if (bytes[i] != expected[2 - (bulk_left_ - i)]) return Malformed("a string over its length");
  }
  bulk_left_ -= taken;
  if (bulk_left_ == 0) {
    state_ = State::kType;
    CloseElement();
  }
  return taken;
}

void FramingScanner::CloseElement() {
  while (!open_.empty()) {
    if (--open_.back() > 0) return;
    open_.pop_back();
  }
  complete_ = true;
}

Status FramingScanner::Charge(std::size_t cost) {
  cost_ += cost;
  if (cost_ > max_cost_) return OverCap();
  return Ok{};
}

Error FramingScanner::OverCap() const {
  return Error{ErrorKind::kProtocol, fmt::format("reply over {} bytes", max_cost_)};
}

}  // namespace headroom::redis
