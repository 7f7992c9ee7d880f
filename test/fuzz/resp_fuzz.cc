// Replies of a hostile server. The first byte says where the rest is cut in two: what is read must
// not depend on it. What the scanner calls a reply hiredis must call one, and nothing that is
// handed out may be larger than the cap.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/redis/codec.h"

namespace headroom::redis {
namespace {

constexpr std::size_t kMaxReply = 4096;
constexpr std::size_t kMaxBatch = 16'384;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::size_t Cost(const Reply& reply) {
  std::size_t cost = reply.text.size() + FramingScanner::kElementCost * reply.elements.size();
  for (const Reply& element : reply.elements) cost += Cost(element);
  return cost;
}

void Dump(const Reply& reply, std::string& out) {
  out += std::to_string(static_cast<int>(reply.type)) + ' ' + std::to_string(reply.integer) + ' ' +
         std::to_string(reply.text.size()) + ' ' + reply.text + '[';
  for (const Reply& element : reply.elements) Dump(element, out);
  out += ']';
}

// Everything that can be seen from outside, as text.
std::string Read(std::string_view first, std::string_view second) {
  ReplyReader reader(kMaxReply, kMaxBatch);
  std::vector<Reply> replies;
  Status status = reader.Feed(first, replies);
  if (status.ok()) status = reader.Feed(second, replies);
  std::string seen;
  std::size_t total = 0;
  for (const Reply& reply : replies) {
    Require(Cost(reply) <= kMaxReply);
    total += Cost(reply);
    Dump(reply, seen);
  }
  Require(total <= kMaxBatch);
  if (status.ok()) return seen + (reader.idle() ? "idle" : "open");
  // The scanner has the only word on what is malformed: hiredis and it must agree.
  Require(status.error().kind == ErrorKind::kProtocol);
  Require(status.error().message.find("hiredis") == std::string::npos);
  const bool known = status.error().message.starts_with("malformed reply: ") ||
                     status.error().message.starts_with("not a Redis server") ||
                     status.error().message.starts_with("reply over ") ||
                     status.error().message.starts_with("replies over ");
  Require(known);
  return seen + "error";
}

}  // namespace
}  // namespace headroom::redis

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(data + 1, data + size);
  const std::string_view all = bytes;
  const std::size_t cut = all.empty() ? 0 : data[0] % (all.size() + 1);
  const std::string whole = headroom::redis::Read(all, {});
  if (whole != headroom::redis::Read(all.substr(0, cut), all.substr(cut))) std::abort();
  return 0;
}
