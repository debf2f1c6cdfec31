/* A window's loop that paints every 16 ms while 5,000 lookups run: how long does
 * diyalog_queue_next(queue, 0) take at most?
 *
 *   paint URL IN-FLIGHT */

#include "client.h"

#include <time.h>

static double now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* This thread's CPU time: what is in the first and not in this was spent without a CPU. */
static double cpu_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
  const struct timespec frame = {0, 16000000};
  long in_flight = argc == 3 ? atol(argv[2]) : 0, i, calls = 0, returned = 0;
  diyalog_client *client = client_of(argc == 3 ? argv[1] : "", in_flight);
  diyalog_queue *queue = NULL;
  diyalog_error *error = NULL;
  double longest_us = 0, longest_cpu_us = 0;

  must(diyalog_queue_new(client, (uint32_t)in_flight, &queue, &error), &error);
  for (i = 0; i < 5000; i++) {
    must(diyalog_queue_submit(queue, "70022", NULL, NULL, &error), &error);
  }
  while (returned < 5000) {
    diyalog_completion *completion;
    do {
      double before = now_us(), cpu_before = cpu_us(), took, cpu;
      completion = diyalog_queue_next(queue, 0);
      cpu = cpu_us() - cpu_before;
      took = now_us() - before;
      longest_us = took > longest_us ? took : longest_us;
      longest_cpu_us = cpu > longest_cpu_us ? cpu : longest_cpu_us;
      calls++;
      returned += completion != NULL;
      diyalog_completion_free(completion);
    } while (completion != NULL);
    nanosleep(&frame, NULL);
  }
  printf("%ld polls, longest %.0f us, of these at most %.0f us with a CPU\n", calls, longest_us,
         longest_cpu_us);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
  return 0;
}
