// A program that uses the installed library: moves one record through a shared queue and checks it.
#include <slickq/slickq.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <string>

#include <unistd.h>

struct point {
    int x;
    double y;
    bool operator==(const point&) const = default; // C++20: asked for by the package, not by this project
};

int main() try {
    const std::string name = "slickq_consumer_cxx_" + std::to_string(getpid());
    slickq::queue<point> producer(8, name.c_str());
    slickq::queue<point> consumer(name.c_str());
    // Both have it mapped; with the name gone nothing is left behind, however this program ends.
    if (!producer.remove_shm()) throw std::runtime_error("remove_shm() did not find " + name);

    const std::array<point, 3> sent{{{1, 0.5}, {-2, 1e300}, {3, -0.25}}};
    const auto index = producer.reserve(sent.size());
    std::copy(sent.begin(), sent.end(), producer[index]);
    if (!producer.publish(index, sent.size())) throw std::runtime_error("publish() says too late");

    std::uint64_t cursor = 0;
    const auto [received, count] = consumer.read(cursor);
    if (count != sent.size() || cursor != sent.size() || !std::equal(sent.begin(), sent.end(), received)) {
        throw std::runtime_error("read something else than what was written");
    }
    if (consumer.read(cursor).first != nullptr) throw std::runtime_error("read a record that nobody wrote");

    std::cout << "slickq " << slickq_version_string() << ": one record of " << count << " elements sent and received\n";
} catch (const std::exception& problem) {
    std::cerr << problem.what() << '\n';
    return 1;
}
