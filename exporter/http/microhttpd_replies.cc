#include "exporter/http/microhttpd_replies.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "exporter/http/request_target.h"

namespace headroom {
namespace {

class QueuedReply final : public HttpReply {
 public:
  QueuedReply(std::shared_ptr<ReplyQueue> queue, ReplyQueue::Id id)
      : queue_(std::move(queue)), id_(id) {}
  ~QueuedReply() override { SendOnce(InternalError()); }

  void Send(HttpResponse response) override { SendOnce(Sendable(std::move(response))); }

 private:
  void SendOnce(HttpResponse response) {
    if (!sent_.exchange(true)) queue_->Push(id_, std::move(response));
  }

  const std::shared_ptr<ReplyQueue> queue_;
  const ReplyQueue::Id id_;
  std::atomic<bool> sent_{false};
};

}  // namespace

ReplyQueue::ReplyQueue() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

ReplyQueue::~ReplyQueue() { ::close(fd_); }

void ReplyQueue::Push(Id id, HttpResponse response) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    answers_.emplace_back(id, std::move(response));
  }
  Wake();
}

void ReplyQueue::Wake() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void ReplyQueue::ClearWake() {
  std::uint64_t count = 0;
  // Fails only when there is nothing to clear.
  [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
}

std::vector<ReplyQueue::Answer> ReplyQueue::TakeAll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void ReplyQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  answers_.clear();
}

std::shared_ptr<HttpReply> MakeReply(std::shared_ptr<ReplyQueue> queue, ReplyQueue::Id id) {
  return std::make_shared<QueuedReply>(std::move(queue), id);
}

}  // namespace headroom
