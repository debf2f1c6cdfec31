// Looks up the customers named on the command line. Settings come from the environment:
// DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
//
//   c++ -std=c++11 lookup.cpp -ldiyalog -o lookup && ./lookup 70022

#include <diyalog.hpp>

#include <iostream>

static void print_status(const char *customer_id, const diyalog::HelpStatus &status) {
  std::cout << customer_id << ": ";
  if (!status.customer_found()) {
    std::cout << "no such customer\n";
  } else if (!status.is_in_help) {
    std::cout << "not in help\n";
  } else {
    std::cout << "in help, " << status.help_type_text << ", with agent " << status.staff_id << "\n";
  }
}

int main(int argc, char **argv) {
  try {
    diyalog::Client client(diyalog::Config().load_env());
    for (int i = 1; i < argc; i++) {
      print_status(argv[i], client.is_customer_in_online_help(argv[i]));
    }
    return 0;
  } catch (const diyalog::Error &error) {
    std::cerr << "error " << error.code() << ": " << error.what() << "\n";
    return 1;
  }
}
