// Fleet: the messages and the workers of a rehearsal, and who works on what. It knows no clock and
// no events: it says when what it begins will end, and is told when that is.
//
// Messages are handed out in the order in which they arrived; of several free workers the one that
// has been free for longest takes the next (as Redis' BLPOP and a broker's round robin do).
//
// Assumptions about pods that are removed: those go first that were created last, so such as have
// not started yet before any that works. Kubernetes does not know who is busy. One that is idle, or
// has not started, is gone at once. One that is busy takes nothing more, finishes what it has, and
// is gone; Kill() ends it when its grace period is over, and what it had waits again, to be begun
// anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "collectors/clock.h"

namespace headroom {

struct Message {
  enum class State { kToCome, kWaiting, kInFlight, kDone };
  Duration arrives{};
  Duration service{};  // how long a worker takes for it
  State state = State::kToCome;
  std::uint32_t attempt = 0;  // how often it has been begun
  std::size_t worker = 0;     // of kInFlight
  Duration started{};         // the last attempt
  Duration done{};            // of kDone
};

struct FleetCounts {
  std::uint64_t arrived = 0;
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t done = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t starting = 0;
  std::uint64_t working = 0;  // ready workers, busy or not
  std::uint64_t busy = 0;     // those of them that have a message
  std::uint64_t stopping = 0;
};

class Fleet {
 public:
  // A message that a worker begins, and when it will be done unless the worker is killed.
  struct Begun {
    std::size_t message = 0;
    std::uint32_t attempt = 0;
    Duration end{};
  };

  // `messages`: in the order of their arrival. `slots`: messages that a worker has at a time, >= 1.
  Fleet(std::vector<Message> messages, std::uint64_t slots);

  // Message `n`, which was to come, waits.
  void Arrive(std::size_t n);
  // A pod that does not work yet; its number.
  std::size_t Create();
  // It works from now on; nothing happens when it has been removed meanwhile.
  void MakeReady(std::size_t worker);
  // Takes away pods that start or work, as described above. The numbers of those that still finish
  // something. Precondition: there are so many.
  std::vector<std::size_t> Remove(std::uint64_t pods);
  // Its grace period is over. Nothing happens when it is gone already.
  void Kill(std::size_t worker);
  // What was begun is done; nothing happens when that attempt was interrupted.
  void Finish(std::size_t message, std::uint32_t attempt, Duration now);
  // Hands out what can be; appends it to `begun`.
  void Dispatch(Duration now, std::vector<Begun>& begun);

  const FleetCounts& counts() const { return counts_; }
  const std::vector<Message>& messages() const { return messages_; }
  // Pods that start or work: the replicas of the Deployment.
  std::uint64_t replicas() const { return live_.size(); }

 private:
  struct Worker {
    enum class State { kStarting, kWorking, kStopping, kGone };
    State state = State::kStarting;
    bool queued = false;                // stands in free_
    std::vector<std::size_t> messages;  // that it works on
  };
  void Queue(std::size_t worker);
  // The next that may take a message, taken out of free_.
  std::optional<std::size_t> TakeFree();
  void Begin(std::size_t message, std::size_t worker, Duration now);

  std::uint64_t slots_;
  std::vector<Message> messages_;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> waiting_;
  std::vector<Worker> workers_;    // all that ever were
  std::vector<std::size_t> live_;  // that start or work, the newest last
  std::deque<std::size_t> free_;   // that have a free slot, and some that have been removed since
  FleetCounts counts_;
};

}  // namespace headroom
