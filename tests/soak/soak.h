/* Shared by the soak's files: lookups with their expected results, and the queue's part. */

#ifndef SOAK_H
#define SOAK_H

#include <diyalog.h>

#include <string.h>

struct question {
  const char *customer_id;
  const char *staff_id;
  int32_t error_code;
};

#define QUESTIONS 5

static const struct question questions[QUESTIONS] = {
    {"70022", "45001", 0},
    {"70023", "45002", 0},
    {"70024", NULL, 0},
    {"m\xc3\xbc\xc5\x9fteri-70025", "temsilci-\xc5\x9fule", 0},
    {"nobody", NULL, 400},
};

static int same(const char *found, const char *expected) {
  return found == NULL || expected == NULL ? found == expected : strcmp(found, expected) == 0;
}

static int is_right(const struct question *question, const diyalog_help_status *status) {
  return same(status->staff_id, question->staff_id) &&
         status->is_in_help == (question->staff_id != NULL) &&
         status->error_code == question->error_code;
}

/* One thread's queues: created, filled, cancelled and freed at random until the end. */
struct queue_soak {
  const diyalog_client *client;
  /* Returns whether to continue. */
  int (*goes_on)(void *argument);
  void *argument;
  unsigned seed;
  long submitted, answered, cancelled, failed, dropped;
  /* A tag that was lost or returned twice, or a response of another lookup. */
  long wrong;
};

void *soak_queues(void *queue_soak);

#endif
