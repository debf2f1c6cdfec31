using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Diyalog.Native;

/// <summary>The lookups of one bulk run: at most <see cref="CallQueue.MaxInFlight"/> that are submitted and not yet
/// taken, so memory stays constant over an endless source. Results come in order of completion.</summary>
/// <remarks>One consumer submits and takes; the queue's thread adds results.</remarks>
internal sealed class BulkRun : IDisposable
{
    private readonly NativeMethods library;
    private readonly Telemetry telemetry;
    private readonly CallQueue queue;
    private readonly CallSettings settings;
    private readonly CancellationToken[] cancellationTokens;
    private readonly CancellationTokenRegistration[] registrations;
    private readonly CancellationHandle cancellation;
    private readonly Queue<HelpLookup> finished = new();
    private TaskCompletionSource<bool>? waiter;
    private int outstanding;

    /// <param name="client">The client.</param>
    /// <param name="options">The options of every lookup.</param>
    /// <param name="cancellationTokens">Each of them cancels the run.</param>
    internal BulkRun(NativeClient client, DiyalogCallOptions? options, params CancellationToken[] cancellationTokens)
    {
        library = client.Library;
        telemetry = client.Telemetry;
        queue = client.Queue;
        settings = client.Settings(options);
        this.cancellationTokens = cancellationTokens;
        cancellation = new CancellationHandle(library);
        registrations = Array.ConvertAll(cancellationTokens, token => CancellationHandle.Link(cancellation, token));
    }

    /// <summary>Whether another lookup may be submitted.</summary>
    internal bool HasRoom => outstanding < queue.MaxInFlight;

    /// <summary>Whether nothing is left to take.</summary>
    internal bool IsEmpty => outstanding == 0;

    /// <summary>Submits a lookup. An id that cannot be sent is a finished lookup with its exception.</summary>
    /// <exception cref="OperationCanceledException">The client is disposed of.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    internal void Submit(string customerId)
    {
        outstanding++;
        try
        {
            queue.SubmitLookup(
                NativeClient.CustomerId(customerId), settings, cancellation, new BulkLookup(this, customerId));
        }
        catch (ArgumentException error) when (error.ParamName == nameof(customerId))
        {
            Add(new HelpLookup(customerId, null, error));
        }
        catch (ObjectDisposedException error)
        {
            throw new OperationCanceledException("the client was disposed of during the run", error);
        }
    }

    /// <summary>Returns the next result, or null if none is finished.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the client was disposed of.</exception>
    internal HelpLookup? TryTake()
    {
        ThrowIfCancelled();
        HelpLookup lookup;
        lock (finished)
        {
            if (finished.Count == 0)
            {
                return null;
            }
            lookup = finished.Dequeue();
        }
        outstanding--;
        if (lookup.Error is OperationCanceledException error)
        {
            ThrowIfCancelled();
            throw new OperationCanceledException(error.Message, error);
        }
        return lookup;
    }

    /// <summary>Blocks until a result is finished.</summary>
    internal void Wait()
    {
        lock (finished)
        {
            while (finished.Count == 0)
            {
                Monitor.Wait(finished);
            }
        }
    }

    /// <summary>Returns a task that completes when a result is finished.</summary>
    internal Task WaitAsync()
    {
        lock (finished)
        {
            if (finished.Count > 0)
            {
                return Task.CompletedTask;
            }
            waiter ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiter.Task;
        }
    }

    /// <summary>Cancels what is in flight.</summary>
    public void Dispose()
    {
        foreach (CancellationTokenRegistration registration in registrations)
        {
            registration.Dispose();
        }
        cancellation.Cancel();
        cancellation.Dispose();
    }

    private void ThrowIfCancelled()
    {
        foreach (CancellationToken token in cancellationTokens)
        {
            token.ThrowIfCancellationRequested();
        }
    }

    private void Add(HelpLookup lookup)
    {
        lock (finished)
        {
            finished.Enqueue(lookup);
            Monitor.Pulse(finished);
            waiter?.SetResult(true);
            waiter = null;
        }
    }

    private sealed class BulkLookup(BulkRun run, string customerId) : QueuedCall(run.library, default)
    {
        private readonly Telemetry.Call? measured = run.telemetry.Start(Telemetry.LookupPath);

        internal override unsafe void Succeed(NativeMethods library, nint completion)
        {
            measured?.End(null);
            run.Add(new HelpLookup(customerId, new HelpStatus(*library.diyalog_completion_status(completion)), null));
        }

        internal override void Fail(Exception error)
        {
            measured?.End(error);
            run.Add(new HelpLookup(customerId, null, error));
        }
    }
}
