using System;
#if !NET
using System.Runtime.Serialization;
#endif

namespace Diyalog;

/// <summary>The exception for a call that failed. The message says what happened, with which host, and what to do about
/// it; it never contains the secret, a signature or an authorization header.</summary>
/// <remarks>Do not parse the message: its wording may change. <see cref="Code"/> never does. On .NET Framework the
/// exception can cross an AppDomain.</remarks>
[Serializable]
public sealed class DiyalogException : Exception
{
    /// <summary>Initializes an exception. Public so that test doubles can throw one.</summary>
    /// <param name="code">The kind of error.</param>
    /// <param name="message">What happened and what to do about it.</param>
    /// <param name="httpStatus">The HTTP status of the response; null if none was received.</param>
    /// <param name="isRetryable">Whether the same call may succeed later.</param>
    /// <param name="retryAfter">The pause that the server asked for; null if none.</param>
    public DiyalogException(
        DiyalogErrorCode code,
        string message,
        int? httpStatus = null,
        bool isRetryable = false,
        TimeSpan? retryAfter = null)
        : base(message)
    {
        Code = code;
        HttpStatus = httpStatus;
        IsRetryable = isRetryable;
        RetryAfter = retryAfter;
    }

    /// <summary>The kind of error.</summary>
    public DiyalogErrorCode Code { get; }

    /// <summary>The HTTP status of the response; null if none was received.</summary>
    public int? HttpStatus { get; }

    /// <summary>Whether the same call may succeed later. The client has already retried as often as its options and the
    /// deadline allow.</summary>
    public bool IsRetryable { get; }

    /// <summary>The pause that the server asked for by Retry-After; null if none.</summary>
    public TimeSpan? RetryAfter { get; }

#if !NET
    private DiyalogException(SerializationInfo info, StreamingContext context)
        : base(info, context)
    {
        Code = (DiyalogErrorCode)info.GetInt32(nameof(Code));
        HttpStatus = (int?)info.GetValue(nameof(HttpStatus), typeof(int?));
        IsRetryable = info.GetBoolean(nameof(IsRetryable));
        RetryAfter = (TimeSpan?)info.GetValue(nameof(RetryAfter), typeof(TimeSpan?));
    }

    /// <inheritdoc/>
    public override void GetObjectData(SerializationInfo info, StreamingContext context)
    {
        base.GetObjectData(info, context);
        info.AddValue(nameof(Code), (int)Code);
        info.AddValue(nameof(HttpStatus), HttpStatus, typeof(int?));
        info.AddValue(nameof(IsRetryable), IsRetryable);
        info.AddValue(nameof(RetryAfter), RetryAfter, typeof(TimeSpan?));
    }
#endif
}
