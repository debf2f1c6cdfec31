using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Diyalog.Native;

/// <summary>Carries a client's asynchronous and bulk calls: a native queue, and one thread that takes its
/// completions.</summary>
/// <remarks>
/// <para>The thread waits in native code and starts on demand. No native thread runs managed code to complete a call, so
/// nothing has to be unregistered when an AppDomain or an AssemblyLoadContext is unloaded: <see cref="Shutdown"/> cancels
/// the calls, and the thread ends.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed unsafe class CallQueue
{
    /// <summary>How long the thread waits for the next call before it ends.</summary>
    private const uint LingerMs = 1000;

    private readonly NativeMethods library;
    private readonly QueueHandle handle;
    private readonly object gate = new();
    private Thread? dispatcher;
    private volatile bool closed;
    private volatile bool abandoned;

    internal CallQueue(NativeMethods library, ClientHandle client, int maxInFlight)
    {
        this.library = library;
        MaxInFlight = maxInFlight;
        handle = QueueHandle.Create(library, client, maxInFlight);
    }

    internal int MaxInFlight { get; }

    /// <summary>Submits a lookup. It completes on another thread, possibly before this method returns.</summary>
    /// <exception cref="ArgumentException">The customer id or an option is invalid. Nothing was submitted.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of. Nothing was submitted.</exception>
    internal void SubmitLookup(
        byte[] customerId, in CallSettings settings, CancellationHandle? cancellation, QueuedCall call)
    {
        fixed (byte* customerIdBytes = customerId)
        {
            Submit(customerIdBytes, null, settings, cancellation, call);
        }
    }

    /// <summary>Submits a post. It completes on another thread, possibly before this method returns.</summary>
    /// <exception cref="ArgumentException">An argument or an option is invalid. Nothing was submitted.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of. Nothing was submitted.</exception>
    internal void SubmitPost(
        byte[] path, byte[] json, in CallSettings settings, CancellationHandle? cancellation, QueuedCall call)
    {
        fixed (byte* pathBytes = path)
        fixed (byte* jsonBytes = json)
        {
            Submit(pathBytes, jsonBytes, settings, cancellation, call);
        }
    }

    /// <param name="subject">The customer id of a lookup, the path of a post.</param>
    /// <param name="json">The body of a post; null for a lookup.</param>
    /// <param name="settings">The options of the call.</param>
    /// <param name="cancellation">The cancellation of the call; null for none.</param>
    /// <param name="call">What is completed.</param>
    private void Submit(
        byte* subject, byte* json, in CallSettings settings, CancellationHandle? cancellation, QueuedCall call)
    {
        using var reference = new HandleReference(cancellation);
        fixed (byte* requesterUserId = settings.RequesterUserId)
        {
            NativeCallOptions options = settings.ToNative(requesterUserId, reference.Pointer);
            var owner = GCHandle.Alloc(call);
            nint tag = GCHandle.ToIntPtr(owner);
            try
            {
                lock (gate)
                {
                    EnsureOpen();
                    nint queue = handle.DangerousGetHandle();
                    nint error;
                    int code = json == null
                        ? library.diyalog_queue_submit(queue, subject, &options, tag, &error)
                        : library.diyalog_queue_submit_post(queue, subject, json, &options, tag, &error);
                    NativeErrors.Check(library, code, error);
                    EnsureDispatcher();
                }
            }
            catch
            {
                owner.Free();
                throw;
            }
        }
    }

    /// <summary>Cancels what was submitted, and rejects later calls. Does not wait; returns the thread that ends when
    /// everything is completed, if there is one.</summary>
    internal Thread? Close()
    {
        lock (gate)
        {
            if (!closed)
            {
                closed = true;
                if (dispatcher == null)
                {
                    handle.Dispose();
                }
                else
                {
                    library.diyalog_queue_cancel(handle.DangerousGetHandle());
                    WakeDispatcher();
                }
            }
            return dispatcher;
        }
    }

    private void EnsureOpen()
    {
        if (closed)
        {
            throw new ObjectDisposedException(nameof(DiyalogClient));
        }
    }

    /// <summary>Closes the queue without completing its calls: for the end of the process or AppDomain, where an exception
    /// in a background thread would be one that nobody catches any more.</summary>
    internal Thread? Abandon()
    {
        abandoned = true;
        return Close();
    }

    /// <summary>Wakes the thread if nothing is pending, by a call that is cancelled before it starts.</summary>
    private void WakeDispatcher()
    {
        using var cancellation = new CancellationHandle(library);
        cancellation.Cancel();
        using var reference = new HandleReference(cancellation);
        byte* name = stackalloc byte[] { (byte)'0', 0 };
        NativeCallOptions options = new CallSettings(null, logLevel: -1).ToNative(name, reference.Pointer);
        nint error;
        if (library.diyalog_queue_submit(handle.DangerousGetHandle(), name, &options, 0, &error) != NativeMethods.Ok)
        {
            // The thread ends after LingerMs then.
            library.diyalog_error_free(error);
        }
    }

    private void EnsureDispatcher()
    {
        if (dispatcher == null)
        {
            var thread = new Thread(Dispatch) { IsBackground = true, Name = "Diyalog completions" };
            Shutdown.Add(this);
            dispatcher = thread;
#if NET
            // The thread serves all callers, so it must not keep the first one's context.
            thread.UnsafeStart();
#else
            using (ExecutionContext.SuppressFlow())
            {
                thread.Start();
            }
#endif
        }
    }

    private void Dispatch()
    {
        bool idle;
        do
        {
            nint completion = library.diyalog_queue_next(handle.DangerousGetHandle(), LingerMs);
            idle = completion == 0;
            if (!idle)
            {
                Complete(completion);
            }
        }
        while ((!idle && !closed) || !End());
    }

    /// <summary>Ends the thread unless something is pending.</summary>
    private bool End()
    {
        lock (gate)
        {
            if (library.diyalog_queue_pending(handle.DangerousGetHandle()) > 0)
            {
                return false;
            }
            dispatcher = null;
        }
        Shutdown.Remove(this);
        if (closed)
        {
            handle.Dispose();
        }
        return true;
    }

    private void Complete(nint completion)
    {
        try
        {
            nint tag = library.diyalog_completion_tag(completion);
            if (tag != 0 && !abandoned)
            {
                var owner = GCHandle.FromIntPtr(tag);
                var call = (QueuedCall)owner.Target!;
                owner.Free();
                call.Complete(library, completion);
            }
        }
        finally
        {
            library.diyalog_completion_free(completion);
        }
    }
}
