// A program written for slick-queue 2.x.
#include <slick/queue.hpp>

#include <string>

int main() {
    slick::queue<std::string> names(4);
    const auto slot = names.reserve();
    *names[slot] = "a string that is too long to be kept inside its object";
    names.publish(slot);
    std::uint64_t cursor = 0;
    const auto [name, count] = names.read(cursor);
    return name != nullptr && count == 1 && name->size() == 54 ? 0 : 1;
}
