#include "exporter/exposition/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <limits>
#include <string>
#include <vector>

#include "exporter/exposition/text_writer.h"
#include "test/support/page_checker.h"

namespace headroom {
namespace {

using test::PageFaults;
using testing::IsEmpty;
using testing::SizeIs;

constexpr FamilyDesc kA = {"a", "Help of a."};
constexpr FamilyDesc kB = {"b_total", "Help of b.", MetricType::kCounter};
constexpr FamilyDesc kC = {"c", "Help of c."};

Blocks Source(std::vector<FamilyDesc> families, std::string_view labels) {
  BlockBuilder builder;
  for (const FamilyDesc& family : families) {
    builder.Begin(family);
    builder.Add(labels, {}, std::uint64_t{1});
    builder.End();
  }
  return std::move(builder).Take();
}

TEST(RenderPage, MergesFamiliesOfAllSourcesUnderOneHead) {
  const Blocks one = Source({kA, kB}, "target=\"one\"");
  const Blocks two = Source({kC, kB}, "target=\"two\"");
  const Blocks* sources[] = {&one, &two};
  EXPECT_EQ(RenderPage(sources),
            "# HELP a Help of a.\n"
            "# TYPE a gauge\n"
            "a{target=\"one\"} 1\n"
            "# HELP b_total Help of b.\n"
            "# TYPE b_total counter\n"
            "b_total{target=\"one\"} 1\n"
            "b_total{target=\"two\"} 1\n"
            "# HELP c Help of c.\n"
            "# TYPE c gauge\n"
            "c{target=\"two\"} 1\n");
}

TEST(RenderPage, ReservesOnce) {
  const Blocks one = Source({kA, kB, kC}, "target=\"one\"");
  const Blocks* sources[] = {&one};
  const std::string page = RenderPage(sources);
  EXPECT_LE(page.capacity() - page.size(), 64U);
}

TEST(RenderPage, NothingMakesAnEmptyPage) { EXPECT_EQ(RenderPage({}), ""); }

prometheus::ClientMetric Gauge(std::vector<prometheus::ClientMetric::Label> labels, double value) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return metric;
}

TEST(RenderFamilies, PutsTargetAndSystemFirstAndSortsByLabels) {
  std::vector<prometheus::MetricFamily> families = {
      {"x",
       "Help.",
       prometheus::MetricType::Gauge,
       {Gauge({{"part", "b"}, {"system", "redis"}, {"target", "t"}}, 2),
        Gauge({{"part", "a"}, {"system", "redis"}, {"target", "t"}}, 1)}}};
  EXPECT_EQ(RenderFamilies(families).text,
            "x{target=\"t\",system=\"redis\",part=\"a\"} 1\n"
            "x{target=\"t\",system=\"redis\",part=\"b\"} 2\n");
}

TEST(RenderFamilies, LeavesUnknownNumbersAndRepeatedSeriesOut) {
  std::vector<prometheus::MetricFamily> families = {
      {"x",
       "Help.",
       prometheus::MetricType::Gauge,
       {Gauge({{"l", "1"}}, 1), Gauge({{"l", "1"}}, 2),
        Gauge({{"l", "2"}}, std::numeric_limits<double>::quiet_NaN()), Gauge({{"l", "\xFF"}}, 3)}},
      {"y", "Help.", prometheus::MetricType::Gauge, {}}};
  const Blocks blocks = RenderFamilies(families);
  EXPECT_EQ(blocks.series, 2U);
  EXPECT_THAT(blocks.families, SizeIs(1));
  const Blocks* sources[] = {&blocks};
  EXPECT_THAT(PageFaults(RenderPage(sources)), IsEmpty());
}

std::string Gunzip(std::string_view packed, std::size_t size) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(size + 1, '\0');
  std::string in(packed);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Gzip, PackedPageUnpacksToItself) {
  std::string page;
  for (int i = 0; i < 10'000; ++i) page += "headroom_queue_messages " + std::to_string(i) + "\n";
  for (const std::string& text : {page, std::string()}) {
    const std::string packed = Gzip(text);
    EXPECT_EQ(packed.substr(0, 2), "\x1F\x8B");
    EXPECT_EQ(Gunzip(packed, text.size()), text);
  }
  EXPECT_LT(Gzip(page).size(), page.size() / 4);
}

// The checker that other tests lean on must itself find what it promises to find.
TEST(PageChecker, FindsEachFault) {
  const std::string head = "# HELP a h\n# TYPE a gauge\n";
  EXPECT_THAT(PageFaults(head + "a 1\n"), IsEmpty());
  for (const std::string& bad :
       {head + "a 1", head + "a 1\na 2\n", head + "b 1\n", head + "a NaN\n", head + "a\n",
        head + "a{l=\"\xFF\"} 1\n", head + "a{l=\"\\x\"} 1\n", head + "a{l=\"1\",l=\"2\"} 1\n",
        head + "a 1\n" + head + "a{l=\"1\"} 1\n", std::string("a 1\n"), head + "a{l=\"1} 1\n",
        "# HELP b h\n# TYPE b gauge\nb 1\n" + head + "a 1\n", std::string("# HELP a h\na 1\n"),
        head + "# HELP b h\n# TYPE b gauge\nb 1\n", head + "a{l=\"\xED\xA0\x80\"} 1\n"}) {
    EXPECT_FALSE(PageFaults(bad).empty()) << bad;
  }
}

}  // namespace
}  // namespace headroom
