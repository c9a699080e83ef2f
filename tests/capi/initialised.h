/* For header_c89.c and header_cxx.cpp: every struct that grows has an initialiser, which is a constant and gives no
 * warning. */
slickq_options options_at_first = SLICKQ_OPTIONS_INIT;
slickq_queue_info queue_info_at_first = SLICKQ_QUEUE_INFO_INIT;
slickq_reader_options reader_options_at_first = SLICKQ_READER_OPTIONS_INIT;
slickq_reader_info reader_info_at_first = SLICKQ_READER_INFO_INIT;
slickq_consumer_info consumer_info_at_first = SLICKQ_CONSUMER_INFO_INIT;
slickq_worker_options worker_options_at_first = SLICKQ_WORKER_OPTIONS_INIT;
slickq_group_info group_info_at_first = SLICKQ_GROUP_INFO_INIT;
slickq_inspection inspection_at_first = SLICKQ_INSPECTION_INIT;
slickq_epoch_info epoch_info_at_first = SLICKQ_EPOCH_INFO_INIT;
