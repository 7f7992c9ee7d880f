#include "collectors/redis/codec.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <iterator>
#include <new>

namespace headroom::redis {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
};

std::string Text(const redisReply& reply) { return std::string(reply.str, reply.len); }

// Recursion is bounded by FramingScanner::kMaxDepth.
Reply Convert(const redisReply& from) {
  Reply to;
  switch (from.type) {
    case REDIS_REPLY_INTEGER:
      to.type = Reply::Type::kInteger;
      to.integer = from.integer;
      break;
    case REDIS_REPLY_STRING:
      to.type = Reply::Type::kString;
      to.text = Text(from);
      break;
    case REDIS_REPLY_STATUS:
      to.type = Reply::Type::kStatus;
      to.text = Text(from);
      break;
    case REDIS_REPLY_ERROR:
      to.type = Reply::Type::kError;
      to.text = Text(from);
      break;
    case REDIS_REPLY_ARRAY:
      to.type = Reply::Type::kArray;
      to.elements.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) {
        to.elements.push_back(Convert(*from.element[i]));
      }
      break;
    default:  // REDIS_REPLY_NIL; the scanner lets no RESP3 type pass
      break;
  }
  return to;
}

}  // namespace

void Batch::Add(std::initializer_list<std::string_view> arguments) {
  fmt::format_to(std::back_inserter(bytes_), "*{}\r\n", arguments.size());
  for (const std::string_view argument : arguments) {
    fmt::format_to(std::back_inserter(bytes_), "${}\r\n", argument.size());
    bytes_.append(argument).append("\r\n");
  }
  ends_.push_back(bytes_.size());
}

void ReplyReader::Free::operator()(redisReader* reader) const { ::redisReaderFree(reader); }

ReplyReader::ReplyReader(std::size_t max_reply_bytes, std::size_t max_batch_bytes)
    : scanner_(max_reply_bytes), max_batch_bytes_(max_batch_bytes), reader_(::redisReaderCreate()) {
  if (reader_ == nullptr) throw std::bad_alloc();
}

ReplyReader::~ReplyReader() = default;

Status ReplyReader::Feed(std::string_view bytes, std::vector<Reply>& replies) {
  while (!bytes.empty()) {
    const Result<FramingScanner::Step> step = scanner_.Scan(bytes);
    if (!step.ok()) return step.error();
    if (batch_cost_ + step->cost > max_batch_bytes_) {
      return Error{ErrorKind::kProtocol, fmt::format("replies over {} bytes", max_batch_bytes_)};
    }
    if (::redisReaderFeed(reader_.get(), bytes.data(), step->consumed) != REDIS_OK) {
      return Error{ErrorKind::kInternal, "hiredis: out of memory"};
    }
    bytes.remove_prefix(step->consumed);
    if (!step->complete) continue;
    batch_cost_ += step->cost;
    Result<Reply> reply = Parse();
    if (!reply.ok()) return reply.error();
    replies.push_back(std::move(reply).value());
  }
  return Ok{};
}

Result<Reply> ReplyReader::Parse() {
  void* object = nullptr;
  if (::redisReaderGetReply(reader_.get(), &object) != REDIS_OK) {
    return Error{ErrorKind::kProtocol, fmt::format("hiredis: {}", reader_->errstr)};
  }
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(object));
  if (reply == nullptr) return Error{ErrorKind::kInternal, "hiredis: a whole reply is not whole"};
  return Convert(*reply);
}

}  // namespace headroom::redis
