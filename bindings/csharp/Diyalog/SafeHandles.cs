using System;
using System.Runtime.InteropServices;

namespace Diyalog
{
    /// <summary>A pointer that the library owns up to its <c>_free</c> function; NULL stands for none.</summary>
    internal abstract class NativeHandle : SafeHandle
    {
        protected NativeHandle()
            : base(IntPtr.Zero, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == IntPtr.Zero;
    }

    /// <summary>A <c>diyalog_config *</c>.</summary>
    internal sealed class ConfigHandle : NativeHandle
    {
        protected override bool ReleaseHandle()
        {
            NativeMethods.Library.diyalog_config_free(handle);
            return true;
        }
    }

    /// <summary>A <c>diyalog_client *</c>, and whoever receives its log lines.</summary>
    /// <remarks>It is released when nobody holds it any more: a call that runs while the client is disposed
    /// of holds it to its own end, so both the client and the receiver outlive it.</remarks>
    internal sealed class ClientHandle : NativeHandle
    {
        private GCHandle logReceiver;

        /// <summary>Takes over what the library was given as user_data.</summary>
        internal void Own(GCHandle receiver) => logReceiver = receiver;

        protected override bool ReleaseHandle()
        {
            NativeMethods.Library.diyalog_client_free(handle);
            if (logReceiver.IsAllocated)
            {
                logReceiver.Free();
            }
            return true;
        }
    }

    /// <summary>A <c>diyalog_error *</c>; NULL after a call that succeeded.</summary>
    internal sealed class ErrorHandle : NativeHandle
    {
        protected override bool ReleaseHandle()
        {
            NativeMethods.Library.diyalog_error_free(handle);
            return true;
        }
    }
}
