// MicrohttpdLoop: one libmicrohttpd daemon and everything that its one thread waits for.
//
// libmicrohttpd can run a thread of its own, one per listening socket. It is driven from ours
// instead, because only then (1) one thread and one connection limit serve all listeners, (2) a
// client that drips its request can be timed: the library knows inactivity only, and (3) every call
// into the library is made by one thread, so that resuming and stopping need no luck.
//
// Threads: Run() is the server's thread; RequestStop() may be called from any.
#pragma once

#include <microhttpd.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "collectors/clock.h"
#include "exporter/http/connection_timer.h"
#include "exporter/http/listener.h"
#include "exporter/http/microhttpd_requests.h"
#include "exporter/http/server.h"

namespace headroom {

class MicrohttpdLoop {
 public:
  // `clock` must outlive the loop.
  static Result<std::unique_ptr<MicrohttpdLoop>> Create(std::vector<Listener> listeners,
                                                        const HttpServerOptions& options,
                                                        HttpHandler handler, const Clock& clock);
  ~MicrohttpdLoop();
  MicrohttpdLoop(const MicrohttpdLoop&) = delete;
  MicrohttpdLoop& operator=(const MicrohttpdLoop&) = delete;

  // Serves until RequestStop(), then until nothing is in flight or `at`, then closes everything.
  void Run();
  // The first call counts.
  void RequestStop(SteadyTime at);

 private:
  enum class Source : std::uint32_t { kReplies, kDaemon, kListener, kClient };

  MicrohttpdLoop(std::vector<Listener> listeners, const HttpServerOptions& options,
                 HttpHandler handler, const Clock& clock);
  Status StartDaemon(const HttpServerOptions& options);

  bool Watch(int operation, int fd, Source source, std::uint32_t events) const;
  void Wait(SteadyTime until) const;
  SteadyTime WakeAt(SteadyTime now) const;
  // True if connections were accepted, of which some may have something to say already.
  bool HandleEvents();
  void AcceptFrom(int listener);
  void UpdateListeners(SteadyTime now);
  void CutSlowClients(SteadyTime now);
  bool Stopped(SteadyTime now);
  void Shutdown();

  // What the library calls; `self` is the loop. Nothing may be thrown into it.
  static void* OnRequestLine(void* self, const char* target, MHD_Connection* connection);
  static MHD_Result OnStep(void* self, MHD_Connection* connection, const char* url,
                           const char* method, const char* version, const char* upload,
                           std::size_t* upload_size, void** request);
  static void OnRequestEnd(void* self, MHD_Connection* connection, void** request,
                           MHD_RequestTerminationCode why);
  static void OnConnection(void* self, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode what);

  const Clock& clock_;
  const std::size_t max_connections_;
  const std::function<void(std::string_view)> log_;
  std::vector<Listener> listeners_;
  RequestTable requests_;
  ConnectionTimer senders_;    // of requests
  ConnectionTimer receivers_;  // of responses
  int epoll_ = -1;
  MHD_Daemon* daemon_ = nullptr;
  std::set<int> answering_;  // connections whose current request is complete
  std::size_t connections_ = 0;
  bool accepting_ = true;
  SteadyTime accept_again_ = SteadyTime::min();
  std::optional<SteadyTime> drain_until_;

  std::mutex mutex_;
  std::optional<SteadyTime> stop_at_;  // guarded by mutex_
};

}  // namespace headroom
