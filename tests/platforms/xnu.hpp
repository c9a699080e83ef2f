// POSIX shared memory as XNU, the kernel of macOS, has it: what its system calls answer, on Linux's shared memory.
#pragma once

namespace test {

// From now on: the next ftruncate() fails with this error, 0 for none; or the process gets SIGKILL in place of it.
void fail_next_ftruncate(int error);
void die_in_ftruncate();

} // namespace test
