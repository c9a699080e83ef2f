// The processes of a storm: what a producer and the readers of each kind do until the board says that it is over.
#pragma once

#include "board.hpp"
#include "payload.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <string>

namespace storm {

// Of one storm.
struct scene {
    std::string queue_name;
    std::uint32_t element_size = 1;
    std::uint32_t capacity = 0;   // elements
    std::uint32_t longest = 1;    // elements of one record
    std::uint32_t slot_step = 1;  // items per slot
    bool one_at_a_time = false;   // producers take turns
    unsigned rest_us = 0;         // that a producer takes after each burst
    board* shared = nullptr;
    const payload* content = nullptr;
};

void produce(const scene& s, std::size_t number);
void read_in_place(const scene& s);
void read_copies(const scene& s);
void read_trusted(const scene& s, std::uint32_t after_lap, std::int64_t stall_ns);

// Opens the scene's queue for the rest of the process's life; throws with the library's message.
slickq_queue* open_queue(const scene& s, std::uint32_t flags = 0);
void require(slickq_status status);
std::uint64_t now_us();

} // namespace storm
