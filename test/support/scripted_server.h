// ScriptedServer: a loopback server that does to each connection what a script says, however rude.
//
// Connections are served one after the other on the server's thread: the first gets the first
// script, and so on; the last script serves all further ones. Nothing here sleeps: a script waits
// for the peer, and the destructor ends every wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "collectors/net/fd.h"

namespace headroom::test {

class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  // Reads as many bytes as `bytes` has and expects them to be the same.
  void Expect(std::string_view bytes);
  // What is there, at least one byte; empty once the peer has closed.
  std::string ReadSome();
  // False once the peer has closed.
  bool Send(std::string_view bytes);
  // Returns once the peer's kernel has them.
  void SendAndAwaitArrival(std::string_view bytes);
  void SendBytewise(std::string_view bytes);
  void SendEndlessly(std::string_view bytes);
  // Again and again with `pause` in between.
  void SendUntilClosed(std::string_view bytes, std::chrono::milliseconds pause);
  void HalfClose();
  // Returns once the peer's kernel knows.
  void HalfCloseAndAwaitArrival();
  // Holds the connection and says nothing.
  void AwaitClose();
  int fd() const { return fd_; }

 private:
  int fd_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  explicit ScriptedServer(std::vector<Script> scripts);
  // On a unix socket instead; port() is 0.
  ScriptedServer(std::vector<Script> scripts, const std::string& unix_path);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  // Connections whose script has begun.
  int accepted() const;

 private:
  void Serve();

  std::vector<Script> scripts_;
  std::uint16_t port_ = 0;
  Fd listener_;
  mutable std::mutex mutex_;
  int accepted_ = 0;
  bool stopping_ = false;
  int current_ = -1;  // the connection under way, for the destructor to end
  std::thread thread_;
};

}  // namespace headroom::test
