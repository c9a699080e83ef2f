#include "handles.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace {

using namespace slickq::detail;

const void* as_handle(std::uintptr_t ticket) { return reinterpret_cast<const void*>(ticket); }

TEST(Handles, FindWhatWasIssued) {
    int object = 0;
    const std::uintptr_t ticket = issue_handle(handle_kind::queue, &object);
    ASSERT_NE(ticket, 0u);
    EXPECT_EQ(find_handle(handle_kind::queue, as_handle(ticket)), &object);
    EXPECT_EQ(find_handle(handle_kind::cursor, as_handle(ticket)), nullptr) << "of another kind";
    EXPECT_EQ(retire_handle(handle_kind::cursor, as_handle(ticket)), nullptr);
    EXPECT_EQ(retire_handle(handle_kind::queue, as_handle(ticket)), &object);
    EXPECT_EQ(find_handle(handle_kind::queue, as_handle(ticket)), nullptr) << "closed";
    EXPECT_EQ(retire_handle(handle_kind::queue, as_handle(ticket)), nullptr) << "closed twice";
}

TEST(Handles, AreNeverIssuedAgain) {
    int object = 0;
    std::set<std::uintptr_t> seen;
    for (std::size_t k = 0; k < 3 * handle_limit; ++k) {
        const std::uintptr_t ticket = issue_handle(handle_kind::queue, &object);
        EXPECT_TRUE(seen.insert(ticket).second);
        EXPECT_EQ(retire_handle(handle_kind::queue, as_handle(ticket)), &object);
    }
}

TEST(Handles, RefuseMadeUpOnes) {
    int object = 0;
    const std::uintptr_t ticket = issue_handle(handle_kind::queue, &object);
    std::mt19937_64 random(1);
    for (int k = 0; k < 100000; ++k) {
        const std::uintptr_t made_up = random();
        if (made_up == ticket) continue;
        EXPECT_EQ(find_handle(handle_kind::queue, as_handle(made_up)), nullptr);
    }
    for (const std::uintptr_t made_up : {std::uintptr_t{0}, ~std::uintptr_t{0}, std::uintptr_t{1}, ticket + 16, ticket ^ 1,
                                         reinterpret_cast<std::uintptr_t>(&object)}) {
        EXPECT_EQ(find_handle(handle_kind::queue, as_handle(made_up)), nullptr);
    }
    retire_handle(handle_kind::queue, as_handle(ticket));
}

TEST(Handles, EndAtTheLimitAndGoOnAfter) {
    int object = 0;
    std::vector<std::uintptr_t> tickets;
    for (std::uintptr_t t; (t = issue_handle(handle_kind::queue, &object)) != 0;) tickets.push_back(t);
    EXPECT_EQ(tickets.size(), handle_limit);
    retire_handle(handle_kind::queue, as_handle(tickets.back()));
    tickets.back() = issue_handle(handle_kind::queue, &object);
    EXPECT_NE(tickets.back(), 0u);
    for (const std::uintptr_t t : tickets) EXPECT_EQ(retire_handle(handle_kind::queue, as_handle(t)), &object);
}

TEST(Handles, AreClosedByOneOfManyThreads) {
    for (int round = 0; round < 200; ++round) {
        int object = 0;
        const std::uintptr_t ticket = issue_handle(handle_kind::queue, &object);
        std::atomic<int> got{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t) {
            threads.emplace_back([&] { got += retire_handle(handle_kind::queue, as_handle(ticket)) != nullptr ? 1 : 0; });
        }
        for (std::thread& t : threads) t.join();
        EXPECT_EQ(got, 1);
    }
}

TEST(Handles, APlaceIsKeptAndGivenBack) {
    int object = 0;
    {
        std::vector<std::unique_ptr<handle_place>> places;
        do {
            places.push_back(std::make_unique<handle_place>(handle_kind::cursor));
        } while (places.back()->is_there());
        EXPECT_EQ(places.size(), handle_limit + 1);
        EXPECT_EQ(issue_handle(handle_kind::cursor, &object), 0u);
        const std::uintptr_t ticket = places.front()->issue(&object);
        EXPECT_EQ(find_handle(handle_kind::cursor, as_handle(ticket)), &object);
        places.clear();
        EXPECT_EQ(retire_handle(handle_kind::cursor, as_handle(ticket)), &object) << "what was issued stays";
    }
    const std::uintptr_t ticket = issue_handle(handle_kind::cursor, &object);
    EXPECT_NE(ticket, 0u);
    retire_handle(handle_kind::cursor, as_handle(ticket));
}

} // namespace
