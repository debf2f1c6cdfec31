using System;

namespace Diyalog;

/// <summary>The result of one lookup of a bulk run: a status or an error.</summary>
/// <remarks>Immutable, so thread-safe.</remarks>
public sealed record HelpLookup
{
    /// <summary>Initializes a result. Public for test doubles.</summary>
    /// <param name="customerId">The customer id as the source has it; an empty string for null.</param>
    /// <param name="status">The status; null if the lookup failed.</param>
    /// <param name="error">Why the lookup failed; null if it succeeded.</param>
    /// <exception cref="ArgumentException">Both a status and an error are given, or neither.</exception>
    public HelpLookup(string customerId, HelpStatus? status, Exception? error)
    {
        if (status == null == (error == null))
        {
            throw new ArgumentException("a lookup has either a status or an error", nameof(error));
        }
        CustomerId = customerId ?? "";
        Status = status;
        Error = error;
    }

    /// <summary>The customer id as the source has it; an empty string for null.</summary>
    public string CustomerId { get; }

    /// <summary>The status; null if the lookup failed.</summary>
    public HelpStatus? Status { get; }

    /// <summary>Why the lookup failed: a <see cref="DiyalogException"/>, or an <see cref="ArgumentException"/> if the
    /// customer id cannot be sent. Null if it succeeded.</summary>
    public Exception? Error { get; }
}
