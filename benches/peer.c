/* Runs one client of the comparison.
 *
 *   PEER URL LOOKUPS THREADS [CA-FILE]
 *
 * Each thread first makes one lookup, which opens its connection. Then the threads share the LOOKUPS.
 * The output is the CPU time of these alone, in nanoseconds of this process, user and system together.
 * With 0 LOOKUPS there is only the first one.
 */

#include "peer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_THREADS = 64 };

typedef struct {
  peer *with;
  long lookups;
} share;

static void look_up(peer *with) {
  peer_answer answer;

  if (!peer_look_up(with, "70022", &answer) || !answer.is_in_help ||
      strcmp(answer.help_type, "inbound") != 0 || strcmp(answer.staff_id, "45001") != 0) {
    fprintf(stderr, "a lookup failed or was answered wrongly\n");
    exit(1);
  }
}

static void *do_share(void *argument) {
  const share *mine = argument;
  long i;

  for (i = 0; i < mine->lookups; i++) {
    look_up(mine->with);
  }
  return NULL;
}

/* A single thread is the main one, so that the counts are the client's alone. */
static void do_shares(share *shares, int threads, long lookups_each) {
  pthread_t running[MAX_THREADS];
  int i;

  for (i = 0; i < threads; i++) {
    shares[i].lookups = lookups_each;
  }
  if (threads == 1) {
    do_share(&shares[0]);
    return;
  }
  for (i = 0; i < threads; i++) {
    if (pthread_create(&running[i], NULL, do_share, &shares[i]) != 0) {
      perror("cannot start a thread");
      exit(1);
    }
  }
  for (i = 0; i < threads; i++) {
    pthread_join(running[i], NULL);
  }
}

static long long cpu_nanoseconds(void) {
  struct timespec spent;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return spent.tv_sec * 1000000000LL + spent.tv_nsec;
}

int main(int argc, char **argv) {
  share shares[MAX_THREADS];
  const char *ca_file = argc > 4 ? argv[4] : NULL;
  int threads = argc > 3 ? atoi(argv[3]) : 0;
  long lookups = argc > 2 ? atol(argv[2]) : -1;
  long long start;
  int i;

  if (threads < 1 || threads > MAX_THREADS || lookups < 0) {
    fprintf(stderr, "usage: %s URL LOOKUPS THREADS [CA-FILE]\n", argv[0]);
    return 2;
  }
  for (i = 0; i < threads; i++) {
    shares[i].with = i > 0 && peer_is_shared ? shares[0].with : peer_open(argv[1], ca_file);
  }

  do_shares(shares, threads, 1);
  start = cpu_nanoseconds();
  do_shares(shares, threads, lookups / threads);
  printf("%lld\n", cpu_nanoseconds() - start);

  for (i = 0; i < (peer_is_shared ? 1 : threads); i++) {
    peer_close(shares[i].with);
  }
  return 0;
}
