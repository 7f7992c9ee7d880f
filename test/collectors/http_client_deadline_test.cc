// HttpClient under a Deadline: it ends every wait, and a wait costs nothing.
#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "test/support/http_client_fixture.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::AnswerAll;
using test::ExpectError;
using test::ExpectTimeout;
using test::HttpClientProtocol;
using test::kOkReply;
using test::Peer;
using test::ReadRequest;
using test::ScriptedServer;

// The system's clock, which counts how often it is looked at.
class CountingClock final : public Clock {
 public:
  SteadyTime Now() const override {
    ++looks_;
    return system_.Now();
  }
  WallTime WallNow() const override { return system_.WallNow(); }
  void WaitUntil(std::condition_variable& cv, std::unique_lock<std::mutex>& lock,
                 SteadyTime until) const override {
    system_.WaitUntil(cv, lock, until);
  }
  int looks() const { return looks_; }

 private:
  SystemClock system_;
  mutable std::atomic<int> looks_ = 0;
};

TEST_F(HttpClientProtocol, WaitForASlowReplyIsNotSpentAwake) {
  const ScriptedServer server({[](Peer& peer) {
    ReadRequest(peer);
    pollfd gone{peer.fd(), POLLRDHUP, 0};
    ::poll(&gone, 1, /*timeout=*/300);
    peer.Send(kOkReply);
    peer.AwaitClose();
  }});
  const CountingClock clock;
  HttpClient client(OptionsFor(server));
  const auto reply = client.Get("/", Deadline(clock, clock.Now() + seconds(20)));
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_LT(clock.looks(), 200);
}

TEST_F(HttpClientProtocol, DeadlineEndsEveryKindOfDelay) {
  const std::vector<ScriptedServer::Script> scripts = {
      [](Peer& peer) { peer.AwaitClose(); },
      [](Peer& peer) {
        ReadRequest(peer);
        peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
        peer.SendUntilClosed("x", milliseconds(5));
      },
      [](Peer& peer) {
        ReadRequest(peer);
        peer.Send("HTTP/1.1 200 OK\r\n");
        peer.SendUntilClosed("X: y\r\n", milliseconds(5));
      }};
  for (const auto& script : scripts) {
    const ScriptedServer server({script});
    HttpClient client(OptionsFor(server));
    ExpectTimeout(client, clock_);
  }
}

TEST_F(HttpClientProtocol, DeadlineThatHasPassedConnectsNowhere) {
  const ScriptedServer server({AnswerAll()});
  HttpClient client(OptionsFor(server));
  ExpectError(client.Get("/", In(milliseconds(0))).error(), ErrorKind::kTimeout, "deadline");
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(HttpClientProtocol, CancellationEndsAWaitAtOnce) {
  const Cancellation cancellation;
  const ScriptedServer server({[&](Peer& peer) {
    ReadRequest(peer);
    cancellation.Cancel();
    peer.AwaitClose();
  }});
  HttpClient client(OptionsFor(server));
  const SteadyTime start = clock_.Now();
  const auto reply = client.Get("/x", Deadline(clock_, start + seconds(20), &cancellation));
  ASSERT_FALSE(reply.ok());
  ExpectError(reply.error(), ErrorKind::kTimeout, "GET /x: cancelled");
  EXPECT_LT(clock_.Now() - start, seconds(5));
}

}  // namespace
}  // namespace headroom
