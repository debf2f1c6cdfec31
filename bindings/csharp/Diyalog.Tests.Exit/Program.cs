// Leaves Main while lookups are in flight, synchronous ones too if there is an argument, each with a minute left:
// ShutdownTests starts it.

using System;
using System.Linq;
using System.Threading;
using Diyalog;

int lines = 0;
DiyalogOptions options = DiyalogOptions.FromEnvironment();
options.Timeout = TimeSpan.FromMinutes(1);
options.Log = _ => Interlocked.Increment(ref lines);
options.LogLevel = DiyalogLogLevel.Debug;
var client = new DiyalogClient(options);

for (int call = 0; call < 4; call++)
{
    _ = client.IsCustomerInOnlineHelpAsync("async");
    if (args.Length > 0)
    {
        new Thread(() => client.IsCustomerInOnlineHelp("sync")) { IsBackground = true }.Start();
    }
}
new Thread(() =>
{
    foreach (HelpLookup lookup in client.AreCustomersInOnlineHelp(Enumerable.Repeat("bulk", 4)))
    {
        Console.WriteLine(lookup);
    }
})
{
    IsBackground = true,
}.Start();
Console.ReadLine();
return 7;
