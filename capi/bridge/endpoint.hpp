// endpoint.hpp - Prometheus text over HTTP, for one who asks at a time: GET anything gets the metrics.
#pragma once

#include <string>

namespace bridge {

class endpoint {
public:
    // address: "127.0.0.1:9464", or "[::1]:9464". Throws std::runtime_error.
    endpoint(const std::string& address, std::string state_directory);
    ~endpoint();
    endpoint(const endpoint&) = delete;
    endpoint& operator=(const endpoint&) = delete;

    int descriptor() const noexcept { return listener_; } // readable: call serve()
    void serve() const noexcept;

private:
    int listener_ = -1;
    std::string directory_;
};

} // namespace bridge
