using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Diyalog.Native;

namespace Diyalog;

/// <summary>A client for one server, with a pool of persistent connections: asks whether a customer is in a live chat
/// right now, and with which staff member.</summary>
/// <remarks>Thread-safe. Create one per process and share it.</remarks>
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
    private readonly NativeMethods library;
    private readonly ClientHandle handle;

    /// <summary>Kept apart from the handle, which stays open while a call is running.</summary>
    private volatile bool disposed;

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
        library = NativeMethods.Library;
        using NativeConfig config = options.ToNative(library);
        handle = Create(config, options.Log, options.LogLevel);
    }

    /// <summary>Initializes a test double, which has no connection to a server.</summary>
    /// <remarks>A derived class overrides the virtual members that the test calls. The others throw
    /// <see cref="NotSupportedException"/>.</remarks>
    protected DiyalogClient()
    {
        library = null!;
        handle = null!;
    }

    /// <summary>Returns whether a customer is in an active online help session right now, and with which staff
    /// member. Blocks until the response has arrived or the deadline has passed.</summary>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <returns>The status. A customer whom the server does not know is a status too: see
    /// <see cref="HelpStatus.CustomerFound"/>.</returns>
    /// <exception cref="DiyalogException">The lookup failed.</exception>
    /// <exception cref="ArgumentException">The customer id or the requester user id is missing or invalid.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public HelpStatus IsCustomerInOnlineHelp(string customerId) => IsCustomerInOnlineHelp(customerId, null);

    /// <inheritdoc cref="IsCustomerInOnlineHelp(string)"/>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    public HelpStatus IsCustomerInOnlineHelp(string customerId, DiyalogCallOptions? options) =>
        LookUp(Prepare(customerId, options));

    /// <summary>Looks up on the thread pool whether a customer is in an active online help session right now, and with
    /// which staff member.</summary>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The status. A customer whom the server does not know is a status too: see
    /// <see cref="HelpStatus.CustomerFound"/>.</returns>
    /// <exception cref="DiyalogException">The lookup failed.</exception>
    /// <exception cref="ArgumentException">The customer id or the requester user id is missing or invalid.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public Task<HelpStatus> IsCustomerInOnlineHelpAsync(
        string customerId, CancellationToken cancellationToken = default) =>
        IsCustomerInOnlineHelpAsync(customerId, null, cancellationToken);

    /// <inheritdoc cref="IsCustomerInOnlineHelpAsync(string, CancellationToken)"/>
    /// <param name="customerId">The customer, as the Diyalog system knows them.</param>
    /// <param name="options">Overrides of the client's options; null for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual async Task<HelpStatus> IsCustomerInOnlineHelpAsync(
        string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken = default)
    {
        Question question = Prepare(customerId, options);
        cancellationToken.ThrowIfCancellationRequested();

        // Continuations run on the pool, not on the thread that cancels.
        var answer = new TaskCompletionSource<HelpStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken)))
        {
            ThreadPool.QueueUserWorkItem(_ => Answer(question, answer));
            return await answer.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Closes the client and its connections without waiting: running calls complete normally, and the last of
    /// them closes the connections. Later calls throw <see cref="ObjectDisposedException"/>. Disposing of a client twice
    /// is a no-op.</summary>
    [SuppressMessage("Usage", "CA1816:Dispose methods should call SuppressFinalize",
        Justification = "There is no finalizer to suppress.")]
    public virtual void Dispose()
    {
        disposed = true;
        handle?.Dispose();
    }

    private unsafe ClientHandle Create(NativeConfig config, Action<DiyalogLogEntry>? log, DiyalogLogLevel level)
    {
        GCHandle receiver = default;
        try
        {
            if (log != null)
            {
                receiver = GCHandle.Alloc(log);
                config.SetLog(LogForwarder.Callback, GCHandle.ToIntPtr(receiver), level);
            }
            nint client;
            nint error;
            NativeErrors.Check(library, library.diyalog_client_new(config.Pointer, &client, &error), error);
            return new ClientHandle(client, receiver);
        }
        catch
        {
            if (receiver.IsAllocated)
            {
                receiver.Free();
            }
            throw;
        }
    }

    /// <summary>The arguments of a call, copied on the thread that makes it.</summary>
    private sealed class Question
    {
        internal byte[] CustomerId = [];
        internal byte[]? RequesterUserId;
        internal uint TimeoutMs;
    }

    private Question Prepare(string customerId, DiyalogCallOptions? options)
    {
        if (disposed)
        {
            throw new ObjectDisposedException(nameof(DiyalogClient));
        }
        if (customerId == null)
        {
            throw new ArgumentNullException(nameof(customerId));
        }
        TimeSpan? timeout = options?.Timeout;
        return new Question
        {
            CustomerId = Utf8.FromText(customerId, nameof(customerId)),
            RequesterUserId = Utf8.FromText(options?.RequesterUserId, nameof(DiyalogCallOptions.RequesterUserId)),
            TimeoutMs = timeout.HasValue
                ? DiyalogOptions.Milliseconds(timeout.Value, nameof(DiyalogCallOptions.Timeout))
                : 0,
        };
    }

    private unsafe HelpStatus LookUp(Question question)
    {
        NativeHelpStatus status = default;
        status.StructSize = (uint)sizeof(NativeHelpStatus);
        NativeCallOptions options = default;
        options.StructSize = (uint)sizeof(NativeCallOptions);
        options.TimeoutMs = question.TimeoutMs;
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            fixed (byte* customerId = question.CustomerId)
            fixed (byte* requesterUserId = question.RequesterUserId)
            {
                options.RequesterUserId = requesterUserId;
                nint error;
                int code = library.diyalog_client_is_customer_in_online_help(
                    handle.DangerousGetHandle(), customerId, &options, &status, &error);
                NativeErrors.Check(library, code, error);
            }
            return new HelpStatus(status);
        }
        finally
        {
            library.diyalog_help_status_clear(&status);
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The task carries it.")]
    private void Answer(Question question, TaskCompletionSource<HelpStatus> answer)
    {
        if (answer.Task.IsCompleted)
        {
            return;
        }
        try
        {
            answer.TrySetResult(LookUp(question));
        }
        catch (Exception error)
        {
            answer.TrySetException(error);
        }
    }
}
