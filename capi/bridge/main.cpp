// slickq-bridge - queues to other machines over NATS. Parses the command line, starts the directions, waits for
// SIGTERM.
#include "../tool/text.hpp"
#include "clock.hpp"
#include "config.hpp"
#include "direction.hpp"
#include "endpoint.hpp"
#include "log.hpp"
#include "segment.hpp"
#include "status.hpp"

#include <CLI/CLI.hpp>

#include <slickq/slickq.h>

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace {

using bridge::bridge_config;
using bridge::direction_config;

constexpr int exit_ok = 0;
constexpr int exit_error = 1;
constexpr int exit_usage = 2;
constexpr int exit_left = 3;

const char* const overview =
    "Carries queues to other machines over NATS. With JetStream nothing is lost between two queues, whatever is\n"
    "killed in between; with core NATS what is lost is counted.\n";

const char* const overview_footer =
    "Try it, with nats-server -js running:\n"
    "  slickq-bridge out ticks --to ticks --create-stream\n"
    "  slickq-bridge in ticks --to copy --capacity 65536 --element-size 1\n"
    "\n"
    "Secrets never stand on the command line: --password-file, --token-file, --credentials and --nkey-seed name\n"
    "files; SLICKQ_BRIDGE_PASSWORD and SLICKQ_BRIDGE_TOKEN are read from the environment.\n"
    "\n"
    "Exit status: 0 stopped by a signal, and nothing is left; 1 error; 2 usage; 3 stopped, and something is left\n"
    "(status: a direction does not run, or has trouble).";

void add_server(CLI::App& command, bridge_config& c) {
    const char* const group = "The server";
    command.add_option("--server", c.nats.servers, "nats://HOST:PORT; may be repeated")
        ->type_name("URL")
        ->group(group)
        ->capture_default_str();
    command.add_option("--user", c.nats.user, "User name")->type_name("NAME")->group(group);
    command.add_option("--password-file", c.nats.password_file, "File with the password")
        ->type_name("FILE")
        ->group(group);
    command.add_option("--token-file", c.nats.token_file, "File with a token")->type_name("FILE")->group(group);
    command.add_option("--credentials", c.nats.credentials_file, "A .creds file")->type_name("FILE")->group(group);
    command.add_option("--nkey", c.nats.nkey, "Public NKey")->type_name("U...")->group(group);
    command.add_option("--nkey-seed", c.nats.nkey_seed_file, "File with its seed")->type_name("FILE")->group(group);
    command.add_flag("--tls", c.nats.tls, "Use TLS")->group(group);
    command.add_option("--tls-ca", c.nats.tls_ca, "File with the CA certificates")->type_name("FILE")->group(group);
    command.add_option("--tls-certificate", c.nats.tls_certificate, "File with the client's certificate")
        ->type_name("FILE")
        ->group(group);
    command.add_option("--tls-key", c.nats.tls_key, "File with its key")->type_name("FILE")->group(group);
}

void add_common(CLI::App& command, bridge_config& c, direction_config& d, bool& is_core) {
    command.add_option("--name", d.name, "Of this direction, in status and state [from the queue or subject]")
        ->type_name("NAME");
    command.add_flag("--core", is_core, "Core NATS: fast, and lossy; losses are counted [JetStream]");
    command.add_flag("--create-stream", d.stream.create, "Make the stream if no stream has the subject");
    command.add_option("--state-directory", c.state_directory, "[$RUNTIME_DIRECTORY, or /dev/shm/slickq-bridge-UID]")
        ->type_name("DIR");
    command.add_option("--metrics", c.metrics_listen, "Prometheus text over HTTP")->type_name("ADDRESS:PORT");
    add_server(command, c);
}

// "LEFT=RIGHT"
std::pair<std::string, std::string> parse_pair(const std::string& flag, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        throw CLI::ValidationError(flag, "'" + text + "' must be two names with a '=' between");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

void use_core(direction_config& d) {
    d.jetstream = false;
    d.lossless = false;
    if (d.hold == bridge::hold_kind::group) d.hold = bridge::hold_kind::none;
}

// What was printed and could not be written is an error, unless its reader has gone.
int finish(int code) {
    errno = 0;
    std::fflush(stdout);
    if (std::ferror(stdout) == 0 || errno == EPIPE) return code;
    bridge::log(bridge::level::error, "",
                "cannot write to standard output" + (errno != 0 ? std::string(": ") + std::strerror(errno) : ""));
    return exit_error;
}

// Until SIGTERM, SIGINT or SIGHUP; answers who asks for metrics meanwhile. A second signal ends the process at once.
void wait_for_signal(const sigset_t& signals, const bridge::endpoint* metrics) {
    const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    pollfd watched[2] = {{descriptor, POLLIN, 0}, {metrics != nullptr ? metrics->descriptor() : -1, POLLIN, 0}};
    for (;;) {
        if (poll(watched, 2, -1) <= 0) continue;
        if ((watched[1].revents & POLLIN) != 0) metrics->serve();
        if ((watched[0].revents & POLLIN) == 0) continue;
        signalfd_siginfo info{};
        if (read(descriptor, &info, sizeof info) == sizeof info) break;
    }
    close(descriptor);
}

int run(bridge_config& config) {
    bridge::complete(config);

    // Before any thread is there: all of them inherit the mask.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int s : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, s);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);

    bridge::check(nats_Open(-1), "start libnats");
    std::optional<bridge::endpoint> metrics;
    std::vector<std::unique_ptr<bridge::direction>> all;
    for (const direction_config& d : config.out) all.push_back(bridge::make_outbound(config, d));
    for (const direction_config& d : config.in) all.push_back(bridge::make_inbound(config, d));
    if (!config.metrics_listen.empty()) metrics.emplace(config.metrics_listen, config.state_directory);
    for (const auto& d : all) d->start();

    wait_for_signal(signals, metrics ? &*metrics : nullptr);
    bridge::log(bridge::level::info, "",
                "stopping: what is under way has " + std::to_string(config.drain_timeout_ms) + " ms");
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr); // a second one does what it does by default
    const std::int64_t deadline = bridge::now_ns() + config.drain_timeout_ms * bridge::ns_per_ms;
    for (const auto& d : all) d->stop(deadline);
    bool is_drained = true;
    for (const auto& d : all) {
        d->join();
        is_drained = is_drained && d->is_drained();
    }
    all.clear();
    return is_drained ? exit_ok : exit_left;
}

// Ends what a direction that runs no more holds: producers wait for it no longer.
int forget(bridge_config& config) {
    bridge::complete(config);
    const direction_config& d = config.out.front();
    const bridge::segment queue(d.queue, 0, 0, 0);
    bridge::check(slickq_group_remove(queue.handle(), d.group.c_str()),
                  "remove group " + d.group + " of queue " + d.queue);
    return exit_ok;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app(overview, "slickq-bridge");
    app.footer(overview_footer);
    app.set_version_flag("--version", std::string("slickq-bridge (libslickq) ") + slickq_version_string(),
                         "Print the version and end");
    app.require_subcommand(1);

    bridge_config config;
    direction_config one;
    bool is_core = false;
    std::function<int()> work;

    CLI::App& out = *app.add_subcommand("out", "Carries a queue's records to a subject");
    out.add_option("QUEUE", one.queue, "The queue's name, as ticks or /ticks")->required()->type_name("");
    out.add_option("--to", one.subject, "The subject")->required()->type_name("SUBJECT");
    add_common(out, config, one, is_core);
    out.add_option("--batch", one.batch, "Records in a message, at most")
        ->check(CLI::Range(1u, 65536u))
        ->capture_default_str()
        ->type_name("N");
    out.add_option("--window", one.window, "Messages in flight, at most")
        ->check(CLI::Range(1u, 1u << 20))
        ->capture_default_str()
        ->type_name("N");
    out.add_flag("--from-now", one.from_now, "The first time, begin with what comes [the oldest record]");
    out.callback([&] {
        work = [&] {
            if (is_core) use_core(one);
            config.out.push_back(one);
            return run(config);
        };
    });

    CLI::App& in = *app.add_subcommand("in", "Carries a subject's messages into a queue");
    in.add_option("SUBJECT", one.subject, "The subject")->required()->type_name("");
    in.add_option("--to", one.queue, "The queue's name")->required()->type_name("QUEUE");
    add_common(in, config, one, is_core);
    in.add_option("--capacity", one.capacity, "Elements, to make the queue if it is not there")->type_name("N");
    in.add_option("--element-size", one.element_size, "Bytes, to make the queue if it is not there")->type_name("N");
    in.add_flag("--from-now", one.from_now, "The first time, begin with what comes [the oldest message]");
    in.callback([&] {
        work = [&] {
            if (is_core) use_core(one);
            config.in.push_back(one);
            return run(config);
        };
    });

    CLI::App& several = *app.add_subcommand("run", "Runs what a configuration file says, or several directions");
    std::string file;
    std::vector<std::string> outs;
    std::vector<std::string> ins;
    several.add_option("CONFIG", file, "TOML file")->type_name("");
    several.add_option("--out", outs, "Another one, with default settings; may be repeated")
        ->type_name("QUEUE=SUBJECT");
    several.add_option("--in", ins, "Another one, with default settings; may be repeated")->type_name("SUBJECT=QUEUE");
    several.callback([&] {
        work = [&] {
            if (!file.empty()) config = bridge::read_config(file);
            for (const std::string& text : outs) {
                direction_config d;
                std::tie(d.queue, d.subject) = parse_pair("--out", text);
                config.out.push_back(d);
            }
            for (const std::string& text : ins) {
                direction_config d;
                std::tie(d.subject, d.queue) = parse_pair("--in", text);
                config.in.push_back(d);
            }
            return run(config);
        };
    });

    CLI::App& end = *app.add_subcommand("forget", "Ends the hold of an out direction that runs no more on its queue");
    end.add_option("QUEUE", one.queue, "The queue's name")->required()->type_name("");
    end.add_option("--name", one.name, "Of the direction [from the queue]")->type_name("NAME");
    end.callback([&] {
        work = [&] {
            one.subject = "none";
            config.out.push_back(one);
            return forget(config);
        };
    });

    CLI::App& status = *app.add_subcommand("status", "Says what every direction on this machine does");
    bridge::status_options asked;
    status.add_option("--state-directory", asked.directory, "[$RUNTIME_DIRECTORY, or /dev/shm/slickq-bridge-UID]")
        ->type_name("DIR");
    CLI::Option* const json = status.add_flag("--json", asked.json, "JSON, for programs");
    status.add_flag("--prometheus", asked.prometheus, "The text that Prometheus reads")->excludes(json);
    status.callback([&] { work = [&] { return bridge::print_status(asked); }; });

    if (argc < 2) {
        std::fputs(app.help().c_str(), stderr);
        return exit_usage;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& wanted) { // --help, --version
        std::ostringstream text;
        const int code = app.exit(wanted, text, text);
        std::fputs(text.str().c_str(), stdout);
        return finish(code);
    } catch (const CLI::ParseError& error) {
        const std::vector<CLI::App*> named = app.get_subcommands();
        const std::string command = named.empty() ? "" : named.front()->get_name() + " ";
        std::fprintf(stderr, "slickq-bridge: %s\n  see: slickq-bridge %s--help\n",
                     tool::printable_lines(error.what()).c_str(), command.c_str());
        return exit_usage;
    }
    try {
        return finish(work());
    } catch (const CLI::ParseError& error) {
        std::fprintf(stderr, "slickq-bridge: %s\n", tool::printable_lines(error.what()).c_str());
        return exit_usage;
    } catch (const std::exception& error) {
        bridge::log(bridge::level::error, "", error.what());
        return exit_error;
    }
}
