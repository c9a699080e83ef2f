#include "child.hpp"

#include <gtest/gtest.h>

int main(int argc, char** argv) {
    if (const auto result = test::run_role(argc, argv)) return *result;
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
