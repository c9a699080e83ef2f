// Must not compile: its elements could not be shared as bytes.
#include <slickq/slickq.hpp>

#include <string>

int main() { slickq::queue<std::string> queue(8); }
