// slickq exporter: the numbers of slickq stat for Prometheus, over HTTP.
#include "cli.hpp"
#include "commands.hpp"
#include "error.hpp"
#include "meter.hpp"
#include "segment_view.hpp"
#include "signals.hpp"
#include "waiting.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <charconv>
#include <map>
#include <memory>

namespace tool {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

const char* const exporter_footer =
    "GET /metrics has the numbers of all queues there are by then, or of those named. It listens where it is told and\n"
    "nowhere else; whoever can connect can read them. They have no contents of records.\n"
    "\n"
    "Example:\n"
    "  slickq exporter --listen 127.0.0.1:9184\n"
    "\n"
    "Exit status: 0 after Ctrl-C or SIGTERM; 1 it cannot listen there.";

struct exporter_options {
    std::vector<std::string> names;
    std::string listen = "127.0.0.1:9184";
};

// Remembers what it read before: gaps are told with their age.
class collection {
public:
    explicit collection(const std::vector<std::string>& names) : names_(names) {}

    std::string read() {
        const std::vector<std::string> names = names_.empty() ? queue_names() : names_;
        std::map<std::string, meter> kept;
        std::vector<reading> all;
        for (const std::string& name : names) {
            auto known = meters_.extract(name);
            meter& one = known.empty() ? kept.try_emplace(name, name).first->second
                                       : kept.insert(std::move(known)).position->second;
            all.push_back(one.read());
        }
        meters_ = std::move(kept);
        return to_prometheus(all);
    }

private:
    const std::vector<std::string>& names_;
    std::map<std::string, meter> meters_;
};

// One request at a time, none longer than two seconds: a scraper needs no more.
class exporter_server {
public:
    exporter_server(const exporter_options& options, unsigned short port, const std::string& address)
        : all_(options.names), acceptor_(io_) {
        boost::system::error_code error;
        const tcp::endpoint where(asio::ip::make_address(address, error), port);
        if (!error) acceptor_.open(where.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(where, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) throw failure("cannot listen at " + options.listen + ": " + error.message());
        note("listening at http://" + address + ":" + std::to_string(acceptor_.local_endpoint().port()) + "/metrics");
    }

    void run() {
        while (stop_signal() == 0) {
            boost::system::error_code accepted = asio::error::would_block;
            tcp::socket peer(io_);
            acceptor_.async_accept(peer, [&](const boost::system::error_code& error) { accepted = error; });
            while (stop_signal() == 0 && accepted == asio::error::would_block)
                work_for(std::chrono::nanoseconds(wait_slice_ns));
            if (accepted == asio::error::would_block) acceptor_.cancel();
            work_for(std::chrono::seconds(0));
            if (!accepted) serve(std::move(peer));
        }
    }

private:
    void work_for(std::chrono::nanoseconds time) {
        io_.restart();
        io_.run_one_for(time);
    }

    void serve(tcp::socket&& peer) {
        boost::beast::tcp_stream stream(std::move(peer));
        stream.expires_after(std::chrono::seconds(2));
        boost::beast::flat_buffer buffer;
        http::request<http::empty_body> request;
        http::response<http::string_body> response;
        http::async_read(stream, buffer, request, [&](const boost::system::error_code& error, std::size_t) {
            if (error) return;
            response = answer(request);
            http::async_write(stream, response, [](const boost::system::error_code&, std::size_t) {});
        });
        io_.restart();
        io_.run();
    }

    http::response<http::string_body> answer(const http::request<http::empty_body>& request) {
        http::response<http::string_body> response(http::status::ok, request.version());
        response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
        response.keep_alive(false);
        const bool is_get = request.method() == http::verb::get || request.method() == http::verb::head;
        if (!is_get) response.result(http::status::method_not_allowed);
        else if (request.target() == "/metrics") response.body() = all_.read();
        else if (request.target() == "/") response.body() = "/metrics\n";
        else response.result(http::status::not_found);
        const std::size_t length = response.body().size();
        if (request.method() == http::verb::head) response.body().clear();
        response.content_length(length);
        return response;
    }

    collection all_;
    asio::io_context io_;
    tcp::acceptor acceptor_;
};

int exporter(const exporter_options& options) {
    const std::size_t colon = options.listen.rfind(':');
    int port = -1;
    if (colon != std::string::npos) {
        const char* const end = options.listen.data() + options.listen.size();
        const auto [stop, error] = std::from_chars(options.listen.data() + colon + 1, end, port);
        if (error != std::errc() || stop != end || port > 65535) port = -1;
    }
    if (port < 0) throw usage_error("--listen takes ADDRESS:PORT, not '" + options.listen + "'");
    catch_stop_signals();
    exporter_server(options, static_cast<unsigned short>(port), options.listen.substr(0, colon)).run();
    return exit_ok;
}

} // namespace

void describe_exporter(command_line& line) {
    const auto options = std::make_shared<exporter_options>();
    line.footer(exporter_footer);
    line.run([options] { return exporter(*options); });
    line.names(options->names, "Names of queues [all there are]");
    line.text("--listen", "ADDRESS:PORT", options->listen, "Where; port 0: any [127.0.0.1:9184]");
}

} // namespace tool
