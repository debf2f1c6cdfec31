using System.Collections.Generic;
#if NET
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
#endif
using System.Threading;

namespace Diyalog.Native;

/// <summary>The loops of the bulk lookups. Each enumeration is a run of its own.</summary>
internal static class BulkLookups
{
    /// <summary>Reads the source and yields results on the thread that enumerates.</summary>
    internal static IEnumerable<HelpLookup> Run(
        NativeClient client,
        IEnumerable<string> customerIds,
        DiyalogCallOptions? options,
        CancellationToken cancellationToken)
    {
        using var run = new BulkRun(client, options, cancellationToken);
        using IEnumerator<string> source = customerIds.GetEnumerator();
        bool more = true;
        while (more || !run.IsEmpty)
        {
            if (run.TryTake() is HelpLookup lookup)
            {
                yield return lookup;
            }
            else if (more && run.HasRoom)
            {
                more = source.MoveNext();
                if (more)
                {
                    run.Submit(source.Current);
                }
            }
            else
            {
                run.Wait();
            }
        }
    }

#if NET
    /// <summary>Reads the source while lookups are in flight, so neither waits for the other.</summary>
    internal static async IAsyncEnumerable<HelpLookup> RunAsync(
        NativeClient client,
        IAsyncEnumerable<string> customerIds,
        DiyalogCallOptions? options,
        CancellationToken callToken,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Leaving early also ends the source, which may be waiting.
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(callToken, cancellationToken);
        using var run = new BulkRun(client, options, callToken, cancellationToken);
        IAsyncEnumerator<string> source = customerIds.GetAsyncEnumerator(leaving.Token);
        Task<bool>? reading = null;
        bool more = true;
        try
        {
            while (more || !run.IsEmpty)
            {
                if (run.TryTake() is HelpLookup lookup)
                {
                    yield return lookup;
                }
                else if (reading is { IsCompleted: true })
                {
                    more = await reading.ConfigureAwait(false);
                    reading = null;
                    if (more)
                    {
                        run.Submit(source.Current);
                    }
                }
                else if (more && reading == null && run.HasRoom)
                {
                    reading = source.MoveNextAsync().AsTask();
                }
                else if (reading == null)
                {
                    await run.WaitAsync().ConfigureAwait(false);
                }
                else if (run.IsEmpty)
                {
                    await Task.WhenAny(reading).ConfigureAwait(false);
                }
                else
                {
                    await Task.WhenAny(reading, run.WaitAsync()).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            if (reading != null)
            {
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Wraps a source whose elements are there at once.</summary>
    internal static async IAsyncEnumerable<string> ToAsync(IEnumerable<string> customerIds)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (string customerId in customerIds)
        {
            yield return customerId;
        }
    }
#endif
}
