using System;
using System.Threading;
using System.Threading.Tasks;

namespace Diyalog.Native;

/// <summary>A call that was submitted to a queue. Its tag is a GCHandle of this object.</summary>
internal abstract class QueuedCall
{
    private readonly CancellationToken cancellationToken;
    private readonly CancellationTokenRegistration registration;

    /// <summary>Links the call to a token of its own.</summary>
    protected QueuedCall(NativeMethods library, CancellationToken cancellationToken)
    {
        this.cancellationToken = cancellationToken;
        Cancellation = CancellationHandle.For(library, cancellationToken);
        registration = CancellationHandle.Link(Cancellation, cancellationToken);
    }

    /// <summary>The cancellation of the call; null if nothing can cancel it but the client.</summary>
    internal CancellationHandle? Cancellation { get; }

    /// <summary>Ends the link to the token. Does not block: the token's callback does not, either.</summary>
    internal void Unlink()
    {
        registration.Dispose();
        Cancellation?.Dispose();
    }

    /// <summary>Reads the completion and hands its result on. Does not throw.</summary>
    internal unsafe void Complete(NativeMethods library, nint completion)
    {
        Unlink();
        int code = library.diyalog_completion_code(completion);
        if (code != NativeMethods.Ok)
        {
            nint error = library.diyalog_completion_error(completion);
            Fail(NativeErrors.ToException(library, code, error, cancellationToken));
            return;
        }
        Succeed(library, completion);
    }

    internal abstract void Succeed(NativeMethods library, nint completion);

    internal abstract void Fail(Exception error);
}

/// <summary>A queued call whose result completes a task.</summary>
internal abstract class QueuedTask<TResult> : QueuedCall
{
    /// <summary>Continuations run on the pool: the thread that completes calls must not wait for them.</summary>
    private readonly TaskCompletionSource<TResult> source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected QueuedTask(NativeMethods library, CancellationToken cancellationToken)
        : base(library, cancellationToken)
    {
    }

    internal Task<TResult> Task => source.Task;

    internal sealed override void Succeed(NativeMethods library, nint completion) =>
        source.SetResult(Read(library, completion));

    internal sealed override void Fail(Exception error)
    {
        if (error is OperationCanceledException cancelled)
        {
            source.TrySetCanceled(cancelled.CancellationToken);
        }
        else
        {
            source.SetException(error);
        }
    }

    /// <summary>Returns the result of a completion that succeeded.</summary>
    protected abstract TResult Read(NativeMethods library, nint completion);
}

/// <summary>A lookup whose status completes a task.</summary>
internal sealed class QueuedLookup(NativeMethods library, CancellationToken cancellationToken)
    : QueuedTask<HelpStatus>(library, cancellationToken)
{
    protected override unsafe HelpStatus Read(NativeMethods library, nint completion) =>
        new(*library.diyalog_completion_status(completion));
}

/// <summary>A post whose response completes a task.</summary>
internal sealed class QueuedPost(NativeMethods library, CancellationToken cancellationToken)
    : QueuedTask<string>(library, cancellationToken)
{
    protected override unsafe string Read(NativeMethods library, nint completion) =>
        Utf8.ToText(*library.diyalog_completion_response(completion));
}
