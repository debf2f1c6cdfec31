/* Loads and unloads the library as a plugin, 100 times in one process. Threads use it, and some end
 * after it is closed. Memory, file descriptors and threads must not grow.
 *
 * Usage: dlopen LIBRARY [KB]. The sandbox's address comes from DIYALOG_SANDBOX_URL. KB is the allowed
 * growth of memory, which depends on the allocator; without it growth is only reported. */

#include <diyalog.h>

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 100
#define WARM_UP 20

static void require(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "not so: %s\n", what);
    exit(1);
  }
}

struct library {
  void *handle;
  diyalog_config *(*config_new)(void);
  void (*config_free)(diyalog_config *);
  int32_t (*set_endpoint)(diyalog_config *, const char *, diyalog_error **);
  int32_t (*set_credentials)(diyalog_config *, const char *, const char *, diyalog_error **);
  int32_t (*set_requester)(diyalog_config *, const char *, diyalog_error **);
  int32_t (*client_new)(const diyalog_config *, diyalog_client **, diyalog_error **);
  void (*client_free)(diyalog_client *);
  int32_t (*look_up)(const diyalog_client *, const char *, const diyalog_call_options *,
                     diyalog_help_status *, diyalog_error **);
  void (*clear)(diyalog_help_status *);
};

/* C has no cast from an object pointer to a function pointer; POSIX allows this. */
static void find(void *handle, const char *name, void *function) {
  void *found = dlsym(handle, name);
  require(found != NULL, name);
  memcpy(function, &found, sizeof found);
}

static void open_library(const char *path, struct library *library) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

  require(handle != NULL, "the library opens");
  library->handle = handle;
  find(handle, "diyalog_config_new", &library->config_new);
  find(handle, "diyalog_config_free", &library->config_free);
  find(handle, "diyalog_config_set_endpoint", &library->set_endpoint);
  find(handle, "diyalog_config_set_credentials", &library->set_credentials);
  find(handle, "diyalog_config_set_requester_user_id", &library->set_requester);
  find(handle, "diyalog_client_new", &library->client_new);
  find(handle, "diyalog_client_free", &library->client_free);
  find(handle, "diyalog_client_is_customer_in_online_help", &library->look_up);
  find(handle, "diyalog_help_status_clear", &library->clear);
}

static diyalog_client *make_client(const struct library *library) {
  const char *url = getenv("DIYALOG_SANDBOX_URL");
  diyalog_config *config = library->config_new();
  diyalog_client *client = NULL;

  require(url != NULL, "DIYALOG_SANDBOX_URL is set");
  require(library->set_endpoint(config, url, NULL) == DIYALOG_OK &&
              library->set_credentials(config, "1234567-8ABC-DEF0-5432-56712ABCDEF5",
                                       "s3cr3t-access-key", NULL) == DIYALOG_OK &&
              library->set_requester(config, "45186", NULL) == DIYALOG_OK &&
              library->client_new(config, &client, NULL) == DIYALOG_OK,
          "a client is made");
  library->config_free(config);
  return client;
}

/* The task of a thread, and when it ends. */
struct worker {
  pthread_t thread;
  const struct library *library;
  const diyalog_client *client;
  pthread_barrier_t used;
  pthread_barrier_t closed;
};

static void *work(void *argument) {
  struct worker *worker = argument;
  const struct library *library = worker->library;
  int i;

  for (i = 0; i < 2; i++) {
    diyalog_help_status status = DIYALOG_HELP_STATUS_INIT;
    require(library->look_up(worker->client, "70022", NULL, &status, NULL) == DIYALOG_OK &&
                strcmp(status.staff_id, "45001") == 0,
            "the lookup is answered");
    library->clear(&status);
    /* One that fails leaves an error and its message behind. */
    require(library->look_up(worker->client, "", NULL, &status, NULL) ==
                DIYALOG_ERROR_INVALID_ARGUMENT,
            "an empty id is refused");
  }
  pthread_barrier_wait(&worker->used);
  pthread_barrier_wait(&worker->closed);
  return NULL; /* the destructors of thread-locals run here */
}

/* One thread ends before the library is closed, the other after. */
static void live(const char *path) {
  struct library library;
  struct worker workers[2];
  diyalog_client *client;
  int i;

  open_library(path, &library);
  client = make_client(&library);
  for (i = 0; i < 2; i++) {
    workers[i].library = &library;
    workers[i].client = client;
    require(pthread_barrier_init(&workers[i].used, NULL, 2) == 0 &&
                pthread_barrier_init(&workers[i].closed, NULL, 2) == 0 &&
                pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0,
            "a thread starts");
    pthread_barrier_wait(&workers[i].used);
  }
  pthread_barrier_wait(&workers[0].closed);
  require(pthread_join(workers[0].thread, NULL) == 0, "the first thread ends");
  library.client_free(client);
  require(dlclose(library.handle) == 0, "the library closes");
  pthread_barrier_wait(&workers[1].closed);
  require(pthread_join(workers[1].thread, NULL) == 0, "the second thread ends");
  for (i = 0; i < 2; i++) {
    pthread_barrier_destroy(&workers[i].used);
    pthread_barrier_destroy(&workers[i].closed);
  }
}

static long entries(const char *folder) {
  DIR *listed = opendir(folder);
  long count = 0;

  require(listed != NULL, folder);
  while (readdir(listed) != NULL) {
    count++;
  }
  closedir(listed);
  return count;
}

/* The kernel lists a joined thread a moment longer. */
static int settles_at(const char *folder, long count) {
  int tries;

  for (tries = 0; tries < 1000 && entries(folder) != count; tries++) {
    usleep(1000);
  }
  return entries(folder) == count;
}

static long resident_kb(void) {
  FILE *file = fopen("/proc/self/statm", "r");
  long total = 0;
  long resident = 0;

  require(file != NULL && fscanf(file, "%ld %ld", &total, &resident) == 2, "/proc is there");
  fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(int count, char **arguments) {
  long memory = 0;
  long files = 0;
  long threads = entries("/proc/self/task");
  int round;

  require(count == 2 || count == 3, "the arguments are the library and perhaps a number");
  for (round = 0; round < ROUNDS; round++) {
    if (round == WARM_UP) {
      memory = resident_kb();
      files = entries("/proc/self/fd");
    }
    live(arguments[1]);
  }
  require(settles_at("/proc/self/fd", files), "as many file descriptors as before");
  require(settles_at("/proc/self/task", threads), "as many threads as before");
  memory = resident_kb() - memory;
  printf("opened, used and closed %d times: %+ld KB since round %d\n", ROUNDS, memory, WARM_UP);
  require(count == 2 || memory <= atol(arguments[2]), "no more memory than before");
  return 0;
}
