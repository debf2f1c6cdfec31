using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;

namespace Diyalog.Tests;

/// <summary>A running diyalog-sandbox, which ends together with this object or the test run.</summary>
internal sealed class Sandbox : IDisposable
{
    internal const string KeyId = "1234567-8ABC-DEF0-5432-56712ABCDEF5";
    internal const string Secret = "s3cr3t-access-key";

    private readonly Process process;

    internal Sandbox(string arguments = "")
    {
        string program = Environment.GetEnvironmentVariable("DIYALOG_SANDBOX")
            ?? throw new InvalidOperationException("DIYALOG_SANDBOX must name the diyalog-sandbox program");
        process = Process.Start(new ProcessStartInfo(program, "--until-stdin-closes " + arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Url = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the sandbox did not start");
        // Its log is read and dropped, so that it never waits for a reader.
        new Thread(() => process.StandardOutput.ReadToEnd()) { IsBackground = true }.Start();
    }

    internal string Url { get; }

    /// <summary>Options with which the sandbox answers.</summary>
    internal DiyalogOptions Options() => new DiyalogOptions
    {
        Endpoint = Url,
        AccessKeyId = KeyId,
        AccessKeySecret = Secret,
        RequesterUserId = "45186",
        MaxRetries = 0,
    };

    internal DiyalogClient Client() => new DiyalogClient(Options());

    internal void QueueFault(string json) => Control("POST", "faults", json);

    /// <summary>The lookups that follow are answered so.</summary>
    internal void QueueAnswer(int status, string body) =>
        QueueFault("{\"kind\":\"answer\",\"status\":" + status + ",\"body\":\"" + Escape(body) + "\"}");

    internal void SetClock(int offsetSeconds) =>
        Control("PUT", "clock", "{\"offsetSeconds\":" + offsetSeconds + "}");

    internal void StartSession(string json) => Control("POST", "sessions", json);

    /// <summary>The requests that were received, as JSON without spaces.</summary>
    internal string Requests() => Control("GET", "requests", null);

    /// <summary>How many connections of clients are open.</summary>
    internal int OpenConnections() =>
        int.Parse(Regex.Match(Control("GET", "counters", null), "\"openConnections\":(\\d+)").Groups[1].Value);

    internal int RequestCount() =>
        Requests().Split(new[] { "\"customerId\":" }, StringSplitOptions.None).Length - 1;

    /// <summary>Returns when so many requests have arrived.</summary>
    internal void AwaitRequests(int count)
    {
        var waited = Stopwatch.StartNew();
        while (RequestCount() < count)
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(20))
            {
                throw new TimeoutException("the sandbox has not received " + count + " requests: " + Requests());
            }
            Thread.Sleep(5);
        }
    }

    /// <summary>Returns when every connection is closed.</summary>
    internal void AwaitNoConnections() => AwaitNoConnectionsBut(0);

    /// <summary>Returns when no more connections are open than these.</summary>
    internal void AwaitNoConnectionsBut(int count)
    {
        var waited = Stopwatch.StartNew();
        while (OpenConnections() > count)
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(5))
            {
                throw new TimeoutException("connections stay open");
            }
            Thread.Sleep(5);
        }
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(5000))
        {
            process.Kill();
        }
        process.Dispose();
    }

    /// <summary>Makes a control call. By hand, since Mono's WebClient now and then aborts its own
    /// request.</summary>
    private string Control(string method, string path, string? json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json ?? "");
        byte[] head = Encoding.ASCII.GetBytes(
            method + " /sandbox/" + path + " HTTP/1.0\r\nContent-Length: " + body.Length + "\r\n\r\n");
        var url = new Uri(Url);
        using (var connection = new TcpClient(url.Host, url.Port))
        using (NetworkStream stream = connection.GetStream())
        {
            stream.Write(head, 0, head.Length);
            stream.Write(body, 0, body.Length);
            // HTTP/1.0: the answer ends where the connection does.
            string answer = new StreamReader(stream, Encoding.UTF8).ReadToEnd();
            string status = answer.Split(' ')[1];
            if (status != "200" && status != "204")
            {
                throw new InvalidOperationException("the sandbox does not take this control call: " + answer);
            }
            return answer.Substring(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4);
        }
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("\"", "\\\"");
}

/// <summary>A file that is there for one test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    internal TemporaryFile(string content = "")
    {
        FullName = System.IO.Path.GetTempFileName();
        File.WriteAllText(FullName, content);
    }

    internal string FullName { get; }

    public void Dispose() => File.Delete(FullName);
}

/// <summary>Environment variables that are set for one test.</summary>
internal sealed class TemporaryVariables : IDisposable
{
    private readonly Dictionary<string, string?> before = new();

    internal string? this[string name]
    {
        set
        {
            if (!before.ContainsKey(name))
            {
                before[name] = Environment.GetEnvironmentVariable(name);
            }
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    public void Dispose()
    {
        foreach (KeyValuePair<string, string?> variable in before)
        {
            Environment.SetEnvironmentVariable(variable.Key, variable.Value);
        }
    }
}
