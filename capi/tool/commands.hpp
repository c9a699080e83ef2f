// commands.hpp - the commands, one file each: what the command line can ask of them. See cli.hpp.
#pragma once

namespace tool {

class command_line;

void describe_bench(command_line& line);
void describe_completion(command_line& line);
void describe_doctor(command_line& line);
void describe_dump(command_line& line);
void describe_evict(command_line& line);
void describe_exporter(command_line& line);
void describe_info(command_line& line);
void describe_ls(command_line& line);
void describe_man(command_line& line);
void describe_recv(command_line& line);
void describe_reset(command_line& line);
void describe_rm(command_line& line);
void describe_send(command_line& line);
void describe_stat(command_line& line);
void describe_tail(command_line& line);
void describe_top(command_line& line);

} // namespace tool
