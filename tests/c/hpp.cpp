// diyalog.hpp over the same library: values, exceptions, and what it promises of its types.

#include <diyalog.hpp>

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

static int passed = 0;
static int failed = 0;

#define CHECK(condition)                                                   \
  do {                                                                     \
    if (condition) {                                                       \
      passed++;                                                            \
    } else {                                                               \
      failed++;                                                            \
      std::printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
    }                                                                      \
  } while (0)

static_assert(!std::is_copy_constructible<diyalog::Client>::value, "a client has one owner");
static_assert(std::is_nothrow_move_constructible<diyalog::Client>::value, "moving cannot fail");
static_assert(std::is_nothrow_move_assignable<diyalog::Client>::value, "moving cannot fail");
static_assert(!std::is_copy_constructible<diyalog::Config>::value, "settings have one owner");
static_assert(std::is_nothrow_move_constructible<diyalog::Config>::value, "moving cannot fail");
static_assert(!std::is_copy_constructible<diyalog::Queue>::value, "a queue has one owner");
static_assert(std::is_nothrow_move_constructible<diyalog::Queue>::value, "moving cannot fail");
static_assert(std::is_nothrow_move_assignable<diyalog::Cancellation>::value, "moving cannot fail");
static_assert(std::is_nothrow_move_assignable<diyalog::Completion>::value, "moving cannot fail");
static_assert(std::is_base_of<std::exception, diyalog::Error>::value, "caught as std::exception");
static_assert(std::is_nothrow_copy_constructible<diyalog::Error>::value, "copying cannot fail");

static diyalog::Client sandbox_client() {
  return diyalog::Client(diyalog::Config()
                             .endpoint(std::getenv("DIYALOG_SANDBOX_URL"))
                             .credentials("1234567-8ABC-DEF0-5432-56712ABCDEF5", "s3cr3t-access-key")
                             .requester_user_id("45186")
                             .timeout_ms(5000)
                             .attempt_timeout_ms(0)
                             .max_retries(1)
                             .max_idle_connections(2)
                             .system_trust(true)
                             .clock_correction(true)
                             .allow_plain_http(false)
                             .date_zone(DIYALOG_DATE_ZONE_GMT)
                             .user_agent_suffix("hpp"));
}

static void results_are_values() {
  diyalog::Client first = sandbox_client();
  const diyalog::Client client = std::move(first);

  diyalog::HelpStatus status = client.is_customer_in_online_help("70022");
  CHECK(status.is_in_help && status.customer_found());
  CHECK(status.help_type == DIYALOG_HELP_TYPE_INBOUND && status.help_type_text == "inbound");
  CHECK(status.staff_id == "45001" && status.error_code == 0);

  status = client.is_customer_in_online_help(
      "99999", diyalog::CallOptions().timeout_ms(3000).requester_user_id("45187"));
  CHECK(!status.is_in_help && !status.customer_found());
  CHECK(status.staff_id.empty() && status.help_type_text.empty() && status.error_code == 400);
}

template <typename Call>
static void check_throws(Call call, int32_t code, const std::string &argument, const char *part) {
  try {
    call();
    CHECK(!"an exception");
  } catch (const diyalog::Error &error) {
    CHECK(error.code() == code);
    CHECK(error.argument() == argument);
    CHECK(error.retry_after_ms() == 0);
    CHECK(std::string(error.what()).find(part) != std::string::npos);
    CHECK(error.http_status() == 0 && error.retryable() == (code == DIYALOG_ERROR_CONNECT));
  }
}

static void errors_are_exceptions() {
  const diyalog::Client client = sandbox_client();
  const std::string with_nul("7\0002", 3);

  check_throws([&] { client.is_customer_in_online_help(""); }, DIYALOG_ERROR_INVALID_ARGUMENT,
               "customer_id", "customer_id is empty");
  check_throws([&] { client.is_customer_in_online_help(with_nul); }, DIYALOG_ERROR_INVALID_ARGUMENT,
               "customer_id", "customer_id must not contain NUL");
  check_throws(
      [&] {
        client.is_customer_in_online_help("70022", diyalog::CallOptions().requester_user_id(""));
      },
      DIYALOG_ERROR_INVALID_ARGUMENT, "requester_user_id", "requester_user_id is empty");
  check_throws([&] { diyalog::Config().requester_user_id("a\nb"); }, DIYALOG_ERROR_INVALID_ARGUMENT,
               "requester_user_id", "requester_user_id must not contain control");
  check_throws([&] { diyalog::Client refused((diyalog::Config())); }, DIYALOG_ERROR_INVALID_CONFIG,
               "endpoint", "endpoint is not set");
  check_throws(
      [&] {
        diyalog::Config config;
        config.endpoint("http://127.0.0.1:1").credentials("id", std::string("\0\xff", 2));
        config.requester_user_id("1").max_retries(0);
        diyalog::Client(config).is_customer_in_online_help("1");
      },
      DIYALOG_ERROR_CONNECT, "", "127.0.0.1");

  const diyalog::Error busy(DIYALOG_ERROR_HTTP_STATUS, "busy", 503, true, "", 7000);
  const diyalog::Error copy(busy);
  CHECK(copy.retryable() && copy.retry_after_ms() == 7000 && copy.argument() == std::string());
}

