/* The queue: every function, and wrong use of each. */

#include "test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if !defined(_WIN32)
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#define MANY 500

static diyalog_queue *queue_of(const diyalog_client *client, uint32_t max_in_flight) {
  diyalog_queue *queue = NULL;
  CHECK_SUCCEEDED(diyalog_queue_new(client, max_in_flight, &queue, &error));
  return queue;
}

static void submit(diyalog_queue *queue, const char *customer_id, void *tag) {
  CHECK_SUCCEEDED(diyalog_queue_submit(queue, customer_id, NULL, tag, &error));
}

/* Returns what is pending, one after the other; counts how often each tag comes. */
static int drain(diyalog_queue *queue, int *seen, int32_t code) {
  diyalog_completion *completion;
  int count = 0;
  while ((completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER)) != NULL) {
    seen[*(int *)diyalog_completion_tag(completion)]++;
    count += diyalog_completion_code(completion) == code;
    diyalog_completion_free(completion);
  }
  return count;
}

static void every_tag_comes_back_once_with_its_own_status(void) {
  static const char *const customers[] = {"70022", "70023", "70024", "nobody"};
  static const char *const staff[] = {"45001", "45002", NULL, NULL};
  static int seen[MANY];
  static int tags[MANY];
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 8);
  diyalog_completion *completion;
  int i;

  memset(seen, 0, sizeof seen);
  for (i = 0; i < MANY; i++) {
    tags[i] = i;
    submit(queue, customers[i % 4], &tags[i]);
  }
  while ((completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER)) != NULL) {
    const diyalog_help_status *status = diyalog_completion_status(completion);
    int tag = *(int *)diyalog_completion_tag(completion);
    seen[tag]++;
    CHECK_NUMBER(diyalog_completion_code(completion), DIYALOG_OK);
    CHECK(diyalog_completion_error(completion) == NULL && status != NULL);
    CHECK(diyalog_completion_response(completion) == NULL);
    CHECK_TEXT(status->staff_id, staff[tag % 4]);
    CHECK_NUMBER(status->is_in_help, staff[tag % 4] != NULL);
    CHECK_NUMBER(status->error_code, tag % 4 == 3 ? 400 : 0);
    diyalog_completion_free(completion);
  }
  for (i = 0; i < MANY; i++) {
    CHECK_NUMBER(seen[i], 1);
  }
  CHECK_NUMBER(diyalog_queue_pending(queue), 0);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

static void a_call_that_fails_has_an_error(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 1);
  diyalog_completion *completion;

  answer_next(503, "busy");
  submit(queue, "70022", NULL);
  CHECK_NUMBER(diyalog_queue_pending(queue), 1);
  completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER);
  /* A completion may outlive its queue. */
  diyalog_queue_free(queue);
  diyalog_client_free(client);
  CHECK(diyalog_completion_tag(completion) == NULL);
  CHECK_NUMBER(diyalog_completion_code(completion), DIYALOG_ERROR_HTTP_STATUS);
  CHECK(diyalog_completion_status(completion) == NULL);
  CHECK_CONTAINS(diyalog_error_message(diyalog_completion_error(completion)), "busy");
  CHECK_NUMBER(diyalog_error_is_retryable(diyalog_completion_error(completion)), 1);
  diyalog_completion_free(completion);
}

