/* Threads on one client, for a long time: soak PLAIN-URL TLS-URL CA-FILE SECONDS
 *
 * Each round joins every thread, and prints memory, file descriptors and threads of the process.
 * Whatever the network does meanwhile, a lookup must return its own response, and a call must end at
 * most 100 ms after its deadline. */

#define _GNU_SOURCE

#include "soak.h"

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS 10
/* After this many rounds, everything that is allocated only once is allocated. */
#define WARM_UP_ROUNDS 3
#define CODES 100
#define MOST_LATE_MS 100
/* The allowed growth of memory, in kB. A leak of one text per lookup would be many times this. */
#define ALLOWED_GROWTH_KB 1024

static const uint32_t timeouts_ms[] = {100, 300, 1000, 2000};

struct worker {
  pthread_t thread;
  unsigned seed;
  diyalog_client *client;
  double end;
  long codes[CODES];
  long wrong;
  double latest_ms;
  double slowest_ms;
};

/* A period in which something was late, and by how much. */
struct delay {
  double from_ms, to_ms, late_ms;
};

#define MOST_DELAYS 10000

struct delays {
  struct delay list[MOST_DELAYS];
  int count;
};

static volatile int is_over;
/* The lateness of a thread that only sleeps, and of calls. */
static struct delays stalls, late_calls;
static pthread_mutex_t late_calls_lock = PTHREAD_MUTEX_INITIALIZER;
static double longest_oversleep_ms;

static void note(struct delays *delays, double from_ms, double to_ms, double late_ms) {
  if (delays->count < MOST_DELAYS) {
    struct delay *delay = &delays->list[delays->count++];
    delay->from_ms = from_ms;
    delay->to_ms = to_ms;
    delay->late_ms = late_ms;
  }
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void sleep_ms(long milliseconds) {
  struct timespec time;
  time.tv_sec = milliseconds / 1000;
  time.tv_nsec = milliseconds % 1000 * 1000000;
  nanosleep(&time, NULL);
}

/* Measures how late the machine itself is: a thread that only sleeps should wake up in time. */
static void *measure_oversleep(void *nothing) {
  while (!is_over) {
    double before = now_ms();
    double over;
    sleep_ms(5);
    over = now_ms() - before - 5;
    if (over > longest_oversleep_ms) {
      longest_oversleep_ms = over;
    }
    if (over > 5) {
      note(&stalls, before, before + 5 + over, over);
    }
  }
  return nothing;
}

/* Calls that were later than the machine was at the same time. */
static int unexcused(void) {
  int i, j, count = late_calls.count == MOST_DELAYS || stalls.count == MOST_DELAYS;
  for (i = 0; i < late_calls.count; i++) {
    const struct delay *call = &late_calls.list[i];
    double stalled_ms = 0;
    for (j = 0; j < stalls.count; j++) {
      const struct delay *stall = &stalls.list[j];
      if (stall->from_ms < call->to_ms && stall->to_ms > call->from_ms) {
        stalled_ms += stall->late_ms;
      }
    }
    count += call->late_ms > MOST_LATE_MS + stalled_ms;
  }
  return count;
}

/* Ends a call after as many questions as the pointer's number says. */
static int32_t DIYALOG_CALL interrupt(void *questions_left) {
  return --*(int *)questions_left < 0;
}

static void ask(struct worker *worker) {
  const struct question *question = &questions[rand_r(&worker->seed) % QUESTIONS];
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
  diyalog_error *error = NULL;
  double before, took;
  int32_t code;
  int questions_left = (int)(rand_r(&worker->seed) % 8);

  options.timeout_ms = timeouts_ms[rand_r(&worker->seed) % 4];
  if (rand_r(&worker->seed) % 8 == 0) {
    options.interrupt = interrupt;
    options.interrupt_data = &questions_left;
  }
  before = now_ms();
  code = diyalog_client_is_customer_in_online_help(worker->client, question->customer_id, &options,
                                                   &status, &error);
  took = now_ms() - before;

  worker->codes[code]++;
  if (code == DIYALOG_OK) {
    if (!is_right(question, &status)) {
      worker->wrong++;
      printf("WRONG: %s is with %s, code %d\n", question->customer_id,
             status.staff_id ? status.staff_id : "nobody", (int)status.error_code);
    }
    diyalog_help_status_clear(&status);
  } else if (diyalog_error_code(error) != code || diyalog_error_message(error)[0] == '\0') {
    worker->wrong++;
    printf("WRONG: code %d with the error %d\n", (int)code, (int)diyalog_error_code(error));
  }
  diyalog_error_free(error);

  if (took > worker->slowest_ms) {
    worker->slowest_ms = took;
  }
  took -= options.timeout_ms;
  if (took > worker->latest_ms) {
    worker->latest_ms = took;
  }
  if (took > MOST_LATE_MS) {
    pthread_mutex_lock(&late_calls_lock);
    /* From the deadline on. */
    note(&late_calls, before + options.timeout_ms, before + options.timeout_ms + took, took);
    pthread_mutex_unlock(&late_calls_lock);
  }
}

static int before_end(void *end) { return now_ms() < *(double *)end; }

static void *work(void *argument) {
  struct worker *worker = argument;
  while (now_ms() < worker->end) {
    ask(worker);
    sleep_ms(rand_r(&worker->seed) % 8);
  }
  return NULL;
}

static diyalog_client *client_of(const char *url, const char *ca_file) {
  diyalog_config *config = diyalog_config_new();
  diyalog_client *client = NULL;
  diyalog_error *error = NULL;
  int32_t failed = diyalog_config_set_endpoint(config, url, NULL) ||
                   diyalog_config_set_credentials(config, "1234567-8ABC-DEF0-5432-56712ABCDEF5",
                                                  "s3cr3t-access-key", NULL) ||
                   diyalog_config_set_requester_user_id(config, "45186", NULL) ||
                   diyalog_config_set_ca_file(config, ca_file, NULL) ||
                   diyalog_config_set_system_trust(config, 0, NULL) ||
                   diyalog_client_new(config, &client, &error);
  if (failed) {
    fprintf(stderr, "no client: %s\n", diyalog_error_message(error));
    exit(2);
  }
  diyalog_config_free(config);
  return client;
}

static long status_line(const char *name) {
  char line[256];
  long value = -1;
  FILE *file = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, name, strlen(name)) == 0) {
      value = atol(line + strlen(name));
    }
  }
  fclose(file);
  return value;
}

