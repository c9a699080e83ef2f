// first.cpp [NAME] - both ends of a queue in one program: the first steps with libslickq in C++. The README quotes it.
#include <slickq/slickq.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>

struct Tick {
    std::uint64_t id;
    double price;
};

int main(int argc, char** argv) try {
    using namespace std::chrono_literals;
    const char* name = argc > 1 ? argv[1] : "ticks";

    slickq::queue<Tick> queue(1024, name); // opens, or creates
    slickq::reader<Tick> reader(queue);    // reads what is written from now on

    const auto index = queue.reserve(); // written in place
    *queue[index] = {1, 101.25};
    queue.publish(index);

    if (const auto got = reader.read_for(1s)) { // a validated copy; waits for 1 second at most
        std::printf("tick %d at %.2f\n", static_cast<int>(got.elements[0].id), got.elements[0].price);
    }
    return 0;
} catch (const slickq::error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
