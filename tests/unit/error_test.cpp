#include "error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <thread>

namespace {

using namespace slickq::detail;

// The header is the list of the numbers: read it as a binding author would.
std::map<std::string, slickq_status> statuses_in_header() {
    std::ifstream in(SLICKQ_HEADER);
    const std::string whole((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::size_t begin = whole.find("typedef enum slickq_status");
    const std::string text = whole.substr(begin, whole.find("} slickq_status;", begin) - begin);
    const std::regex line(R"(\n +(SLICKQ_[A-Z_]+) = (-?[0-9]+))");
    std::map<std::string, slickq_status> found;
    for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) {
        found[(*at)[1]] = static_cast<slickq_status>(std::stoi((*at)[2]));
    }
    return found;
}

TEST(Error, EveryStatusOfTheHeaderHasItsNameAndASentence) {
    const auto statuses = statuses_in_header();
    ASSERT_GE(statuses.size(), 33u);
    std::map<int, std::string> by_number;
    for (const auto& [name, number] : statuses) {
        EXPECT_TRUE(by_number.emplace(number, name).second) << name << " shares its number with " << by_number[number];
        EXPECT_EQ(status_name(number), name);
        EXPECT_STRNE(status_text(number), status_text(static_cast<slickq_status>(12345))) << name << " has no sentence";
    }
    for (int number = -200; number < 200; ++number) {
        if (by_number.contains(number)) continue;
        EXPECT_STREQ(status_name(static_cast<slickq_status>(number)), "SLICKQ_UNKNOWN");
    }
}

TEST(Error, BecomesAStatusAndAMessage) {
    EXPECT_EQ(guarded([] { return SLICKQ_EMPTY; }), SLICKQ_EMPTY);
    EXPECT_EQ(guarded([]() -> slickq_status { fail(SLICKQ_E_MISMATCH, "%d and %d", 8, 16); }), SLICKQ_E_MISMATCH);
    EXPECT_STREQ(last_message(), "8 and 16");
    EXPECT_EQ(last_os_error(), 0);
    EXPECT_EQ(guarded([]() -> slickq_status { fail_os(ENOSPC, "no room in '%s'", "q"); }), SLICKQ_E_NO_SPACE);
    EXPECT_EQ(last_os_error(), ENOSPC);
    EXPECT_NE(std::string(last_message()).find("no room in 'q': "), std::string::npos);
    EXPECT_EQ(guarded([]() -> slickq_status { throw std::bad_alloc(); }), SLICKQ_E_NO_MEMORY);
    EXPECT_EQ(guarded([]() -> slickq_status { throw 1; }), SLICKQ_E_INTERNAL);
}

TEST(Error, MessagesAreCutAndNotOverrun) {
    const std::string endless(5000, 'x');
    EXPECT_EQ(guarded([&]() -> slickq_status { fail_os(ENOENT, "%s", endless.c_str()); }), SLICKQ_E_NOT_FOUND);
    EXPECT_EQ(std::string(last_message()).size(), message_capacity - 1);
}

TEST(Error, EachThreadHasItsOwn) {
    report(SLICKQ_E_NULL, "mine");
    std::thread([] {
        EXPECT_STREQ(last_message(), "");
        report(SLICKQ_E_NULL, "other");
    }).join();
    EXPECT_STREQ(last_message(), "mine");
}

} // namespace