static long file_descriptors(void) {
  long count = 0;
  DIR *folder = opendir("/proc/self/fd");
  while (readdir(folder) != NULL) {
    count++;
  }
  closedir(folder);
  return count;
}

struct resources {
  long memory_kb, files, threads;
};

static struct resources measure(void) {
  struct resources found;
  /* Returns free memory to the system, so that the rest is in use. */
  malloc_trim(0);
  found.memory_kb = status_line("VmRSS:");
  found.files = file_descriptors();
  found.threads = status_line("Threads:");
  return found;
}

/* Some threads share a long-lived client, the last one has its own. */
static void run_round(diyalog_client *const *shared, const char *const *urls, const char *ca_file,
                      double end, struct worker *workers, struct queue_soak *queues) {
  diyalog_client *fresh = client_of(urls[rand() % 2], ca_file);
  pthread_t queue_thread;
  int i;

  queues->client = shared[rand() % 2];
  queues->argument = &end;
  pthread_create(&queue_thread, NULL, soak_queues, queues);
  for (i = 0; i < THREADS; i++) {
    workers[i].client = i == THREADS - 1 ? fresh : shared[i % 2];
    workers[i].end = end;
    pthread_create(&workers[i].thread, NULL, work, &workers[i]);
  }
  for (i = 0; i < THREADS; i++) {
    pthread_join(workers[i].thread, NULL);
  }
  pthread_join(queue_thread, NULL);
  diyalog_client_free(fresh);
}

