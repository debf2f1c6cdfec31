/* The queue's part of the soak. */

#define _GNU_SOURCE

#include "soak.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_CALLS 64
#define CANCELLATIONS 4

struct call {
  const struct question *question;
  int returned;
};

static int one_in(struct queue_soak *soak, int chances) {
  return rand_r(&soak->seed) % chances == 0;
}

static void take(struct queue_soak *soak, diyalog_completion *completion) {
  struct call *call = diyalog_completion_tag(completion);
  const diyalog_help_status *status = diyalog_completion_status(completion);
  int32_t code = diyalog_completion_code(completion);

  if (++call->returned != 1) {
    soak->wrong++;
    printf("WRONG: a tag came back %d times\n", call->returned);
  }
  if (status != NULL) {
    soak->answered++;
    if (!is_right(call->question, status)) {
      soak->wrong++;
      printf("WRONG: queue: %s is with %s\n", call->question->customer_id,
             status->staff_id ? status->staff_id : "nobody");
    }
  } else {
    soak->cancelled += code == DIYALOG_ERROR_CANCELLED;
    soak->failed += code != DIYALOG_ERROR_CANCELLED;
    soak->wrong += code == DIYALOG_ERROR_INTERNAL;
  }
  diyalog_completion_free(completion);
}

/* One queue from its creation to its end. */
static void run_queue(struct queue_soak *soak) {
  struct call calls[MOST_CALLS];
  diyalog_cancellation *cancellations[CANCELLATIONS];
  diyalog_queue *queue = NULL;
  diyalog_completion *completion;
  int count = 1 + rand_r(&soak->seed) % MOST_CALLS, i;

  if (diyalog_queue_new(soak->client, 1 + rand_r(&soak->seed) % 16, &queue, NULL) != DIYALOG_OK) {
    soak->wrong++;
    return;
  }
  for (i = 0; i < CANCELLATIONS; i++) {
    cancellations[i] = diyalog_cancellation_new();
  }
  for (i = 0; i < count; i++) {
    diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
    options.timeout_ms = 300 + rand_r(&soak->seed) % 700;
    if (one_in(soak, 3)) {
      options.cancellation = cancellations[rand_r(&soak->seed) % CANCELLATIONS];
    }
    calls[i].question = &questions[rand_r(&soak->seed) % QUESTIONS];
    calls[i].returned = 0;
    soak->wrong += diyalog_queue_submit(queue, calls[i].question->customer_id, &options, &calls[i],
                                        NULL) != DIYALOG_OK;
    soak->submitted++;
    if (one_in(soak, 20)) {
      diyalog_cancellation_cancel(cancellations[rand_r(&soak->seed) % CANCELLATIONS]);
    }
    if (one_in(soak, 40)) {
      diyalog_queue_cancel(queue);
    }
    completion = diyalog_queue_next(queue, rand_r(&soak->seed) % 3);
    if (completion != NULL) {
      take(soak, completion);
    }
  }
  for (i = 0; i < CANCELLATIONS; i++) {
    diyalog_cancellation_free(cancellations[i]);
  }
  if (one_in(soak, 4)) {
    soak->dropped += (long)diyalog_queue_pending(queue);
  } else {
    while ((completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER)) != NULL) {
      take(soak, completion);
    }
    for (i = 0; i < count; i++) {
      if (calls[i].returned != 1) {
        soak->wrong++;
        printf("WRONG: a tag came back %d times\n", calls[i].returned);
      }
    }
  }
  diyalog_queue_free(queue);
}

void *soak_queues(void *queue_soak) {
  struct queue_soak *soak = queue_soak;
  while (soak->goes_on(soak->argument)) {
    run_queue(soak);
  }
  return NULL;
}
