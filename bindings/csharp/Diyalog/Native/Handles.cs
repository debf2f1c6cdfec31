using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Diyalog.Native;

/// <summary>A pointer that belongs to this assembly until it is passed to its <c>_free</c> function.</summary>
internal abstract class NativeHandle : SafeHandle
{
    protected NativeHandle(nint pointer)
        : base(IntPtr.Zero, ownsHandle: true) => SetHandle(pointer);

    public override bool IsInvalid => handle == IntPtr.Zero;
}

/// <summary>Keeps a handle open for the duration of a call.</summary>
internal readonly ref struct HandleReference
{
    private readonly NativeHandle? handle;

    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    internal HandleReference(NativeHandle? handle)
    {
        bool added = false;
        handle?.DangerousAddRef(ref added);
        this.handle = handle;
    }

    /// <summary>The pointer; NULL without a handle.</summary>
    internal nint Pointer => handle?.DangerousGetHandle() ?? IntPtr.Zero;

    public void Dispose() => handle?.DangerousRelease();
}

/// <summary>A <c>diyalog_client *</c> and the receiver of its log lines.</summary>
/// <remarks>Every call holds a reference, so that a client which is disposed of during the call is freed at the end of
/// the call, and the receiver after the client.</remarks>
internal sealed class ClientHandle : NativeHandle
{
    private GCHandle logReceiver;

    internal ClientHandle(nint client, GCHandle logReceiver)
        : base(client) => this.logReceiver = logReceiver;

    protected override unsafe bool ReleaseHandle()
    {
        NativeMethods.Library.diyalog_client_free(handle);
        if (logReceiver.IsAllocated)
        {
            logReceiver.Free();
        }
        return true;
    }
}

/// <summary>A <c>diyalog_queue *</c>, which holds a reference to its client.</summary>
internal sealed class QueueHandle : NativeHandle
{
    private readonly ClientHandle client;

    private QueueHandle(nint queue, ClientHandle client)
        : base(queue) => this.client = client;

    internal static unsafe QueueHandle Create(NativeMethods library, ClientHandle client, int maxInFlight)
    {
        bool held = false;
        try
        {
            client.DangerousAddRef(ref held);
            nint queue;
            nint error;
            int code = library.diyalog_queue_new(client.DangerousGetHandle(), (uint)maxInFlight, &queue, &error);
            NativeErrors.Check(library, code, error);
            var handle = new QueueHandle(queue, client);
            held = false;
            return handle;
        }
        finally
        {
            if (held)
            {
                client.DangerousRelease();
            }
        }
    }

    protected override unsafe bool ReleaseHandle()
    {
        NativeMethods.Library.diyalog_queue_free(handle);
        client.DangerousRelease();
        return true;
    }
}

/// <summary>A <c>diyalog_cancellation *</c>.</summary>
internal sealed class CancellationHandle : NativeHandle
{
    private readonly NativeMethods library;

    internal unsafe CancellationHandle(NativeMethods library)
        : base(library.diyalog_cancellation_new()) => this.library = library;

    /// <summary>Returns a cancellation for a token; null if the token is never cancelled.</summary>
    internal static CancellationHandle? For(NativeMethods library, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? new CancellationHandle(library) : null;

    /// <summary>Cancels when the token is cancelled, until the registration is disposed of.</summary>
    internal static CancellationTokenRegistration Link(
        CancellationHandle? cancellation, CancellationToken cancellationToken) =>
        cancellation == null
            ? default
            : cancellationToken.Register(
                state => ((CancellationHandle)state!).Cancel(), cancellation, useSynchronizationContext: false);

    /// <summary>Ends the calls that use this cancellation. Never blocks. Does nothing if they have ended.</summary>
    internal unsafe void Cancel()
    {
        try
        {
            using var reference = new HandleReference(this);
            library.diyalog_cancellation_cancel(reference.Pointer);
        }
        catch (ObjectDisposedException)
        {
            // The calls ended while the token was being cancelled.
        }
    }

    protected override unsafe bool ReleaseHandle()
    {
        library.diyalog_cancellation_free(handle);
        return true;
    }
}
