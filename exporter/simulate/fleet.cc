#include "exporter/simulate/fleet.h"

#include <algorithm>
#include <utility>

namespace headroom {

Fleet::Fleet(std::vector<Message> messages, std::uint64_t slots)
    : slots_(slots), messages_(std::move(messages)) {}

void Fleet::Arrive(std::size_t n) {
  messages_[n].state = Message::State::kWaiting;
  waiting_.push(n);
  ++counts_.arrived;
  ++counts_.waiting;
}

std::size_t Fleet::Create() {
  workers_.emplace_back();
  live_.push_back(workers_.size() - 1);
  ++counts_.starting;
  return live_.back();
}

void Fleet::MakeReady(std::size_t worker) {
  if (workers_[worker].state != Worker::State::kStarting) return;
  workers_[worker].state = Worker::State::kWorking;
  --counts_.starting;
  ++counts_.working;
  Queue(worker);
}

std::vector<std::size_t> Fleet::Remove(std::uint64_t pods) {
  std::vector<std::size_t> finishing;
  for (; pods > 0; --pods) {
    const std::size_t number = live_.back();
    Worker& worker = workers_[number];
    live_.pop_back();
    --(worker.state == Worker::State::kStarting ? counts_.starting : counts_.working);
    if (worker.messages.empty()) {
      worker.state = Worker::State::kGone;
      continue;
    }
    worker.state = Worker::State::kStopping;
    --counts_.busy;
    ++counts_.stopping;
    finishing.push_back(number);
  }
  return finishing;
}

void Fleet::Kill(std::size_t worker) {
  if (workers_[worker].state != Worker::State::kStopping) return;
  for (const std::size_t n : workers_[worker].messages) {
    messages_[n].state = Message::State::kWaiting;
    waiting_.push(n);
    --counts_.in_flight;
    ++counts_.waiting;
    ++counts_.interrupted;
  }
  workers_[worker].messages.clear();
  workers_[worker].state = Worker::State::kGone;
  --counts_.stopping;
}

void Fleet::Finish(std::size_t message, std::uint32_t attempt, Duration now) {
  Message& finished = messages_[message];
  if (finished.state != Message::State::kInFlight || finished.attempt != attempt) return;
  finished.state = Message::State::kDone;
  finished.done = now;
  --counts_.in_flight;
  ++counts_.done;
  Worker& worker = workers_[finished.worker];
  worker.messages.erase(std::find(worker.messages.begin(), worker.messages.end(), message));
  if (worker.state == Worker::State::kWorking) {
    if (worker.messages.empty()) --counts_.busy;
    Queue(finished.worker);
  } else if (worker.messages.empty()) {
    worker.state = Worker::State::kGone;
    --counts_.stopping;
  }
}

void Fleet::Dispatch(Duration now, std::vector<Begun>& begun) {
  while (!waiting_.empty()) {
    const auto worker = TakeFree();
    if (!worker) return;
    const std::size_t message = waiting_.top();
    waiting_.pop();
    Begin(message, *worker, now);
    begun.push_back({message, messages_[message].attempt, now + messages_[message].service});
    if (workers_[*worker].messages.size() < slots_) Queue(*worker);
  }
}

void Fleet::Begin(std::size_t message, std::size_t worker, Duration now) {
  Message& begun = messages_[message];
  begun.state = Message::State::kInFlight;
  ++begun.attempt;
  begun.worker = worker;
  begun.started = now;
  if (workers_[worker].messages.empty()) ++counts_.busy;
  workers_[worker].messages.push_back(message);
  --counts_.waiting;
  ++counts_.in_flight;
}

void Fleet::Queue(std::size_t worker) {
  if (std::exchange(workers_[worker].queued, true)) return;
  free_.push_back(worker);
}

std::optional<std::size_t> Fleet::TakeFree() {
  while (!free_.empty()) {
    const std::size_t worker = free_.front();
    free_.pop_front();
    workers_[worker].queued = false;
    if (workers_[worker].state == Worker::State::kWorking) return worker;
  }
  return std::nullopt;
}

}  // namespace headroom
