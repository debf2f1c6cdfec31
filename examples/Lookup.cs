// Looks up the customers named on the command line. Settings come from the environment:
// DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
//
// bindings/csharp/run-example.sh 70022

using System;
using Diyalog;

try
{
    using var client = new DiyalogClient(DiyalogOptions.FromEnvironment());
    foreach (string customerId in args)
    {
        Console.WriteLine($"{customerId}: {Describe(client.IsCustomerInOnlineHelp(customerId))}");
    }
    return 0;
}
catch (Exception error) when (error is DiyalogException or ArgumentException or DllNotFoundException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

static string Describe(HelpStatus status)
{
    if (!status.CustomerFound)
    {
        return "no such customer";
    }
    if (!status.IsInHelp)
    {
        return "not in help";
    }
    return $"in help, {status.HelpTypeText ?? "of no kind"}, with agent {status.StaffId ?? "unknown"}";
}
