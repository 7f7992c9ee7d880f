#include "test/support/fake_broker.h"

#include <thread>
#include <utility>

#include "test/support/http_script.h"

namespace headroom::test {

FakeBroker::FakeBroker() : server_({[this](Peer& peer) { Serve(peer); }}) {}

void FakeBroker::Answer(const std::string& path, std::string body, int status) {
  const std::lock_guard lock(mutex_);
  replies_[path] = {.status = status, .body = std::move(body)};
}

void FakeBroker::Hang(const std::string& path) {
  const std::lock_guard lock(mutex_);
  replies_[path] = {.hang = true};
}

std::vector<std::string> FakeBroker::TakeRequests() {
  const std::lock_guard lock(mutex_);
  return std::exchange(requests_, {});
}

void FakeBroker::Slow(std::chrono::milliseconds pause) {
  const std::lock_guard lock(mutex_);
  pause_ = pause;
}

FakeBroker::Reply FakeBroker::ReplyTo(const std::string& target) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(target);
  const auto found = replies_.find(target.substr(0, target.find('?')));
  Reply reply = found == replies_.end() ? Reply() : found->second;
  reply.pause = pause_;
  return reply;
}

void FakeBroker::Serve(Peer& peer) {
  for (std::string head; !(head = ReadRequest(peer)).empty();) {
    const std::size_t begin = head.find(' ') + 1;
    const Reply reply = ReplyTo(head.substr(begin, head.find(' ', begin) - begin));
    if (reply.hang) return peer.AwaitClose();
    std::this_thread::sleep_for(reply.pause);
    peer.Send(HttpReplyText(std::to_string(reply.status) + " X", reply.body));
  }
}

}  // namespace headroom::test
