using System;

namespace Diyalog.Native;

/// <summary>The options of a call, validated and copied on the thread that makes the call.</summary>
internal readonly struct CallSettings
{
    private readonly uint timeoutMs;
    private readonly int repeatable;
    private readonly int logLevel;

    /// <param name="options">The options; null for none.</param>
    /// <param name="logLevel">The least severe lines of the call: a <see cref="DiyalogLogLevel"/>, 0 for the client's,
    /// -1 for none.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    internal CallSettings(DiyalogCallOptions? options, int logLevel)
    {
        this.logLevel = logLevel;
        if (options == null)
        {
            return;
        }
        RequesterUserId = Utf8.FromText(options.RequesterUserId, nameof(DiyalogCallOptions.RequesterUserId));
        if (options.Timeout is TimeSpan timeout)
        {
            timeoutMs = DiyalogOptions.Milliseconds(timeout, nameof(DiyalogCallOptions.Timeout));
        }
        repeatable = options.Repeatable ? 1 : 0;
    }

    internal byte[]? RequesterUserId { get; }

    /// <param name="requesterUserId">The address of <see cref="RequesterUserId"/>.</param>
    /// <param name="cancellation">A <c>diyalog_cancellation *</c> or NULL.</param>
    internal unsafe NativeCallOptions ToNative(byte* requesterUserId, nint cancellation) => new()
    {
        StructSize = (uint)sizeof(NativeCallOptions),
        TimeoutMs = timeoutMs,
        RequesterUserId = requesterUserId,
        Cancellation = cancellation,
        Repeatable = repeatable,
        LogLevel = logLevel,
    };
}
