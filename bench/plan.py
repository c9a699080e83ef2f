"""What run.py measures: comparisons, each a call of slickq_bench. Queues that a build lacks, or that can't do a workload, are left
out by the bench itself, by name."""

# In every comparison, so that every ratio is to a queue that was measured in the same rounds.
BASES = ["slick", "boost_spsc"]

ITEMS = ["ours_slq1", "ours_slq0", "ours_slq1_prompt", "ours_slq0_prompt", "ours_slq1_sp", "ours_slq0_sp"]
POLLED = ["ours_slq1_polled", "ours_slq0_polled"]
GROUPS = ["ours_slq1_g16", "ours_slq1_g16_polled", "ours_slq0_g16", "ours_slq1_g64", "ours_slq1_prompt_g16",
          "ours_slq1_sp_g16", "ours_slq1_sp_g64", "c_slq1_g16", "c_slq1_g16_polled", "c_slq1_prompt_g16", "c_slq1_sp_g16",
          "c_slq1_g64", "boost_spsc_g16", "boost_spsc_g64", "slick_r16", "ours_slq1_r16", "rte_spsc_g16"]
C_ITEMS = ["c_slq1", "c_slq1_prompt", "c_slq1_sp", "c_slq1_four_calls", "c_slq1_prompt_four_calls"]
VALIDATED = ["ours_slq1", "ours_slq1_validated", "c_slq1", "c_slq1_validated", "ours_slq1_g64", "ours_slq1_g64_validated",
             "c_slq1_g16", "c_slq1_g16_validated", "c_slq1_g64", "c_slq1_g64_validated"]
IN_PROCESSES = ["boost_queue", "boost_message_queue", "ck_spsc", "ck_mpmc", "rte_spsc", "rte_mpmc"]
IN_THREADS = ["readerwriterqueue", "moodycamel", "moodycamel_g16", "tbb_bounded"]
KERNEL = ["pipe", "unix_socket", "posix_mq"]
SHARING = ["ours_slq1", "ours_slq0", "boost_queue", "boost_message_queue", "ck_mpmc", "rte_mpmc"]

# What the README says of each.
TITLES = {
    "spsc": "SPSC streaming", "groups": "SPSC streaming in groups", "validated": "Validated reads, SPSC",
    "polling": "SPSC, by the pauses after an empty or full answer", "capacity": "SPSC, by the ring's capacity",
    "pingpong": "Ping-pong, one way", "uncontended": "Push and pop on one thread", "broadcast": "Broadcast, each item to every consumer",
    "sharing": "Work sharing, each item to one consumer", "producers": "Two producers, unpaced, nobody reads",
    "laps": "A slow reader and a producer that does not wait",
    "instructions": "Instructions, push and pop on one thread (callgrind)", "python": "Python",
}


def comparison(kind, workload, queues, part="", **options):
    """part: tells comparisons apart that differ in their queues only."""
    return {"kind": kind, "part": part, "workload": workload, "queues": BASES + [q for q in queues if q not in BASES],
            "options": options}


def full():
    plan = []
    for size in (8, 64, 256, 1024):
        plan.append(comparison("spsc", "spsc", ITEMS + POLLED + C_ITEMS + IN_PROCESSES, bytes=size, mode="processes"))
        plan.append(comparison("spsc", "spsc", ITEMS + IN_THREADS, bytes=size, mode="threads"))
        plan.append(comparison("groups", "spsc", GROUPS, bytes=size, mode="processes"))
    for size in (8, 64):
        plan.append(comparison("spsc", "spsc", KERNEL + ["zeromq_ipc"], "kernel", bytes=size, mode="processes"))
        plan.append(comparison("validated", "spsc", VALIDATED, bytes=size, mode="processes"))
        plan.append(comparison("pingpong", "pingpong", ITEMS + POLLED + C_ITEMS + IN_PROCESSES, bytes=size, mode="processes"))
        plan.append(comparison("uncontended", "uncontended", ITEMS + C_ITEMS + IN_PROCESSES + IN_THREADS, bytes=size))
    plan.append(comparison("groups", "spsc", ["moodycamel_g16", "ours_slq1_g16", "boost_spsc_g16"], bytes=8, mode="threads"))
    plan.append(comparison("pingpong", "pingpong", KERNEL + ["zeromq_ipc"], "kernel", bytes=8, mode="processes"))
    plan.append(comparison("pingpong", "pingpong", ITEMS + IN_THREADS + ["zeromq_inproc"], bytes=8, mode="threads"))
    plan.append(comparison("uncontended", "uncontended", GROUPS, "groups", bytes=8))
    for pauses in (0, 1, 4, 12, 24, 48):
        plan.append(comparison("polling", "spsc", ITEMS, bytes=8, mode="processes", polling=pauses))
    for exponent in range(6, 23, 2):
        plan.append(comparison("capacity", "spsc", ["ours_slq1", "ours_slq0_sp"], bytes=8, mode="processes", capacity=2 ** exponent))
    for consumers in (1, 2, 4):
        plan.append(comparison("broadcast", "broadcast", ITEMS + ["rte_spsc"], bytes=8, mode="processes", consumers=consumers))
    for consumers in (1, 2):
        plan.append(comparison("sharing", "sharing", SHARING, bytes=8, mode="processes", producers=2, consumers=consumers))
        plan.append(comparison("sharing", "sharing", SHARING[:3] + ["moodycamel", "tbb_bounded"], bytes=8, mode="threads", producers=2,
                               consumers=consumers))
    plan.append(comparison("producers", "producers", ITEMS[:4], bytes=8, mode="processes", producers=2))
    plan.append(comparison("laps", "laps", ["ours_slq1", "ours_slq1_validated", "ours_slq1_g64_validated", "c_slq1_validated"], bytes=64,
                           mode="processes"))
    return plan


def quick():
    queues = ITEMS + POLLED + ["c_slq1"]
    return [comparison("spsc", "spsc", queues, bytes=8, mode="processes"),
            comparison("spsc", "spsc", queues, bytes=64, mode="processes"),
            comparison("groups", "spsc", ["ours_slq1_g16", "c_slq1_g16", "slick_r16", "boost_spsc_g16"], bytes=8, mode="processes"),
            comparison("pingpong", "pingpong", queues, bytes=8, mode="processes"),
            comparison("uncontended", "uncontended", queues, bytes=8)]
