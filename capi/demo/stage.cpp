#include "stage.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <unistd.h>

namespace demo {

slickq_status check(slickq_status status) {
    if (status < 0)
        throw std::runtime_error(slickq_last_message());
    return status;
}

void fail(const std::string &what) { throw std::system_error(errno, std::generic_category(), what); }

void wait_a_moment() {
    static const auto parent = ::getppid();
    if (::getppid() != parent)
        throw std::runtime_error("the process that started this one is gone");
    std::this_thread::sleep_for(std::chrono::microseconds(20));
}

queue::queue(const std::string &stage) { check(slickq_queue_open((stage + "_queue").c_str(), nullptr, &handle_)); }

slickq_queue_info queue::info() const {
    slickq_queue_info info = {};
    info.struct_size = sizeof info;
    check(slickq_queue_get_info(handle_, &info));
    return info;
}

cell::cell(const std::string &name, std::uint64_t offset) {
    check(slickq_cursor_open(name.c_str(), offset, SLICKQ_TIMEOUT_DEFAULT, &handle_));
    check(slickq_cursor_cell(handle_, &address_));
}

std::uint64_t cell::load() const {
    std::uint64_t value = 0;
    check(slickq_cell_load(address_, &value));
    return value;
}

namespace {

cell board_cell(const std::string &stage, unsigned number) { return {stage + "_board", number * sizeof(std::uint64_t)}; }

} // namespace

cell end_cell(const std::string &stage) { return board_cell(stage, 0); }
cell mark_cell(const std::string &stage, unsigned consumer) { return board_cell(stage, 1 + consumer); }
cell bytes_cell(const std::string &stage, unsigned process) { return board_cell(stage, 1 + consumers + process); }

void say_ready() {
    std::puts("ready");
    std::fflush(stdout);
}

} // namespace demo
