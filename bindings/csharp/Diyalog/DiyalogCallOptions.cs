using System;

namespace Diyalog;

/// <summary>Per-call overrides of the client's options.</summary>
/// <remarks>Not thread-safe; use from one thread at a time. A call copies what it needs before it returns or its task
/// is returned.</remarks>
public sealed class DiyalogCallOptions
{
    /// <summary>Staff number sent as the requester. Null uses the client's
    /// <see cref="DiyalogOptions.RequesterUserId"/>.</summary>
    public string? RequesterUserId { get; set; }

    /// <summary>Time budget for the whole call, retries included. Null uses the client's
    /// <see cref="DiyalogOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>For a post: whether the request is safe to repeat. Default false: a post on which the server may have
    /// acted is not retried. Lookups ignore it.</summary>
    public bool Repeatable { get; set; }
}
