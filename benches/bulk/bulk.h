/* Shared by the programs of the bulk comparison: `PROGRAM URL LOOKUPS IN-FLIGHT`. Each prints one line:
 * nanoseconds from the first submission to the last response, nanoseconds of CPU time of this process
 * meanwhile, and its largest memory in kB. */

#ifndef BULK_H
#define BULK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct run {
  const char *url;
  long lookups;
  long in_flight;
  long long wall, cpu;
};

static long long clock_ns(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static struct run start(int argc, char **argv) {
  struct run run;
  if (argc != 4) {
    fprintf(stderr, "usage: %s URL LOOKUPS IN-FLIGHT\n", argv[0]);
    exit(2);
  }
  run.url = argv[1];
  run.lookups = atol(argv[2]);
  run.in_flight = atol(argv[3]);
  run.wall = clock_ns(CLOCK_MONOTONIC);
  run.cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
  return run;
}

/* The system's own figure, since that of getrusage includes the program that started this one. */
static long largest_memory_kb(void) {
  char line[256];
  long kilobytes = -1;
  FILE *status = fopen("/proc/self/status", "r");
  while (status != NULL && fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "VmHWM:", 6) == 0) {
      kilobytes = atol(line + 6);
    }
  }
  if (status != NULL) {
    fclose(status);
  }
  return kilobytes;
}

static void report(const struct run *run, long answered) {
  if (answered != run->lookups) {
    fprintf(stderr, "%ld of %ld answered\n", answered, run->lookups);
    exit(1);
  }
  printf("%lld %lld %ld\n", clock_ns(CLOCK_MONOTONIC) - run->wall,
         clock_ns(CLOCK_PROCESS_CPUTIME_ID) - run->cpu, largest_memory_kb());
}

#endif
