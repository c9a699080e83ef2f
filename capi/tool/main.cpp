// slickq - queues in shared memory from the command line. What commands there are.
#include "cli.hpp"
#include "commands.hpp"

namespace {

const char* const overview =
    "Looks into shared-memory queues of SlickQueue and moves data through them.\n"
    "A queue is a ring in a named segment, shared by any number of processes. It is lossy unless both sides\n"
    "ask for more: producers overwrite the oldest records; a consumer that is too slow is told what it lost.\n";

const char* const overview_footer =
    "Try it, in two terminals:\n"
    "  slickq recv ticks                      waits for records and writes them out; Ctrl-C ends it\n"
    "  slickq send ticks                      each line you type is a record; Ctrl-D ends it\n"
    "and then:\n"
    "  slickq info ticks                      what is in the segment?\n"
    "  slickq rm ticks                        a queue stays until it is removed\n"
    "\n"
    "Exit status:\n"
    "  0  done\n"
    "  1  it could not be done; the message says why and what to do\n"
    "  2  the command line makes no sense\n"
    "  3  done, but records were lost on the way\n"
    "  4  info: there is something under the name, and not a queue that can be used\n"
    "\n"
    "slickq COMMAND --help says more about a command.";

} // namespace

int main(int argc, char** argv) {
    using namespace tool;
    return run_command_line(
        argc, argv, overview, overview_footer,
        {{"ls", "Lists queues and shared cursors, and how they are", describe_ls},
         {"info", "Says what is under a name, and what to do if it is no good", describe_info},
         {"stat", "Prints rates and lags, as vmstat does", describe_stat},
         {"top", "Shows all queues live, as top does", describe_top},
         {"tail", "Shows the newest records, and those that come", describe_tail},
         {"dump", "Shows the records that are in the ring", describe_dump},
         {"doctor", "Finds what is wrong, says what to do, repairs what is safe", describe_doctor},
         {"send", "Sends lines or blocks of bytes into a queue", describe_send},
         {"recv", "Writes the records of a queue to standard output", describe_recv},
         {"evict", "Ends the registration of a consumer that does not read", describe_evict},
         {"reset", "Empties a queue", describe_reset},
         {"rm", "Removes queues, shared cursors, groups of workers", describe_rm},
         {"bench", "Measures how fast queues are on this machine", describe_bench},
         {"exporter", "Serves the numbers of stat to Prometheus", describe_exporter},
         {"man", "Prints the man pages", describe_man},
         {"completion", "Prints what bash, zsh or fish need to complete commands and names", describe_completion}});
}