static void wrong_arguments_queue_nothing(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 1);
  diyalog_queue *untouched = queue;
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  CHECK_FAILED(diyalog_queue_new(NULL, 1, &untouched, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "client is NULL");
  CHECK_FAILED(diyalog_queue_new(client, 1, NULL, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "queue is NULL");
  CHECK_FAILED(diyalog_queue_new(client, 0, &untouched, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "max_in_flight is 0; choose 1 to 1024");
  CHECK_FAILED(diyalog_queue_new(client, 1025, &untouched, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "max_in_flight is 1025");
  CHECK(untouched == queue);

  CHECK_FAILED(diyalog_queue_submit(NULL, "1", NULL, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "queue is NULL");
  CHECK_FAILED(diyalog_queue_submit(queue, NULL, NULL, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "customer_id");
  CHECK_FAILED(diyalog_queue_submit(queue, "", NULL, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "customer_id");
  CHECK_FAILED(diyalog_queue_submit(queue, "\xff", NULL, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "customer_id");
  options.requester_user_id = "a\nb";
  CHECK_FAILED(diyalog_queue_submit(queue, "1", &options, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "requester_user_id");
  options.struct_size = 4;
  CHECK_FAILED(diyalog_queue_submit(queue, "1", &options, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "struct_size");
  CHECK_NUMBER(diyalog_queue_pending(queue), 0);
  CHECK(diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER) == NULL);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

static int32_t DIYALOG_CALL never(void *user_data) {
  (void)user_data;
  return 0;
}

static void options_with_an_interrupt_callback_are_rejected(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 1);
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;

  options.interrupt = never;
  CHECK_FAILED(diyalog_queue_submit(queue, "70022", &options, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "interrupt");
  CHECK_NUMBER(diyalog_queue_pending(queue), 0);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

/* The caller frees all it passed right after submit. */
static void arguments_are_copied(void) {
  diyalog_config *config = sandbox_config();
  diyalog_client *client;
  diyalog_queue *queue;
  diyalog_completion *completion;
  diyalog_cancellation *cancellation = diyalog_cancellation_new();
  diyalog_call_options *options = malloc(sizeof *options);
  char *customer_id = malloc(6);
  char *requester = malloc(6);

  /* Without a requester of its own, the client depends on the call's. */
  diyalog_config_free(config);
  config = diyalog_config_new();
  CHECK_SUCCEEDED(diyalog_config_set_endpoint(config, sandbox_url(), &error));
  CHECK_SUCCEEDED(diyalog_config_set_credentials(config, KEY_ID, SECRET, &error));
  client = client_of(config);
  queue = queue_of(client, 1);
  {
    diyalog_call_options begin = DIYALOG_CALL_OPTIONS_INIT;
    *options = begin;
  }
  memcpy(customer_id, "70023", 6);
  memcpy(requester, "45187", 6);
  options->requester_user_id = requester;
  options->cancellation = cancellation;
  options->timeout_ms = 20000;
  CHECK_FAILED(diyalog_queue_submit(queue, customer_id, NULL, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "requester_user_id");
  CHECK_SUCCEEDED(diyalog_queue_submit(queue, customer_id, options, options, &error));
  memset(customer_id, 'x', 5);
  memset(requester, 'x', 5);
  free(customer_id);
  free(requester);
  diyalog_cancellation_free(cancellation);

  completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER);
  CHECK_NUMBER(diyalog_completion_code(completion), DIYALOG_OK);
  CHECK_TEXT(diyalog_completion_status(completion)->staff_id, "45002");
  CHECK(diyalog_completion_tag(completion) == options);
  diyalog_completion_free(completion);
  free(options);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

static void calls_with_a_cancelled_cancellation_complete_unsent(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 2);
  diyalog_cancellation *cancellation = diyalog_cancellation_new();
  diyalog_call_options options = DIYALOG_CALL_OPTIONS_INIT;
  diyalog_completion *completion;

  diyalog_cancellation_cancel(cancellation);
  options.cancellation = cancellation;
  CHECK_SUCCEEDED(diyalog_queue_submit(queue, "70022", &options, NULL, &error));
  diyalog_cancellation_free(cancellation);
  completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER);
  CHECK_NUMBER(diyalog_completion_code(completion), DIYALOG_ERROR_CANCELLED);
  diyalog_completion_free(completion);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

static void cancel_ends_what_is_pending_and_the_queue_stays_usable(void) {
  static int tags[MANY];
  static int seen[MANY];
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 4);
  diyalog_completion *completion;
  int i, tag = 0;

  memset(seen, 0, sizeof seen);
  control("POST", "/sandbox/faults", "{\"kind\":\"delay\",\"milliseconds\":300,\"times\":4}");
  for (i = 0; i < MANY; i++) {
    tags[i] = i;
    submit(queue, "70022", &tags[i]);
  }
  diyalog_queue_cancel(queue);
  /* At most four had begun. */
  CHECK(drain(queue, seen, DIYALOG_ERROR_CANCELLED) >= MANY - 4);
  for (i = 0; i < MANY; i++) {
    CHECK_NUMBER(seen[i], 1);
  }
  control("DELETE", "/sandbox/faults", NULL);

  submit(queue, "70022", &tag);
  completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER);
  CHECK_NUMBER(diyalog_completion_code(completion), DIYALOG_OK);
  CHECK(diyalog_completion_tag(completion) == &tag);
  diyalog_completion_free(completion);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

static void free_with_everything_pending_drops_it(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 4);
  int i;

  control("POST", "/sandbox/faults", "{\"kind\":\"delay\",\"milliseconds\":50,\"times\":4}");
  for (i = 0; i < MANY; i++) {
    submit(queue, "70022", NULL);
  }
  diyalog_queue_free(queue);
  /* Some completions are there, and some calls are under way. */
  queue = queue_of(client, 4);
  for (i = 0; i < MANY; i++) {
    submit(queue, "70022", NULL);
  }
  diyalog_completion_free(diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER));
  diyalog_queue_free(queue);
  control("DELETE", "/sandbox/faults", NULL);
  diyalog_client_free(client);
}

static void null_gives_null_or_0(void) {
  CHECK(diyalog_queue_next(NULL, 0) == NULL);
  CHECK(diyalog_queue_next(NULL, DIYALOG_WAIT_FOREVER) == NULL);
  CHECK_NUMBER(diyalog_queue_pending(NULL), 0);
  diyalog_queue_cancel(NULL);
  diyalog_queue_free(NULL);
  CHECK(diyalog_completion_tag(NULL) == NULL);
  CHECK_NUMBER(diyalog_completion_code(NULL), 0);
  CHECK(diyalog_completion_status(NULL) == NULL);
  CHECK(diyalog_completion_response(NULL) == NULL);
  CHECK(diyalog_completion_error(NULL) == NULL);
  diyalog_completion_free(NULL);
}

struct wakes {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int count;
};

static void DIYALOG_CALL wake(void *user_data) {
  struct wakes *wakes = user_data;
  pthread_mutex_lock(&wakes->lock);
  wakes->count++;
  pthread_cond_signal(&wakes->changed);
  pthread_mutex_unlock(&wakes->lock);
}

static void the_wake_callback_announces_every_completion(void) {
  struct wakes wakes;
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 8);
  diyalog_completion *completion;
  int i, returned = 0, seen = 0;

  memset(&wakes, 0, sizeof wakes);
  pthread_mutex_init(&wakes.lock, NULL);
  pthread_cond_init(&wakes.changed, NULL);
  CHECK_FAILED(diyalog_queue_set_wake_callback(NULL, wake, &wakes, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "queue is NULL");
  CHECK_SUCCEEDED(diyalog_queue_set_wake_callback(queue, NULL, NULL, &error));
  CHECK_SUCCEEDED(diyalog_queue_set_wake_callback(queue, wake, &wakes, &error));
  for (i = 0; i < MANY; i++) {
    submit(queue, "70022", NULL);
  }
  while (returned < MANY) {
    pthread_mutex_lock(&wakes.lock);
    while (wakes.count == seen) {
      pthread_cond_wait(&wakes.changed, &wakes.lock);
    }
    seen = wakes.count;
    pthread_mutex_unlock(&wakes.lock);
    while ((completion = diyalog_queue_next(queue, 0)) != NULL) {
      CHECK_NUMBER(diyalog_completion_code(completion), DIYALOG_OK);
      diyalog_completion_free(completion);
      returned++;
    }
  }
  CHECK_FAILED(diyalog_queue_set_wake_callback(queue, NULL, NULL, &error),
               DIYALOG_ERROR_INVALID_ARGUMENT, "before the first submit");
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

#if !defined(_WIN32)

static void the_wake_descriptor_announces_every_completion(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 8);
  diyalog_completion *completion;
  int ends[2], i, returned = 0;

  CHECK(pipe(ends) == 0);
  CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  CHECK_FAILED(diyalog_queue_set_wake_fd(NULL, ends[1], &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "queue is NULL");
  CHECK_FAILED(diyalog_queue_set_wake_fd(queue, -2, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "fd is -2");
  CHECK_SUCCEEDED(diyalog_queue_set_wake_fd(queue, -1, &error));
  CHECK_SUCCEEDED(diyalog_queue_set_wake_fd(queue, ends[1], &error));
  for (i = 0; i < MANY; i++) {
    submit(queue, "70022", NULL);
  }
  while (returned < MANY) {
    uint64_t one = 0;
    CHECK(read(ends[0], &one, sizeof one) == sizeof one);
    CHECK(one == 1);
    while ((completion = diyalog_queue_next(queue, 0)) != NULL) {
      diyalog_completion_free(completion);
      returned++;
    }
  }
  CHECK_FAILED(diyalog_queue_set_wake_fd(queue, -1, &error), DIYALOG_ERROR_INVALID_ARGUMENT,
               "before the first submit");
  /* A reader that went away is no reason to end the program with SIGPIPE. */
  close(ends[0]);
  submit(queue, "70022", NULL);
  diyalog_completion_free(diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER));
  diyalog_queue_free(queue);
  close(ends[1]);
  diyalog_client_free(client);
}

/* Returns what is wrong with an inherited queue in a child; 0 if nothing is. A child whose checks
 * passed ends by a signal: valgrind would report what its parent's workers held as lost. */
static int in_child(diyalog_queue *inherited, const diyalog_client *client) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    diyalog_queue *own = NULL;
    diyalog_error *error = NULL;
    int wrong = 0;
    alarm(20);
    wrong |= diyalog_queue_submit(inherited, "70022", NULL, NULL, &error) !=
             DIYALOG_ERROR_INVALID_ARGUMENT;
    wrong |= (strstr(diyalog_error_message(error), "create a queue") == NULL) << 1;
    diyalog_error_free(error);
    wrong |= (diyalog_queue_next(inherited, DIYALOG_WAIT_FOREVER) != NULL) << 2;
    wrong |= (diyalog_queue_next(inherited, 60000) != NULL) << 2;
    wrong |= (diyalog_queue_pending(inherited) != 0) << 3;
    diyalog_queue_cancel(inherited);
    diyalog_queue_free(inherited);
    /* One of its own works. */
    wrong |= (diyalog_queue_new(client, 2, &own, NULL) != DIYALOG_OK) << 4;
    wrong |= (diyalog_queue_submit(own, "70022", NULL, &own, NULL) != DIYALOG_OK) << 4;
    {
      diyalog_completion *completion = diyalog_queue_next(own, DIYALOG_WAIT_FOREVER);
      wrong |= (diyalog_completion_tag(completion) != &own) << 5;
      wrong |= (diyalog_completion_code(completion) != DIYALOG_OK) << 6;
      diyalog_completion_free(completion);
    }
    diyalog_queue_free(own);
    if (wrong == 0) {
      raise(SIGKILL);
    }
    _exit(wrong);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : status;
}

/* Whether a child can be forked while workers run. AddressSanitizer's allocator keeps a lock that
 * another thread held (GCC 12: the child hangs in its malloc), and so does qemu's emulation of a
 * process, which RUN names. */
static int can_fork_beside_workers(void) {
#if defined(__SANITIZE_ADDRESS__)
  return 0;
#else
  return getenv("RUN") == NULL;
#endif
}

static void a_forked_child_has_nothing_pending(void) {
  static int tags[MANY];
  static int seen[MANY];
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 4);
  int i;

  memset(seen, 0, sizeof seen);
  CHECK_NUMBER(in_child(queue, client), 0);
  for (i = 0; i < MANY; i++) {
    tags[i] = i;
    submit(queue, "70022", &tags[i]);
    if (i % 100 == 0 && can_fork_beside_workers()) {
      CHECK_NUMBER(in_child(queue, client), 0);
    }
  }
  /* The parent's queue did not notice. */
  CHECK_NUMBER(drain(queue, seen, DIYALOG_OK), MANY);
  for (i = 0; i < MANY; i++) {
    CHECK_NUMBER(seen[i], 1);
  }
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

static volatile sig_atomic_t signals_elsewhere;
static pthread_t main_thread;

static void on_signal(int number) {
  (void)number;
  signals_elsewhere += !pthread_equal(pthread_self(), main_thread);
}

/* Signals of the process run on the program's own threads, and do not end a wait. */
static void workers_get_no_signals(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 8);
  struct sigaction action, before;
  diyalog_completion *completion;
  int i, returned = 0;

  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  main_thread = pthread_self();
  CHECK(sigaction(SIGUSR1, &action, &before) == 0);
  for (i = 0; i < MANY; i++) {
    submit(queue, "70022", NULL);
    if (i % 10 == 0) {
      kill(getpid(), SIGUSR1);
    }
  }
  while ((completion = diyalog_queue_next(queue, DIYALOG_WAIT_FOREVER)) != NULL) {
    returned += diyalog_completion_code(completion) == DIYALOG_OK;
    diyalog_completion_free(completion);
    kill(getpid(), SIGUSR1);
  }
  CHECK_NUMBER(returned, MANY);
  CHECK_NUMBER(signals_elsewhere, 0);
  diyalog_queue_free(queue);
  CHECK(sigaction(SIGUSR1, &before, NULL) == 0);
  diyalog_client_free(client);
}

#endif

struct reader {
  pthread_t thread;
  diyalog_queue *queue;
  int count;
};

static void *read_all(void *argument) {
  struct reader *reader = argument;
  diyalog_completion *completion;
  while ((completion = diyalog_queue_next(reader->queue, DIYALOG_WAIT_FOREVER)) != NULL) {
    reader->count++;
    diyalog_completion_free(completion);
  }
  return NULL;
}

static void readers_share_the_completions_and_all_return(void) {
  diyalog_client *client = sandbox_client();
  diyalog_queue *queue = queue_of(client, 8);
  struct reader readers[4];
  int i, count = 0;

  for (i = 0; i < MANY; i++) {
    submit(queue, "70022", NULL);
  }
  for (i = 0; i < 4; i++) {
    readers[i].queue = queue;
    readers[i].count = 0;
    CHECK(pthread_create(&readers[i].thread, NULL, read_all, &readers[i]) == 0);
  }
  for (i = 0; i < 4; i++) {
    CHECK(pthread_join(readers[i].thread, NULL) == 0);
    count += readers[i].count;
  }
  CHECK_NUMBER(count, MANY);
  diyalog_queue_free(queue);
  diyalog_client_free(client);
}

void test_queue(void) {
  every_tag_comes_back_once_with_its_own_status();
  a_call_that_fails_has_an_error();
  wrong_arguments_queue_nothing();
  options_with_an_interrupt_callback_are_rejected();
  arguments_are_copied();
  calls_with_a_cancelled_cancellation_complete_unsent();
  cancel_ends_what_is_pending_and_the_queue_stays_usable();
  free_with_everything_pending_drops_it();
  null_gives_null_or_0();
  the_wake_callback_announces_every_completion();
#if !defined(_WIN32)
  the_wake_descriptor_announces_every_completion();
  a_forked_child_has_nothing_pending();
  workers_get_no_signals();
#endif
  readers_share_the_completions_and_all_return();
}
