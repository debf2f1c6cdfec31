using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using Diyalog.Native;

namespace Diyalog;

/// <summary>A client for one server, with a pool of persistent connections: asks whether a customer is in a live chat
/// right now, and with which staff member.</summary>
/// <remarks>
/// <para>Thread-safe. Create one per process and share it.</para>
/// <para>For unit tests, derive from it or let a mocking library do so: the members with every parameter are virtual, and
/// the shorter ones call them.</para>
/// </remarks>
/// <example>
/// <code>
/// using var client = new DiyalogClient(DiyalogOptions.FromEnvironment());
/// HelpStatus status = client.IsCustomerInOnlineHelp("70022");
/// </code>
/// </example>
[SuppressMessage("Design", "CA1063:Implement IDisposable correctly",
    Justification = "The native resources are in safe handles, so a derived test double has nothing to finalize.")]
public class DiyalogClient : IDisposable
{
    private readonly NativeClient? native;

    /// <summary>Creates a client: validates the options and reads the files that they name. Opens no
    /// connection.</summary>
    /// <param name="options">The settings. Copied.</param>
    /// <exception cref="ArgumentException">A setting is missing or invalid; <see cref="ArgumentException.ParamName"/> is
    /// its property.</exception>
    /// <exception cref="DllNotFoundException">The native library was not found or cannot be used in this process. The
    /// message lists every path that was tried.</exception>
    public DiyalogClient(DiyalogOptions options)
    {
        if (options == null)
        {
            throw new ArgumentNullException(nameof(options));
        }
        native = new NativeClient(options);
    }

    /// <summary>Initializes a test double, which has no connection to a server.</summary>
    /// <remarks>A derived class overrides the virtual members that the test calls. The others throw
    /// <see cref="NotSupportedException"/>.</remarks>
    protected DiyalogClient()
    {
    }

    private NativeClient Native => native ?? throw new NotSupportedException(
        $"{GetType().Name} does not override this member; override every member that the test calls");

    /// <summary>Returns whether a customer is in an active online help session right now, and with which staff
    /// member. Blocks until the response has arrived or the deadline has passed.</summary>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <returns>The status. A customer whom the server does not know is a status too: see
    /// <see cref="HelpStatus.CustomerFound"/>.</returns>
    /// <exception cref="DiyalogException">The lookup failed.</exception>
    /// <exception cref="ArgumentException">The customer id or the requester user id is missing or invalid.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public HelpStatus IsCustomerInOnlineHelp(string customerId) => IsCustomerInOnlineHelp(customerId, null, default);

    /// <inheritdoc cref="IsCustomerInOnlineHelp(string)"/>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    public HelpStatus IsCustomerInOnlineHelp(string customerId, DiyalogCallOptions? options) =>
        IsCustomerInOnlineHelp(customerId, options, default);

    /// <inheritdoc cref="IsCustomerInOnlineHelp(string)"/>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    /// <param name="cancellationToken">Cancels the call within 100 ms, in any phase.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public virtual HelpStatus IsCustomerInOnlineHelp(
        string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken) =>
        Native.LookUp(customerId, options, cancellationToken);

    /// <summary>Returns whether a customer is in an active online help session right now, and with which staff member.
    /// No thread is blocked meanwhile.</summary>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="cancellationToken">Cancels the call within 100 ms, in any phase.</param>
    /// <returns>The status. A customer whom the server does not know is a status too: see
    /// <see cref="HelpStatus.CustomerFound"/>.</returns>
    /// <remarks>The timeout starts when the call does: time spent waiting for one of
    /// <see cref="DiyalogOptions.MaxInFlight"/> places does not count. Bound the whole with
    /// <paramref name="cancellationToken"/>.</remarks>
    /// <exception cref="DiyalogException">The lookup failed.</exception>
    /// <exception cref="ArgumentException">The customer id or the requester user id is missing or invalid.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the client was disposed of during the
    /// call.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public Task<HelpStatus> IsCustomerInOnlineHelpAsync(
        string customerId, CancellationToken cancellationToken = default) =>
        IsCustomerInOnlineHelpAsync(customerId, null, cancellationToken);

    /// <inheritdoc cref="IsCustomerInOnlineHelpAsync(string, CancellationToken)"/>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    /// <param name="cancellationToken">Cancels the call within 100 ms, in any phase.</param>
    public virtual Task<HelpStatus> IsCustomerInOnlineHelpAsync(
        string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken = default) =>
        Native.LookUpAsync(customerId, options, cancellationToken);

    /// <summary>Looks up many customers, with up to <see cref="DiyalogOptions.MaxInFlight"/> lookups in flight, and
    /// yields the results in order of completion.</summary>
    /// <param name="customerIds">The customers. Read on the enumerating thread, and only as far ahead as lookups may be in
    /// flight, so it may be endless.</param>
    /// <param name="options">Overrides of the client's options for every lookup; null for none.</param>
    /// <param name="cancellationToken">Cancels the run within 100 ms.</param>
    /// <returns>One result for each id: a status, or the error of that lookup, which does not end the run. Each
    /// enumeration is a run of its own. Leaving it early cancels the lookups in flight.</returns>
    /// <exception cref="OperationCanceledException">During enumeration: the token was cancelled, or the client was
    /// disposed of.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public virtual IEnumerable<HelpLookup> AreCustomersInOnlineHelp(
        IEnumerable<string> customerIds,
        DiyalogCallOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        Validate(customerIds, options);
        return BulkLookups.Run(Native, customerIds, options, cancellationToken);
    }

