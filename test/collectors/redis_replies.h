// Replies by hand, for what a recording cannot hold (times) or a server hardly ever says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "collectors/redis/client.h"

namespace headroom::redis::test {

inline Reply Number(std::int64_t value) {
  Reply reply;
  reply.type = Reply::Type::kInteger;
  reply.integer = value;
  return reply;
}
inline Reply Text(std::string text) {
  Reply reply;
  reply.type = Reply::Type::kString;
  reply.text = std::move(text);
  return reply;
}
inline Reply Refused(std::string text) {
  Reply reply;
  reply.type = Reply::Type::kError;
  reply.text = std::move(text);
  return reply;
}
inline Reply Nil() { return {}; }
inline Reply List(std::vector<Reply> elements) {
  Reply reply;
  reply.type = Reply::Type::kArray;
  reply.elements = std::move(elements);
  return reply;
}
inline Reply WrongType() {
  return Refused("WRONGTYPE Operation against a key holding the wrong kind of value");
}
inline Reply NoPermission() {
  return Refused("NOPERM this user has no permissions to access one of the keys used as arguments");
}
inline Reply Loading() { return Refused("LOADING Redis is loading the dataset in memory"); }

}  // namespace headroom::redis::test
