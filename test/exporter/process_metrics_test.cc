#include "exporter/process_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "exporter/exposition/page.h"

namespace headroom {
namespace {

const std::filesystem::path kRecorded =
    std::filesystem::path(HEADROOM_SOURCE_DIR) / "test/fixtures/proc/linux-6.18";
constexpr ProcessUnits kUnits = {100, 4096};

std::string Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Text(const std::filesystem::path& proc) {
  const auto families = ProcessMetrics(proc, kUnits);
  return RenderFamilies(families).text;
}

TEST(ProcessMetrics, StatIsReadPastANameWithParenthesesAndSpaces) {
  const auto stat = ParseProcessStat(Read(kRecorded / "self/stat"));
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->user_ticks, 0U);
  EXPECT_EQ(stat->system_ticks, 47U);
  EXPECT_EQ(stat->start_ticks, 239071U);
  EXPECT_EQ(stat->virtual_bytes, 2990080U);
  EXPECT_EQ(stat->resident_pages, 359U);
}

TEST(ProcessMetrics, StatThatIsCutAnywhereIsUnknown) {
  const std::string whole = Read(kRecorded / "self/stat");
  const std::size_t after_last = whole.find(" 359 ") + 1;
  ASSERT_NE(after_last, std::string::npos + 1);
  for (std::size_t length = 0; length < after_last; ++length) {
    EXPECT_FALSE(ParseProcessStat(whole.substr(0, length))) << length;
  }
}

TEST(ProcessMetrics, BootTimeIsFoundOnItsOwnLineOnly) {
  EXPECT_EQ(ParseBootTime(Read(kRecorded / "stat")), 1'795'308'736U);
  EXPECT_EQ(ParseBootTime("cpu btime 5\n"), std::nullopt);
  EXPECT_EQ(ParseBootTime("btime x\n"), std::nullopt);
  EXPECT_EQ(ParseBootTime(""), std::nullopt);
}

TEST(ProcessMetrics, SoftLimitOfOpenFilesIsReadAndUnlimitedIsAbsent) {
  EXPECT_EQ(ParseMaxOpenFiles(Read(kRecorded / "self/limits")), 20'000U);
  EXPECT_EQ(ParseMaxOpenFiles("Max open files            unlimited   unlimited   files\n"),
            std::nullopt);
  EXPECT_EQ(ParseMaxOpenFiles("Max processes 1 1 processes\n"), std::nullopt);
}

TEST(ProcessMetrics, EverythingRecordedHasItsSeries) {
  EXPECT_EQ(Text(kRecorded),
            "process_cpu_seconds_total 0.47\n"
            "process_start_time_seconds 1795311126.71\n"
            "process_resident_memory_bytes 1470464\n"
            "process_virtual_memory_bytes 2990080\n"
            "process_open_fds 3\n"
            "process_max_fds 20000\n");
}

TEST(ProcessMetrics, WhatCannotBeReadIsAbsent) { EXPECT_EQ(Text("/nonexistent"), ""); }

TEST(ProcessMetrics, ThisProcessKnowsAllOfItself) {
  std::size_t known = 0;
  for (const auto& family : ProcessMetrics("/proc", SystemUnits())) known += family.metric.size();
  EXPECT_EQ(known, ProcessFamilies().size());
}

}  // namespace
}  // namespace headroom