#if NET
    /// <summary>Looks up many customers, with up to <see cref="DiyalogOptions.MaxInFlight"/> lookups in flight, and
    /// yields the results in order of completion.</summary>
    /// <param name="customerIds">The customers. Read only as far ahead as lookups may be in flight, so it may be
    /// endless.</param>
    /// <param name="options">Overrides of the client's options for every lookup; null for none.</param>
    /// <param name="cancellationToken">Cancels the run within 100 ms.</param>
    /// <returns>One result for each id: a status, or the error of that lookup, which does not end the run. Each
    /// enumeration is a run of its own. Leaving it early cancels the lookups in flight.</returns>
    /// <exception cref="OperationCanceledException">During enumeration: the token was cancelled, or the client was
    /// disposed of.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public virtual IAsyncEnumerable<HelpLookup> AreCustomersInOnlineHelpAsync(
        IEnumerable<string> customerIds,
        DiyalogCallOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        Validate(customerIds, options);
        return BulkLookups.RunAsync(Native, BulkLookups.ToAsync(customerIds), options, cancellationToken, default);
    }

    /// <inheritdoc cref="AreCustomersInOnlineHelpAsync(IEnumerable{string}, DiyalogCallOptions, CancellationToken)"/>
    public virtual IAsyncEnumerable<HelpLookup> AreCustomersInOnlineHelpAsync(
        IAsyncEnumerable<string> customerIds,
        DiyalogCallOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        Validate(customerIds, options);
        return BulkLookups.RunAsync(Native, customerIds, options, cancellationToken, default);
    }
#endif

    /// <summary>Posts to any endpoint of the platform that uses the same signature. Blocks until the response has arrived
    /// or the deadline has passed.</summary>
    /// <param name="path">Path of the endpoint, appended to the base path of <see cref="DiyalogOptions.Endpoint"/>: it
    /// starts with <c>/</c> and has visible ASCII characters only, without <c>?</c> and <c>#</c>.</param>
    /// <param name="json">The body: valid JSON, sent as it is.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    /// <param name="cancellationToken">Cancels the call within 100 ms, in any phase.</param>
    /// <returns>The JSON of the response, as received; at most 1 MiB.</returns>
    /// <remarks>Retried only if the server cannot have acted on it, unless <see cref="DiyalogCallOptions.Repeatable"/> is
    /// true.</remarks>
    /// <exception cref="DiyalogException">The call failed.</exception>
    /// <exception cref="ArgumentException">An argument is invalid.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public virtual string Post(
        string path, string json, DiyalogCallOptions? options = null, CancellationToken cancellationToken = default) =>
        Native.Post(path, json, options, cancellationToken);

    /// <summary>Posts to any endpoint of the platform that uses the same signature. No thread is blocked
    /// meanwhile.</summary>
    /// <param name="path">Path of the endpoint, appended to the base path of <see cref="DiyalogOptions.Endpoint"/>: it
    /// starts with <c>/</c> and has visible ASCII characters only, without <c>?</c> and <c>#</c>.</param>
    /// <param name="json">The body: valid JSON, sent as it is.</param>
    /// <param name="cancellationToken">Cancels the call within 100 ms, in any phase.</param>
    /// <returns>The JSON of the response, as received; at most 1 MiB.</returns>
    /// <remarks>Retried only if the server cannot have acted on it, unless <see cref="DiyalogCallOptions.Repeatable"/> is
    /// true.</remarks>
    /// <exception cref="DiyalogException">The call failed.</exception>
    /// <exception cref="ArgumentException">An argument is invalid.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the client was disposed of during the
    /// call.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public Task<string> PostAsync(string path, string json, CancellationToken cancellationToken = default) =>
        PostAsync(path, json, null, cancellationToken);

    /// <inheritdoc cref="PostAsync(string, string, CancellationToken)"/>
    /// <param name="path">Path of the endpoint.</param>
    /// <param name="json">The body: valid JSON, sent as it is.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    /// <param name="cancellationToken">Cancels the call within 100 ms, in any phase.</param>
    public virtual Task<string> PostAsync(
        string path, string json, DiyalogCallOptions? options, CancellationToken cancellationToken = default) =>
        Native.PostAsync(path, json, options, cancellationToken);

    /// <summary>Signs a request that the program sends itself, with the client's access key, clock and date zone. Sends
    /// nothing.</summary>
    /// <param name="method">The HTTP method, signed as given.</param>
    /// <param name="path">The full path, signed as given: nothing is prepended.</param>
    /// <param name="body">The bytes of the body; an empty array for none. The signed content type is
    /// application/json.</param>
    /// <param name="options">Of these only <see cref="DiyalogCallOptions.RequesterUserId"/> counts; null for
    /// none.</param>
    /// <returns>The values of the three headers. They are valid for 15 minutes: sign each attempt anew.</returns>
    /// <exception cref="ArgumentException">An argument is invalid.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public virtual DiyalogSignedHeaders Sign(
        string method, string path, byte[] body, DiyalogCallOptions? options = null) =>
        Native.Sign(method, path, body, options);

    /// <summary>Closes the client and its connections without waiting. Asynchronous and bulk calls are cancelled;
    /// synchronous calls complete normally, and the last of them closes the connections. Later calls throw
    /// <see cref="ObjectDisposedException"/>. Disposing of a client twice is a no-op.</summary>
    [SuppressMessage("Usage", "CA1816:Dispose methods should call SuppressFinalize",
        Justification = "There is no finalizer to suppress.")]
    public virtual void Dispose() => native?.Dispose();

    private void Validate(object customerIds, DiyalogCallOptions? options)
    {
        Native.EnsureOpen();
        if (customerIds == null)
        {
            throw new ArgumentNullException(nameof(customerIds));
        }
        Native.Settings(options);
    }
}
