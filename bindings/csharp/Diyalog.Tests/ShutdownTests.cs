using System;
using System.Diagnostics;
using System.IO;
#if NET
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
#endif
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>The process, an AppDomain or an AssemblyLoadContext ends while lookups are in flight.</summary>
[TestFixture]
public class ShutdownTests
{
    private const string Silence = "{\"kind\":\"silence\",\"times\":100}";

    private static DiyalogOptions Options(Sandbox sandbox)
    {
        DiyalogOptions options = sandbox.Options();
        options.Timeout = TimeSpan.FromMinutes(1);
        return options;
    }

    [Test]
    public void A_process_exits_while_lookups_are_in_flight()
    {
        using var sandbox = new Sandbox();
        sandbox.QueueFault(Silence);
        string folder = Path.GetFullPath(Path.Combine(AppDomain.CurrentDomain.BaseDirectory, "..", "..", "Diyalog.Tests.Exit",
            Path.GetFileName(AppDomain.CurrentDomain.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))));
#if NET
        var start = new ProcessStartInfo("dotnet", Path.Combine(folder, "Diyalog.Tests.Exit.dll") + " sync");
        const int Calls = 12;
#else
        var start = new ProcessStartInfo("mono", Path.Combine(folder, "Diyalog.Tests.Exit.exe"));
        // Mono itself waits for threads in native code; a synchronous call ends at its deadline.
        const int Calls = 8;
#endif
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.EnvironmentVariables["DIYALOG_LIBRARY"] = LoaderTests.LoadedPath();
        start.EnvironmentVariables["DIYALOG_ENDPOINT"] = sandbox.Url;
        start.EnvironmentVariables["DIYALOG_ACCESS_KEY_ID"] = Sandbox.KeyId;
        start.EnvironmentVariables["DIYALOG_ACCESS_KEY_SECRET"] = Sandbox.Secret;
        start.EnvironmentVariables["DIYALOG_REQUESTER_USER_ID"] = "45186";
        using Process process = Process.Start(start)!;
        sandbox.AwaitRequests(Calls);

        var waited = Stopwatch.StartNew();
        process.StandardInput.WriteLine();
        bool exited = process.WaitForExit(20_000);
        if (!exited)
        {
            process.Kill();
        }
        Assert.That(exited, Is.True, "the process waits for its lookups");
        Assert.That(process.ExitCode, Is.EqualTo(7));
        TestContext.Out.WriteLine($"exited after {waited.ElapsedMilliseconds} ms");
        sandbox.AwaitNoConnections();
    }

#if NET
    [Test]
    public void A_load_context_unloads_while_lookups_are_in_flight()
    {
        using var sandbox = new Sandbox();
        sandbox.QueueFault(Silence);
        WeakReference context = LoadAndUnload(sandbox, out Task lookup);
        Assert.That(() => lookup.IsCanceled, Is.True.After(5000, 20));
        sandbox.AwaitNoConnections();
        lookup = Task.CompletedTask;
        for (int attempt = 0; attempt < 200 && context.IsAlive; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }
        Assert.That(context.IsAlive, Is.False);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadAndUnload(Sandbox sandbox, out Task lookup)
    {
        var context = new AssemblyLoadContext("plugin", isCollectible: true);
        Assembly assembly = context.LoadFromAssemblyPath(typeof(DiyalogClient).Assembly.Location);
        Type optionsType = assembly.GetType("Diyalog.DiyalogOptions")!;
        object options = Activator.CreateInstance(optionsType)!;
        void Set(string property, object value) => optionsType.GetProperty(property)!.SetValue(options, value);
        Set("Endpoint", sandbox.Url);
        Set("AccessKeyId", Sandbox.KeyId);
        Set("AccessKeySecret", Sandbox.Secret);
        Set("RequesterUserId", "45186");
        Set("Timeout", TimeSpan.FromMinutes(1));
        Type clientType = assembly.GetType("Diyalog.DiyalogClient")!;
        object client = Activator.CreateInstance(clientType, options)!;
        Type[] parameters = [typeof(string), typeof(CancellationToken)];
        MethodInfo method = clientType.GetMethod("IsCustomerInOnlineHelpAsync", parameters)!;
        lookup = (Task)method.Invoke(client, ["70022", CancellationToken.None])!;
        sandbox.AwaitRequests(1);
        context.Unload();
        return new WeakReference(context);
    }
#else
    [Test]
    public void An_AppDomain_unloads_while_lookups_are_in_flight()
    {
        using var sandbox = new Sandbox();
        sandbox.QueueFault(Silence);
        var setup = new AppDomainSetup { ApplicationBase = AppDomain.CurrentDomain.BaseDirectory };
        AppDomain domain = AppDomain.CreateDomain("recycled", null, setup);
        var application = (Application)domain.CreateInstanceAndUnwrap(
            typeof(Application).Assembly.FullName, typeof(Application).FullName);
        application.Start(sandbox.Url);
        sandbox.AwaitRequests(8);

        var unload = Task.Run(() => AppDomain.Unload(domain));
        Assert.That(unload.Wait(20_000), Is.True, "the AppDomain does not unload");
        sandbox.AwaitNoConnections();
    }

    [Test]
    public void Exceptions_cross_AppDomains()
    {
        var setup = new AppDomainSetup { ApplicationBase = AppDomain.CurrentDomain.BaseDirectory };
        AppDomain domain = AppDomain.CreateDomain("other", null, setup);
        try
        {
            var application = (Application)domain.CreateInstanceAndUnwrap(
                typeof(Application).Assembly.FullName, typeof(Application).FullName);
            DiyalogException error = Assert.Throws<DiyalogException>(application.Fail)!;
            Assert.That(error.Code, Is.EqualTo(DiyalogErrorCode.HttpStatus));
            Assert.That(error.Message, Is.EqualTo("busy"));
            Assert.That(error.HttpStatus, Is.EqualTo(503));
            Assert.That(error.IsRetryable, Is.True);
            Assert.That(error.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(2)));
        }
        finally
        {
            AppDomain.Unload(domain);
        }
    }

    /// <summary>Runs inside the other AppDomain.</summary>
    public class Application : MarshalByRefObject
    {
        private static DiyalogClient? client;
        private static int lines;

#pragma warning disable CA1822 // A proxy forwards instance methods only.
        public void Start(string endpoint)
        {
            client = new DiyalogClient(new DiyalogOptions
            {
                Endpoint = endpoint,
                AccessKeyId = Sandbox.KeyId,
                AccessKeySecret = Sandbox.Secret,
                RequesterUserId = "45186",
                Timeout = TimeSpan.FromMinutes(1),
                Log = _ => Interlocked.Increment(ref lines),
                LogLevel = DiyalogLogLevel.Debug,
            });
            for (int call = 0; call < 8; call++)
            {
                _ = client.IsCustomerInOnlineHelpAsync("70022");
            }
        }

        public void Fail() => throw new DiyalogException(
            DiyalogErrorCode.HttpStatus, "busy", 503, isRetryable: true, TimeSpan.FromSeconds(2));
#pragma warning restore CA1822
    }
#endif
}