static int report(const struct worker *workers, const struct queue_soak *queues,
                  struct resources before, struct resources after) {
  long codes[CODES] = {0};
  long calls = 0, wrong = 0;
  double latest = 0, slowest = 0;
  int i, code, failed;

  for (i = 0; i < THREADS; i++) {
    for (code = 0; code < CODES; code++) {
      codes[code] += workers[i].codes[code];
      calls += workers[i].codes[code];
    }
    wrong += workers[i].wrong;
    latest = workers[i].latest_ms > latest ? workers[i].latest_ms : latest;
    slowest = workers[i].slowest_ms > slowest ? workers[i].slowest_ms : slowest;
  }
  printf("C: %ld calls of %d threads\n", calls, THREADS);
  for (code = 0; code < CODES; code++) {
    if (codes[code] > 0) {
      printf("  code %-3d %10ld\n", code, codes[code]);
    }
  }
  printf("  wrong answers %ld\n", wrong);
  printf("  queues: %ld submitted, %ld answered, %ld cancelled, %ld failed, %ld dropped, %ld wrong\n",
         queues->submitted, queues->answered, queues->cancelled, queues->failed, queues->dropped,
         queues->wrong);
  printf("  latest %.1f ms after its deadline, %d later than %d ms, of these %d while a thread that"
         " only slept was in time; that one was up to %.1f ms late\n",
         latest, late_calls.count, MOST_LATE_MS, unexcused(), longest_oversleep_ms);
  printf("  slowest %.0f ms; growth after warm-up %ld kB, %ld files, %ld threads\n", slowest,
         after.memory_kb - before.memory_kb, after.files - before.files,
         after.threads - before.threads);

  failed = wrong > 0 || queues->wrong > 0 || queues->answered == 0 || queues->cancelled == 0 ||
           codes[DIYALOG_ERROR_CANCELLED] == 0 || codes[DIYALOG_OK] == 0 || codes[DIYALOG_ERROR_INTERNAL] > 0;
  failed |= unexcused() > 0;
  failed |= after.memory_kb - before.memory_kb > ALLOWED_GROWTH_KB;
  failed |= after.threads != before.threads;
  return failed;
}

int main(int count, char **arguments) {
  static struct worker workers[THREADS];
  static struct queue_soak queues;
  struct resources warm = {0, 0, 0}, last = {0, 0, 0}, found;
  diyalog_client *shared[2];
  pthread_t sleeper;
  double seconds, start;
  long files_before;
  int round, i, failed;

  if (count != 5) {
    fprintf(stderr, "usage: soak PLAIN-URL TLS-URL CA-FILE SECONDS\n");
    return 2;
  }
  seconds = atof(arguments[4]);
  for (i = 0; i < THREADS; i++) {
    workers[i].seed = (unsigned)i + 1;
  }
  queues.seed = THREADS + 1;
  queues.goes_on = before_end;
  files_before = file_descriptors();
  pthread_create(&sleeper, NULL, measure_oversleep, NULL);
  shared[0] = client_of(arguments[1], arguments[3]);
  shared[1] = client_of(arguments[2], arguments[3]);

  start = now_ms();
  for (round = 1; round <= ROUNDS; round++) {
    run_round(shared, (const char *const *)arguments + 1, arguments[3],
              start + seconds * 1e3 * round / ROUNDS, workers, &queues);
    found = measure();
    printf("C: after %.0f s: %ld kB, %ld files, %ld threads\n", (now_ms() - start) / 1e3,
           found.memory_kb, found.files, found.threads);
    fflush(stdout);
    if (round == WARM_UP_ROUNDS) {
      warm = found;
    }
    last = found;
  }
  is_over = 1;
  pthread_join(sleeper, NULL);

  failed = report(workers, &queues, warm, last);
  diyalog_client_free(shared[0]);
  diyalog_client_free(shared[1]);
  printf("  files after the clients were freed: %ld, before they were made: %ld\n",
         file_descriptors(), files_before);
  failed |= file_descriptors() != files_before;
  printf("C: %s\n", failed ? "FAILED" : "passed");
  return failed;
}
