// FakeBroker: an HTTP server that answers each path as told, for what no real broker does when it
// is asked to: contradict another node, answer half of the requests, hang.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "test/support/scripted_server.h"

namespace headroom::test {

class FakeBroker {
 public:
  FakeBroker();

  std::uint16_t port() const { return server_.port(); }
  // What a path (without its query) gets from now on. Others get 404.
  void Answer(const std::string& path, std::string body, int status = 200);
  // Nothing, until the client gives up.
  void Hang(const std::string& path);
  // Each answer from now on takes this long.
  void Slow(std::chrono::milliseconds pause);
  // The targets asked for since the last call: path and query.
  std::vector<std::string> TakeRequests();

 private:
  struct Reply {
    int status = 404;
    std::string body;
    bool hang = false;
    std::chrono::milliseconds pause{0};
  };
  void Serve(Peer& peer);
  Reply ReplyTo(const std::string& target);

  std::mutex mutex_;
  std::map<std::string, Reply> replies_;
  std::vector<std::string> requests_;
  std::chrono::milliseconds pause_{0};
  ScriptedServer server_;  // last: its thread uses the others
};

}  // namespace headroom::test
