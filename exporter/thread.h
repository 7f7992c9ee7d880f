// Thread: a named thread with a small stack that takes no signals (main waits for those).
#pragma once

#include <pthread.h>

#include <functional>
#include <string>

namespace headroom {

class Thread {
 public:
  Thread() = default;
  // `name` is cut to the 15 characters that the kernel keeps. Throws std::system_error when the
  // system has no room for a thread.
  Thread(const std::string& name, std::function<void()> body);
  ~Thread() { Join(); }
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;

  void Join();

 private:
  pthread_t handle_{};
  bool joinable_ = false;
};

}  // namespace headroom