static void a_queue_returns_every_tag() {
  const diyalog::Client client = sandbox_client();
  diyalog::Queue first(client, 4);
  diyalog::Queue queue = std::move(first);
  int tags[] = {0, 0, 0};

  CHECK(!queue.next(0) && !queue.next());
  for (int &tag : tags) {
    queue.submit("70022", &tag);
  }
  CHECK(queue.pending() == 3);
  while (diyalog::Completion completion = queue.next()) {
    CHECK(completion.code() == DIYALOG_OK && completion.status().staff_id == "45001");
    ++*static_cast<int *>(completion.tag());
  }
  CHECK(tags[0] == 1 && tags[1] == 1 && tags[2] == 1 && queue.pending() == 0);
  check_throws([&] { queue.submit(""); }, DIYALOG_ERROR_INVALID_ARGUMENT, "customer_id",
               "customer_id is empty");
  check_throws([&] { diyalog::Queue none(client, 0); }, DIYALOG_ERROR_INVALID_ARGUMENT,
               "max_in_flight", "choose 1 to 1024");
  check_throws([&] { queue.wake_callback(nullptr, nullptr); }, DIYALOG_ERROR_INVALID_ARGUMENT,
               "queue", "first submit");
  check_throws([&] { queue.wake_fd(-1); }, DIYALOG_ERROR_INVALID_ARGUMENT, "queue", "first submit");
  queue.submit("70022");
  queue.cancel();
  CHECK(queue.next().tag() == nullptr);
}

static void a_post_returns_json_and_a_signature_three_values() {
  const diyalog::Client client = sandbox_client();
  const std::string path = "/v1/application/iscustomerinonlinehelp";
  const std::string json = "{\"customerId\":\"70022\"}";

  const diyalog::Response response = client.post(path, json);
  CHECK(response.http_status == 200 && response.body.find("45001") != std::string::npos);
  check_throws([&] { client.post("v1", json); }, DIYALOG_ERROR_INVALID_ARGUMENT, "path",
               "path must begin with /");
  check_throws([&] { client.post(path, "{"); }, DIYALOG_ERROR_INVALID_ARGUMENT, "json",
               "json is not valid JSON");
  check_throws([&] { client.post(path, std::string("{}\0", 3)); }, DIYALOG_ERROR_INVALID_ARGUMENT,
               "json", "json must not contain NUL");
  check_throws([&] { client.post(path, json, diyalog::CallOptions().requester_user_id("")); },
               DIYALOG_ERROR_INVALID_ARGUMENT, "requester_user_id", "requester_user_id is empty");

  // The sandbox responds 500 to a body without the documented fields.
  for (const bool repeatable : {false, true}) {
    try {
      client.post("/v1/application/finishonlinehelp", "{}",
                  diyalog::CallOptions().repeatable(repeatable));
      CHECK(!"an exception");
    } catch (const diyalog::Error &error) {
      CHECK(error.code() == DIYALOG_ERROR_SERVER && error.retryable() == repeatable);
    }
  }

  const diyalog::SignedHeaders headers = client.sign("POST", path, std::string("\0{}", 3));
  CHECK(headers.requester_user_id == "45186" && !headers.date.empty());
  CHECK(headers.authorization.find("DLGA 1234567-8ABC-DEF0-5432-56712ABCDEF5:") == 0);
  check_throws([&] { client.sign("PO ST", path, ""); }, DIYALOG_ERROR_INVALID_ARGUMENT, "method",
               "method is not an HTTP method");
}

static void a_queue_carries_posts_beside_lookups() {
  const diyalog::Client client = sandbox_client();
  diyalog::Queue queue(client, 1);

  queue.submit_post("/v1/application/iscustomerinonlinehelp", "{\"customerId\":\"70022\"}", &queue,
                    diyalog::CallOptions().repeatable(true));
  const diyalog::Completion post = queue.next();
  CHECK(post.tag() == &queue && post.response().body.find("45001") != std::string::npos);
  check_throws([&] { post.status(); }, DIYALOG_ERROR_INVALID_ARGUMENT, "", "no help status");
  queue.submit("70022");
  const diyalog::Completion lookup = queue.next();
  CHECK(lookup.status().is_in_help);
  check_throws([&] { lookup.response(); }, DIYALOG_ERROR_INVALID_ARGUMENT, "", "no response");
  check_throws([&] { queue.submit_post("/v1", ""); }, DIYALOG_ERROR_INVALID_ARGUMENT, "json",
               "json is not valid JSON");
}

static void calls_can_be_cancelled() {
  const diyalog::Client client = sandbox_client();
  const diyalog::Cancellation cancellation;
  diyalog::Queue queue(client, 1);
  const diyalog::CallOptions options = diyalog::CallOptions().cancellation(cancellation);

  CHECK(client.is_customer_in_online_help("70022", options).is_in_help);
  cancellation.cancel();
  check_throws([&] { client.is_customer_in_online_help("70022", options); },
               DIYALOG_ERROR_CANCELLED, "", "cancelled");
  {
    const diyalog::Cancellation gone;
    gone.cancel();
    queue.submit("70022", nullptr, diyalog::CallOptions().cancellation(gone).log_level(-1));
  }
  const diyalog::Completion completion = queue.next();
  check_throws([&] { completion.status(); }, DIYALOG_ERROR_CANCELLED, "", "cancelled");
}

int main() {
  results_are_values();
  errors_are_exceptions();
  a_queue_returns_every_tag();
  a_post_returns_json_and_a_signature_three_values();
  a_queue_carries_posts_beside_lookups();
  calls_can_be_cancelled();
  CHECK(std::string(diyalog::version()) == VERSION);
  CHECK(diyalog::version_number() == DIYALOG_VERSION_NUMBER);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
