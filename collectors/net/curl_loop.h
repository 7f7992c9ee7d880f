// CurlLoop: runs a libcurl transfer so that each of its waits ends at a Deadline.
//
// libcurl's own waits (curl_easy_perform, curl_multi_poll) know nothing of a Cancellation. So its
// sockets are watched by an epoll descriptor, which is what Deadline::Poll waits for.
//
// Threads: one at a time.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <optional>

#include "collectors/deadline.h"
#include "collectors/net/fd.h"
#include "collectors/result.h"

namespace headroom {

class CurlLoop {
 public:
  // Keeps one idle connection. Throws when there is no descriptor or memory left.
  CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  // Runs `easy` to its end: libcurl's verdict on it. kTimeout (deadline or cancellation) and
  // kInternal leave it unfinished, and its connection is closed.
  Result<CURLcode> Run(CURL* easy, const Deadline& deadline);

 private:
  struct FreeMulti {
    void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
  };

  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
  static int OnTimer(CURLM* multi, long milliseconds, void* self);
  Result<CURLcode> Drive(const Deadline& deadline);
  // Waits once and lets libcurl do what can be done then.
  Status Step(const Deadline& deadline, int& running);
  // Sets `wake_` to what libcurl still waits for.
  void AskForTimer();
  Result<CURLcode> Verdict() const;

  Fd epoll_;
  const Clock* clock_ = nullptr;    // set while a transfer runs
  std::optional<SteadyTime> wake_;  // when libcurl wants to be called without an event
  std::unique_ptr<CURLM, FreeMulti> multi_;
};

}  // namespace headroom
