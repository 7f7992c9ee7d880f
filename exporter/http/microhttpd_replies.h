// ReplyQueue: where answers wait, from whatever thread they come, until the server's one thread
// takes them. Only that thread ever touches libmicrohttpd.
//
// Threads: Push() and Wake() from any, also after the server is gone; the rest from the server's.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "exporter/http/server.h"

namespace headroom {

class ReplyQueue {
 public:
  using Id = std::uint64_t;
  using Answer = std::pair<Id, HttpResponse>;

  ReplyQueue();
  ~ReplyQueue();
  ReplyQueue(const ReplyQueue&) = delete;
  ReplyQueue& operator=(const ReplyQueue&) = delete;

  // Ignored once closed.
  void Push(Id id, HttpResponse response);
  void Wake();

  std::vector<Answer> TakeAll();
  void Close();
  int fd() const { return fd_; }  // readable after Push() or Wake() until ClearWake()
  void ClearWake();

 private:
  const int fd_;
  std::mutex mutex_;
  std::vector<Answer> answers_;
  bool closed_ = false;
};

// A reply that pushes its answer as `id`, and a 500 if it is dropped unanswered.
std::shared_ptr<HttpReply> MakeReply(std::shared_ptr<ReplyQueue> queue, ReplyQueue::Id id);

}  // namespace headroom
