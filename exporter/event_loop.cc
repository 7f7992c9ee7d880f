#include "exporter/event_loop.h"

#include <exception>
#include <string>
#include <utility>

namespace headroom {

EventLoop::EventLoop(const Clock& clock, Log log)
    : clock_(clock), log_(std::move(log)), thread_("scrape", [this] { Run(); }) {}

void EventLoop::Guarded(const Task& task) const {
  std::string problem;
  try {
    task();
    return;
  } catch (const std::exception& e) {
    problem = e.what();
  } catch (...) {
    problem = "an exception of an unknown type";
  }
  // Dropping the task answers whoever waits for it (HttpReply).
  log_("a page could not be made: " + problem);
}

EventLoop::TimerId EventLoop::At(SteadyTime when, Task task) {
  const std::lock_guard lock(mutex_);
  const TimerId timer(when, ++last_id_);
  if (stopping_) return timer;
  tasks_.emplace(timer, std::move(task));
  wake_.notify_one();
  return timer;
}

void EventLoop::Cancel(TimerId timer) {
  Task dropped;  // destroyed without the lock: tasks own things
  const std::lock_guard lock(mutex_);
  const auto found = tasks_.find(timer);
  if (found == tasks_.end()) return;
  dropped = std::move(found->second);
  tasks_.erase(found);
}

void EventLoop::Stop() {
  std::map<TimerId, Task> dropped;  // destroyed without the lock: tasks own things
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(tasks_);
    wake_.notify_one();
  }
  thread_.Join();
}

void EventLoop::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (tasks_.empty()) {
      clock_.WaitUntil(wake_, lock, SteadyTime::max());
    } else if (const auto first = tasks_.begin(); first->first.first > clock_.Now()) {
      clock_.WaitUntil(wake_, lock, first->first.first);
    } else {
      Task task = std::move(first->second);
      tasks_.erase(first);
      lock.unlock();
      Guarded(task);
      task = nullptr;  // what it owns goes before the lock is taken again
      lock.lock();
    }
  }
}

}  // namespace headroom
