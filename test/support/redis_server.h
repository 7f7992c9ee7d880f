// A throwaway redis-server of its own, on a unix socket in a temporary folder.
//
// HEADROOM_TEST_REDIS names another binary (another version, or valkey-server).
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/redis/client.h"
#include "exporter/system_clock.h"
#include "test/support/scratch.h"

namespace headroom::test {

class RedisServer {
 public:
  static bool Available();

  // Starts the server with `arguments` after our own and waits until it answers.
  explicit RedisServer(std::vector<std::string> arguments = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Kills it; Start() brings it back with the same socket and folder.
  void Kill();
  void Start();

  Endpoint endpoint() const;
  // One command over a connection of the test's own. Throws when it cannot be asked; an error reply
  // is a reply.
  redis::Reply Do(std::initializer_list<std::string_view> command);

 private:
  void AwaitReady();

  SystemClock clock_;
  Scratch scratch_;
  std::vector<std::string> arguments_;
  pid_t pid_ = -1;
  std::unique_ptr<redis::Client> client_;
};

}  // namespace headroom::test
