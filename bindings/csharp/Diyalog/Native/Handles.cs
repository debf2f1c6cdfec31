using System;
using System.Runtime.InteropServices;

namespace Diyalog.Native;

/// <summary>A pointer that belongs to this assembly until it is passed to its <c>_free</c> function.</summary>
internal abstract class NativeHandle : SafeHandle
{
    protected NativeHandle(nint pointer)
        : base(IntPtr.Zero, ownsHandle: true) => SetHandle(pointer);

    public override bool IsInvalid => handle == IntPtr.Zero;
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
