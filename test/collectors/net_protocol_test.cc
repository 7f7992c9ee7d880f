// Resolver and plain streams.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <string_view>

#include "collectors/net/resolver.h"
#include "collectors/net/stream.h"
#include "exporter/system_clock.h"
#include "test/support/loopback.h"
#include "test/support/scratch.h"
#include "test/support/scripted_server.h"

namespace headroom {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::LoopbackAddresses;
using test::Peer;
using test::ScriptedServer;
using ::testing::HasSubstr;

class Net : public ::testing::Test {
 protected:
  Deadline In(Duration d) const { return Deadline(clock_, clock_.Now() + d); }
  SystemClock clock_;
};

// A lookup that answers when it is let go.
struct HangingLookup {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<int> calls{0};

  Resolver::Lookup Function() {
    return [this](const std::string&, std::uint16_t port) -> Result<AddressList> {
      ++calls;
      released.wait();
      return LoopbackAddresses({port});
    };
  }
};

TEST_F(Net, HangingLookupIsLeftBehindAtTheDeadlineAndJoinedByTheNext) {
  // The threads that are left behind use it.
  auto hanging = std::make_shared<HangingLookup>();
  auto function = hanging->Function();
  Resolver resolver([hanging, function](const std::string& host, std::uint16_t port) {
    return function(host, port);
  });
  for (int i = 0; i < 3; ++i) {
    const auto addresses = resolver.Resolve("db.example", 1, In(milliseconds(20)));
    ASSERT_FALSE(addresses.ok());
    EXPECT_EQ(addresses.error().kind, ErrorKind::kTimeout);
    EXPECT_THAT(addresses.error().message, HasSubstr("resolving db.example took longer than"));
  }
  EXPECT_LE(hanging->calls, 1);
  hanging->release.set_value();
  EXPECT_TRUE(resolver.Resolve("db.example", 1, In(seconds(20))).ok());
}

TEST_F(Net, NumericAddressesNeverReachTheLookup) {
  Resolver resolver([](const std::string&, std::uint16_t) -> Result<AddressList> {
    ADD_FAILURE() << "looked up";
    return AddressList{};
  });
  const auto v4 = resolver.Resolve("127.0.0.1", 5, In(seconds(20)));
  const auto v6 = resolver.Resolve("::1", 5, In(seconds(20)));
  ASSERT_TRUE(v4.ok() && v6.ok());
  EXPECT_EQ(v4->at(0).ToString(), "127.0.0.1:5");
  EXPECT_EQ(v6->at(0).ToString(), "[::1]:5");
}

TEST_F(Net, CancellationEndsAHangingLookup) {
  // The thread that is left behind uses both, however late.
  auto hanging = std::make_shared<HangingLookup>();
  auto cancellation = std::make_shared<Cancellation>();
  Resolver resolver(
      [hanging, cancellation](const std::string&, std::uint16_t port) -> Result<AddressList> {
        cancellation->Cancel();
        hanging->released.wait();
        return LoopbackAddresses({port});
      });
  const auto addresses = resolver.Resolve(
      "db.example", 1, Deadline(clock_, clock_.Now() + seconds(20), cancellation.get()));
  ASSERT_FALSE(addresses.ok());
  EXPECT_EQ(addresses.error().message, "resolving db.example: cancelled");
  hanging->release.set_value();
}

TEST_F(Net, LookupThatThrowsIsAnError) {
  Resolver resolver([](const std::string&, std::uint16_t) -> Result<AddressList> {
    throw std::runtime_error("boom");
  });
  const auto addresses = resolver.Resolve("db.example", 1, In(seconds(20)));
  ASSERT_FALSE(addresses.ok());
  EXPECT_EQ(addresses.error().kind, ErrorKind::kInternal);
}

// No file descriptor more than are open already.
class DescriptorLimit {
 public:
  DescriptorLimit() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const Fd lowest_free(::dup(0));
    const rlimit none = {static_cast<rlim_t>(lowest_free.get()), before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Net, WithoutADescriptorToSpareALookupIsAnErrorAndTheNextOneWorks) {
  Resolver resolver([](const std::string&, std::uint16_t port) -> Result<AddressList> {
    return LoopbackAddresses({port});
  });
  const Deadline deadline = In(seconds(20));
  // UBSan needs a descriptor the first time it sees a type's virtual call: let it see them all now.
  ASSERT_TRUE(resolver.Resolve("other.example", 1, deadline).ok());
  ASSERT_EQ(fmt::format("{}: {}", std::string("a"), std::string("b")), "a: b");
  const auto addresses = [&] {
    const DescriptorLimit limit;
    return resolver.Resolve("db.example", 1, deadline);
  }();
  ASSERT_FALSE(addresses.ok());
  EXPECT_EQ(addresses.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(addresses.error().message, HasSubstr("db.example: Too many open files"));
  EXPECT_TRUE(resolver.Resolve("db.example", 1, deadline).ok());
}

TEST_F(Net, SecondAddressIsTriedWhenTheFirstRefuses) {
  std::uint16_t refused = 0;
  const Fd nobody = test::RefuseOnLoopback(refused);
  const ScriptedServer server({[](Peer& peer) { peer.AwaitClose(); }});
  Resolver resolver([&](const std::string&, std::uint16_t) -> Result<AddressList> {
    return LoopbackAddresses({refused, server.port()});
  });
  Endpoint endpoint;
  endpoint.host = "db.example";
  EXPECT_TRUE(Connect(endpoint, In(seconds(20)), resolver).ok());
}

TEST_F(Net, RefusedConnectionSaysWhere) {
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  const Fd nobody = test::RefuseOnLoopback(endpoint.port);
  const auto stream = Connect(endpoint, In(seconds(20)));
  ASSERT_FALSE(stream.ok());
  EXPECT_EQ(stream.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(stream.error().message, HasSubstr(endpoint.ToString() + ": Connection refused"));
}

// A listener whose backlog is full: the kernel answers no further handshake.
class Blackhole {
 public:
  Blackhole() : listener_(test::ListenOnLoopback(0, port)) {
    const AddressList self = LoopbackAddresses({port});
    for (Fd& fd : fill_) {
      fd = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      static_cast<void>(
          ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&self[0].storage), self[0].length));
    }
  }
  std::uint16_t port = 0;

 private:
  Fd listener_;
  std::array<Fd, 4> fill_;
};

TEST_F(Net, BlackholeIsATimeoutAndLeavesTimeForTheNextAddress) {
  const Blackhole blackhole;
  const ScriptedServer server({[](Peer& peer) { peer.AwaitClose(); }});
  Endpoint endpoint;
  endpoint.host = "db.example";
  Resolver only([&](const std::string&, std::uint16_t) -> Result<AddressList> {
    return LoopbackAddresses({blackhole.port});
  });
  const auto alone = Connect(endpoint, In(milliseconds(100)), only);
  ASSERT_FALSE(alone.ok());
  EXPECT_EQ(alone.error().kind, ErrorKind::kTimeout);
  Resolver both([&](const std::string&, std::uint16_t) -> Result<AddressList> {
    return LoopbackAddresses({blackhole.port, server.port()});
  });
  EXPECT_TRUE(Connect(endpoint, In(seconds(6)), both).ok());
}

TEST_F(Net, UnixSocketCarriesBytesBothWays) {
  const test::Scratch scratch;
  Endpoint endpoint;
  endpoint.unix_path = scratch.Path("socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(endpoint.unix_path.size(), sizeof address.sun_path);
  endpoint.unix_path.copy(address.sun_path, endpoint.unix_path.size());
  const Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);

  const auto stream = Connect(endpoint, In(seconds(20)));
  ASSERT_TRUE(stream.ok()) << stream.error().message;
  const Fd accepted(::accept(listener.get(), nullptr, nullptr));
  Peer peer(accepted.get());
  std::array<char, 16> in{};
  ASSERT_TRUE((*stream)->Exchange(std::string_view("ping"), in, In(seconds(20))).ok());
  peer.Expect("ping");
  EXPECT_TRUE((*stream)->CheckIdle().ok());
  peer.Send("pong");
  const auto answer = (*stream)->Exchange({}, in, In(seconds(20)));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(std::string_view(in.data(), answer->read), "pong");
}

TEST_F(Net, UnixSocketThatIsNotThereIsNamed) {
  Endpoint endpoint;
  endpoint.unix_path = "/nonexistent/redis.sock";
  const auto stream = Connect(endpoint, In(seconds(20)));
  ASSERT_FALSE(stream.ok());
  EXPECT_EQ(stream.error().kind, ErrorKind::kConnect);
  EXPECT_THAT(stream.error().message, HasSubstr("unix:/nonexistent/redis.sock: No such file"));
}

}  // namespace
}  // namespace headroom
