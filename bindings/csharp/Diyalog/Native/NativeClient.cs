using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace Diyalog.Native;

/// <summary>A native client with its queue: the calls of <see cref="DiyalogClient"/>, in the library's terms.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed unsafe class NativeClient : IDisposable
{
    private readonly NativeMethods library = NativeMethods.Library;
    private readonly ClientHandle handle;
    private readonly Func<DiyalogLogLevel, bool>? logFilter;
    private readonly int maxInFlight;
    private readonly object gate = new();
    private CallQueue? queue;
    private volatile bool disposed;

    internal NativeClient(DiyalogOptions options)
    {
        maxInFlight = options.ValidMaxInFlight();
        logFilter = options.Log == null ? null : options.LogFilter;
        using NativeConfig config = options.ToNative(library);
        handle = Create(config, options.Log, options.LogLevel);
        Telemetry = new Telemetry(options.Endpoint!);
    }

    internal Telemetry Telemetry { get; }

    /// <summary>Queues calls; created at the first use.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    internal CallQueue Queue
    {
        get
        {
            lock (gate)
            {
                EnsureOpen();
                return queue ??= new CallQueue(library, handle, maxInFlight);
            }
        }
    }

    internal NativeMethods Library => library;

    /// <summary>Looks a customer up on the calling thread.</summary>
    internal HelpStatus LookUp(string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken)
    {
        EnsureOpen();
        byte[] id = CustomerId(customerId);
        CallSettings settings = Settings(options);
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationHandle? cancellation = CancellationHandle.For(library, cancellationToken);
        using CancellationTokenRegistration registration = CancellationHandle.Link(cancellation, cancellationToken);
        using var client = new HandleReference(handle);
        NativeHelpStatus status = default;
        status.StructSize = (uint)sizeof(NativeHelpStatus);
        Telemetry.Call? measured = Telemetry.Start(Telemetry.LookupPath);
        try
        {
            fixed (byte* idBytes = id)
            fixed (byte* requesterUserId = settings.RequesterUserId)
            {
                NativeCallOptions call =
                    settings.ToNative(requesterUserId, cancellation?.DangerousGetHandle() ?? default);
                nint error;
                int code = library.diyalog_client_is_customer_in_online_help(
                    client.Pointer, idBytes, &call, &status, &error);
                NativeErrors.Check(library, code, error, cancellationToken);
            }
            measured?.End(null);
            return new HelpStatus(status);
        }
        catch (Exception error) when (measured?.End(error) == true)
        {
            throw;
        }
        finally
        {
            library.diyalog_help_status_clear(&status);
        }
    }

    /// <summary>Looks a customer up through the queue. Failures are in the task.</summary>
    internal Task<HelpStatus> LookUpAsync(
        string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken) =>
        Telemetry.Start(Telemetry.LookupPath) is Telemetry.Call measured
            ? measured.EndAsync(QueueLookup(customerId, options, cancellationToken))
            : QueueLookup(customerId, options, cancellationToken);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The task carries it.")]
    private Task<HelpStatus> QueueLookup(
        string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken)
    {
        QueuedLookup? lookup = null;
        try
        {
            EnsureOpen();
            byte[] id = CustomerId(customerId);
            CallSettings settings = Settings(options);
            cancellationToken.ThrowIfCancellationRequested();
            lookup = new QueuedLookup(library, cancellationToken);
            Queue.SubmitLookup(id, settings, lookup.Cancellation, lookup);
            return lookup.Task;
        }
        catch (Exception error)
        {
            lookup?.Unlink();
            return Failed<HelpStatus>(error);
        }
    }

    /// <summary>Posts on the calling thread.</summary>
    internal string Post(string path, string json, DiyalogCallOptions? options, CancellationToken cancellationToken)
    {
        EnsureOpen();
        byte[] pathText = Argument(path, nameof(path));
        byte[] jsonText = Argument(json, nameof(json));
        CallSettings settings = Settings(options);
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationHandle? cancellation = CancellationHandle.For(library, cancellationToken);
        using CancellationTokenRegistration registration = CancellationHandle.Link(cancellation, cancellationToken);
        using var client = new HandleReference(handle);
        NativeResponse response = default;
        response.StructSize = (uint)sizeof(NativeResponse);
        Telemetry.Call? measured = Telemetry.Start(path);
        try
        {
            fixed (byte* pathBytes = pathText)
            fixed (byte* jsonBytes = jsonText)
            fixed (byte* requesterUserId = settings.RequesterUserId)
            {
                NativeCallOptions call =
                    settings.ToNative(requesterUserId, cancellation?.DangerousGetHandle() ?? default);
                nint error;
                int code = library.diyalog_client_post(
                    client.Pointer, pathBytes, jsonBytes, &call, &response, &error);
                NativeErrors.Check(library, code, error, cancellationToken);
            }
            measured?.End(null);
            return Utf8.ToText(response);
        }
        catch (Exception error) when (measured?.End(error) == true)
        {
            throw;
        }
        finally
        {
            library.diyalog_response_clear(&response);
        }
    }

    /// <summary>Posts through the queue. Failures are in the task.</summary>
    internal Task<string> PostAsync(
        string path, string json, DiyalogCallOptions? options, CancellationToken cancellationToken) =>
        Telemetry.Start(path) is Telemetry.Call measured
            ? measured.EndAsync(QueuePost(path, json, options, cancellationToken))
            : QueuePost(path, json, options, cancellationToken);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The task carries it.")]
    private Task<string> QueuePost(
        string path, string json, DiyalogCallOptions? options, CancellationToken cancellationToken)
    {
        QueuedPost? post = null;
        try
        {
            EnsureOpen();
            byte[] pathText = Argument(path, nameof(path));
            byte[] jsonText = Argument(json, nameof(json));
            CallSettings settings = Settings(options);
            cancellationToken.ThrowIfCancellationRequested();
            post = new QueuedPost(library, cancellationToken);
            Queue.SubmitPost(pathText, jsonText, settings, post.Cancellation, post);
            return post.Task;
        }
        catch (Exception error)
        {
            post?.Unlink();
            return Failed<string>(error);
        }
    }

    /// <summary>Signs a request that the program sends itself.</summary>
    internal DiyalogSignedHeaders Sign(string method, string path, byte[] body, DiyalogCallOptions? options)
    {
        EnsureOpen();
        byte[] methodText = Argument(method, nameof(method));
        byte[] pathText = Argument(path, nameof(path));
        if (body == null)
        {
            throw new ArgumentNullException(nameof(body));
        }
        CallSettings settings = Settings(options);
        using var client = new HandleReference(handle);
        NativeSignedHeaders headers = default;
        headers.StructSize = (uint)sizeof(NativeSignedHeaders);
        try
        {
            fixed (byte* methodBytes = methodText)
            fixed (byte* pathBytes = pathText)
            fixed (byte* bodyBytes = body)
            fixed (byte* requesterUserId = settings.RequesterUserId)
            {
                NativeCallOptions call = settings.ToNative(requesterUserId, cancellation: 0);
                nint error;
                int code = library.diyalog_client_sign(
                    client.Pointer, methodBytes, pathBytes, bodyBytes, (nuint)body.Length, &call, &headers, &error);
                NativeErrors.Check(library, code, error);
            }
            return new DiyalogSignedHeaders(
                Utf8.ToText(headers.Date)!,
                Utf8.ToText(headers.RequesterUserId)!,
                Utf8.ToText(headers.Authorization)!);
        }
        finally
        {
            library.diyalog_signed_headers_clear(&headers);
        }
    }

    /// <summary>Closes the queue, and the client when its last call has ended.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
        }
        queue?.Close();
        handle.Dispose();
    }

    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    internal void EnsureOpen()
    {
        if (disposed)
        {
            throw new ObjectDisposedException(nameof(DiyalogClient));
        }
    }

    /// <exception cref="ArgumentException">An option is invalid.</exception>
    internal CallSettings Settings(DiyalogCallOptions? options) => new(options, LogLevel());

    /// <exception cref="ArgumentException">The customer id cannot be sent.</exception>
    internal static byte[] CustomerId(string customerId) => Argument(customerId, nameof(customerId));

    private static byte[] Argument(string text, string name) =>
        Utf8.FromText(text ?? throw new ArgumentNullException(name), name);

    /// <summary>The task of a call that was not submitted.</summary>
    private static Task<TResult> Failed<TResult>(Exception error) =>
        error is OperationCanceledException cancelled
            ? Task.FromCanceled<TResult>(cancelled.CancellationToken)
            : Task.FromException<TResult>(error);

    /// <summary>The least severe lines that are wanted right now, in the library's terms.</summary>
    private int LogLevel()
    {
        if (logFilter == null)
        {
            return 0;
        }
        for (DiyalogLogLevel level = DiyalogLogLevel.Debug; level >= DiyalogLogLevel.Error; level--)
        {
            if (logFilter(level))
            {
                return (int)level;
            }
        }
        return -1;
    }

    private ClientHandle Create(NativeConfig config, Action<DiyalogLogEntry>? log, DiyalogLogLevel level)
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
}
