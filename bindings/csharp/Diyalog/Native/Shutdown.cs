using System;
using System.Collections.Generic;
using System.Linq;
#if NET
using System.Runtime.Loader;
#endif
using System.Threading;

namespace Diyalog.Native;

/// <summary>Ends the calls in flight before this assembly's code is unloaded.</summary>
/// <remarks>Log lines of queued calls come from native threads, which must not run code that is gone. At the end of the
/// process, .NET keeps native threads out of managed code by itself; Mono waits for the thread of a
/// <see cref="CallQueue"/>, as long as that is in native code.</remarks>
internal static class Shutdown
{
    /// <summary>A cancelled call completes within 100 ms; what takes longer is not waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The queues that have calls in flight.</summary>
    private static readonly HashSet<CallQueue> Active = [];

#pragma warning disable CA1810 // Subscribing is not the initialization of a field.
    static Shutdown()
    {
#if NET
        if (AssemblyLoadContext.GetLoadContext(typeof(Shutdown).Assembly) is { IsCollectible: true } context)
        {
            // Code that outlives the context may wait for the calls: they complete, as cancelled.
            context.Unloading += _ => EndCalls(queue => queue.Close());
        }
#else
        if (AppDomain.CurrentDomain.IsDefaultAppDomain())
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => EndCalls(queue => queue.Abandon());
        }
        else
        {
            AppDomain.CurrentDomain.DomainUnload += (_, _) => EndCalls(queue => queue.Abandon());
        }
#endif
    }
#pragma warning restore CA1810

    internal static void Add(CallQueue queue)
    {
        lock (Active)
        {
            Active.Add(queue);
        }
    }

    internal static void Remove(CallQueue queue)
    {
        lock (Active)
        {
            Active.Remove(queue);
        }
    }

    private static void EndCalls(Func<CallQueue, Thread?> end)
    {
        CallQueue[] queues;
        lock (Active)
        {
            queues = [.. Active];
        }
        foreach (Thread? thread in queues.Select(end).ToArray())
        {
            thread?.Join(Patience);
        }
    }
}
