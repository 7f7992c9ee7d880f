#include <gmock/gmock.h>

#include "exporter/http/connection_timer.h"
#include "exporter/http/listener.h"
#include "exporter/http/request_target.h"

namespace headroom {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ListenAddress, HostAndPort) {
  const auto parsed = ParseListenAddress("127.0.0.1:9935");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host, "127.0.0.1");
  EXPECT_EQ(parsed->port, 9935);
}

TEST(ListenAddress, PortAloneIsAllAddresses) {
  const auto parsed = ParseListenAddress(":0");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host, "");
  EXPECT_EQ(parsed->port, 0);
}

TEST(ListenAddress, Ipv6InBrackets) {
  const auto parsed = ParseListenAddress("[fe80::1%lo]:65535");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host, "fe80::1%lo");
  EXPECT_EQ(parsed->port, 65535);
}

class BadListenAddress : public testing::TestWithParam<std::string> {};

TEST_P(BadListenAddress, IsRefusedWithItsTextAndWhatWasExpected) {
  const auto parsed = ParseListenAddress(GetParam());
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message,
              AllOf(HasSubstr("\"" + GetParam() + "\""), HasSubstr("expected \"host:port\"")));
}

INSTANTIATE_TEST_SUITE_P(All, BadListenAddress,
                         testing::Values("", "9935", "localhost", "localhost:", "localhost:http",
                                         ":65536", ":-1", ":+1", ": 1", ":1 ", "::1:9935",
                                         "[::1]9935", "[::1:9935", "::1]:9935", "[]:9935",
                                         "[localhost]:9935", "[[::1]]:9935", "http://x:9935",
                                         "a,b:9935", "a b:1"));

TEST(Listener, UnknownHostIsNamed) {
  const auto opened = Listener::Open("no-such-host.invalid:0");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message,
              AllOf(HasSubstr("no-such-host.invalid:0"), HasSubstr("cannot resolve")));
}

TEST(Listener, AddressOfAnotherMachineIsNamed) {
  const auto opened = Listener::Open("192.0.2.1:0");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message,
              AllOf(HasSubstr("192.0.2.1:0"), HasSubstr("no such address")));
}

TEST(Listener, TheSameAddressTwiceIsInUse) {
  const auto first = Listener::Open("127.0.0.1:0");
  ASSERT_TRUE(first);
  const auto again = OpenListeners({first->address()});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("address in use"));
}

TEST(Listener, NothingToListenOnIsAnError) { EXPECT_FALSE(OpenListeners({})); }

TEST(RequestTarget, AbsoluteFormLosesSchemeAndAuthority) {
  HttpRequest request;
  ParseRequestTarget("http://proxy:1/metrics?a=b", request);
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_THAT(request.query, ElementsAre(Pair("a", "b")));
}

TEST(RequestTarget, SchemeInsideAQueryIsNotAnAuthority) {
  HttpRequest request;
  ParseRequestTarget("/x?u=http://h/p", request);
  EXPECT_EQ(request.path, "/x");
  EXPECT_THAT(request.query, ElementsAre(Pair("u", "http://h/p")));
}

TEST(RequestTarget, EmptyPairsAreSkipped) {
  HttpRequest request;
  ParseRequestTarget("/?&&a&", request);
  EXPECT_THAT(request.query, ElementsAre(Pair("a", "")));
}

TEST(OneLine, IsBoundedAndPrintable) {
  EXPECT_EQ(OneLine("a\tb\x80\n"), "a?b?");
  EXPECT_EQ(OneLine(std::string(2000, 'x')).size(), 500U);
}

TEST(ConnectionTimer, ExpiresInTheOrderOfTheFirstBytes) {
  ConnectionTimer timer(5s);
  const SteadyTime start(1h);
  timer.Start(7, start);
  timer.Start(3, start + 1s);
  timer.Start(7, start + 4s);  // more bytes give no more time
  EXPECT_EQ(timer.Next(), start + 5s);
  EXPECT_EQ(timer.TakeExpired(start + 5s - 1ns), std::nullopt);
  EXPECT_EQ(timer.TakeExpired(start + 6s), 7);
  EXPECT_EQ(timer.TakeExpired(start + 6s), 3);
  EXPECT_EQ(timer.Next(), std::nullopt);
}

TEST(ConnectionTimer, CompleteRequestIsForgotten) {
  ConnectionTimer timer(5s);
  timer.Start(7, SteadyTime(1h));
  timer.End(7);
  timer.End(8);
  EXPECT_EQ(timer.TakeExpired(SteadyTime(2h)), std::nullopt);
}

}  // namespace
}  // namespace headroom
