#include "exporter/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <string>

#include "test/support/fake_clock.h"

namespace headroom {
namespace {

const WallTime kTime{std::chrono::milliseconds(1'767'225'600'042)};

TEST(FormatLogLine, LogfmtQuotesOnlyWhereNeeded) {
  EXPECT_EQ(FormatLogLine(LogFormat::kLogfmt, kTime, LogLevel::kInfo, "listening",
                          {{"address", "[::]:9935"}, {"note", "two words"}, {"empty", ""}}),
            "time=2026-01-01T00:00:00.042Z level=info msg=listening address=[::]:9935 "
            "note=\"two words\" empty=\"\"\n");
}

TEST(FormatLogLine, HostileValuesStayOnOneLine) {
  const auto line = FormatLogLine(LogFormat::kLogfmt, kTime, LogLevel::kWarn, "x",
                                  {{"queue", "a\nlevel=error msg=\"forged\"\r\x1b[31m"}});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_NE(line.find(R"(queue="a\nlevel=error msg=\"forged\"\u000d\u001b[31m")"),
            std::string::npos)
      << line;
}

TEST(FormatLogLine, JsonParsesWhateverTheBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  const auto line =
      FormatLogLine(LogFormat::kJson, kTime, LogLevel::kError, "m", {{"queue", bytes}});
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  ASSERT_EQ(parser.parse(line).get(document), simdjson::SUCCESS) << line;
  std::string_view level;
  ASSERT_EQ(document["level"].get(level), simdjson::SUCCESS);
  EXPECT_EQ(level, "error");
  std::string_view queue;
  ASSERT_EQ(document["queue"].get(queue), simdjson::SUCCESS);
  EXPECT_EQ(queue.substr(0, 128), bytes.substr(0, 128));
}

TEST(FormatLogLine, ALineThatIsTooLongLosesTheEndsOfItsLongestValues) {
  std::string euros;
  for (int i = 0; i < 2000; ++i) euros += "€";
  const std::string control(2000, '\x01');  // six bytes each, once escaped
  const auto line = FormatLogLine(LogFormat::kJson, kTime, LogLevel::kError, "m",
                                  {{"queue", euros}, {"what", control}, {"error", "why"}});
  EXPECT_LE(line.size(), static_cast<std::size_t>(PIPE_BUF));
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  ASSERT_EQ(parser.parse(line).get(document), simdjson::SUCCESS) << line;
  std::string_view error;
  ASSERT_EQ(document["error"].get(error), simdjson::SUCCESS);
  EXPECT_EQ(error, "why");
  std::string_view queue;
  ASSERT_EQ(document["queue"].get(queue), simdjson::SUCCESS);
  ASSERT_TRUE(queue.ends_with("…"));
  EXPECT_EQ(queue.substr(0, queue.size() - 3), euros.substr(0, queue.size() - 3));
}

class LoggerOnAPipe : public testing::Test {
 protected:
  static std::array<int, 2> MakePipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    // Reading what was not written fails the test instead of hanging it.
    EXPECT_EQ(::fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    return ends;
  }
  ~LoggerOnAPipe() override {
    for (const int end : ends_) ::close(end);
  }
  std::string Read() {
    std::string text(std::size_t{1} << 20, '\0');
    const auto got = ::read(ends_[0], text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

  const std::array<int, 2> ends_ = MakePipe();
  test::FakeClock clock_;
  Logger logger_{LogLevel::kInfo, LogFormat::kLogfmt, clock_, ends_[1]};
};

TEST_F(LoggerOnAPipe, WritesFromItsLevelUp) {
  logger_.Log(LogLevel::kDebug, "no");
  logger_.Log(LogLevel::kInfo, "yes");
  EXPECT_EQ(Read(), "time=2026-01-01T00:00:00.000Z level=info msg=yes\n");
}

TEST_F(LoggerOnAPipe, AFullPipeLosesLinesAndHoldsUpNobody) {
  // Returns at all: nobody reads, and a pipe holds 64 KiB.
  for (int i = 0; i < 5000; ++i) logger_.Log(LogLevel::kError, "the same line over and over again");
  EXPECT_TRUE(Read().ends_with("again\"\n"));
}

TEST_F(LoggerOnAPipe, ALongLineIsCut) {
  logger_.Log(LogLevel::kError, std::string(10'000, 'x'));
  const std::string line = Read();
  EXPECT_LE(line.size(), static_cast<std::size_t>(PIPE_BUF));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.substr(line.size() - 5), "…\"\n");
}

}  // namespace
}  // namespace headroom
