// Looks up every customer of a CSV file, whose first column is the customer id: worker customers.csv
// Settings come from DIYALOG_*. Prints a line per customer in order of completion; Ctrl-C stops it.

using Diyalog;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
int failed = 0;
try
{
    using var client = new DiyalogClient(DiyalogOptions.FromEnvironment());
    IEnumerable<string> ids = File.ReadLines(args[0])
        .Skip(1)
        .Where(line => line.Trim().Length > 0)
        .Select(line => line.Split(',')[0].Trim());
    await foreach (HelpLookup lookup in client.AreCustomersInOnlineHelpAsync(ids, options: null, stop.Token))
    {
        if (lookup.Error != null)
        {
            failed++;
            Console.Error.WriteLine($"{lookup.CustomerId}: {lookup.Error.Message}");
        }
        else
        {
            Console.WriteLine($"{lookup.CustomerId},{lookup.Status!.IsInHelp},{lookup.Status.StaffId}");
        }
    }
}
catch (OperationCanceledException)
{
    return 130;
}
return failed == 0 ? 0 : 1;
