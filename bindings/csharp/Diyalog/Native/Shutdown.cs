using System;
using System.Collections.Generic;
using System.Linq;
#if NET
using System.Runtime.Loader;
#endif
using System.Threading;

namespace Diyalog.Native;

/// <summary>Ends the calls in flight before this assembly's code is unloaded and before the process exits.</summary>
/// <remarks>Log lines of queued calls come from native threads, which must not run code that is gone.</remarks>
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
        // Raised when the context is unloaded, and for every context when the process exits.
        AssemblyLoadContext.GetLoadContext(typeof(Shutdown).Assembly)!.Unloading += _ => EndCalls();
#else
        if (AppDomain.CurrentDomain.IsDefaultAppDomain())
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => EndCalls();
        }
        else
        {
            AppDomain.CurrentDomain.DomainUnload += (_, _) => EndCalls();
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

    private static void EndCalls()
    {
        CallQueue[] queues;
        lock (Active)
        {
            queues = [.. Active];
        }
        foreach (Thread? thread in queues.Select(queue => queue.Close()).ToArray())
        {
            thread?.Join(Patience);
        }
    }
}
