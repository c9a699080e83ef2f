#include "endpoint.hpp"

#include "metrics.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>

namespace bridge {

endpoint::endpoint(const std::string& address, std::string state_directory) : directory_(std::move(state_directory)) {
    const std::size_t colon = address.rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("metrics_listen '" + address + "' is no ADDRESS:PORT");
    std::string host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (const int error =
            getaddrinfo(host.empty() ? nullptr : host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
        error != 0) {
        throw std::runtime_error("metrics_listen '" + address + "': " + gai_strerror(error));
    }
    listener_ = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const bool listens =
        listener_ >= 0 && bind(listener_, found->ai_addr, found->ai_addrlen) == 0 && listen(listener_, 8) == 0;
    const int error = errno;
    freeaddrinfo(found);
    if (!listens) {
        if (listener_ >= 0) close(listener_);
        throw std::runtime_error("cannot listen on " + address + " for metrics: " + std::strerror(error));
    }
}

endpoint::~endpoint() {
    close(listener_);
}

void endpoint::serve() const noexcept {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const timeval patience{0, 500'000}; // nobody keeps the others waiting for longer
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    try {
        char request[2048];
        std::string response;
        if (recv(client, request, sizeof request, 0) >= 4 && std::memcmp(request, "GET ", 4) == 0) {
            const std::string body = prometheus_text(look(directory_));
            response = "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
        } else {
            response = "HTTP/1.0 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        }
        std::size_t sent = 0;
        while (sent < response.size()) {
            const ssize_t n = send(client, response.data() + sent, response.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
    } catch (const std::exception&) {
        // The next one who asks gets an answer.
    }
    close(client);
}

} // namespace bridge
