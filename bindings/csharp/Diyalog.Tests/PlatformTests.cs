using System;
using System.Text;
using System.Threading.Tasks;
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>The platform's other endpoints, and signing only.</summary>
[TestFixture]
public class PlatformTests
{
    private const string Path = "/v1/application/iscustomerinonlinehelp";
    private const string Json = "{\"customerId\":\"müşteri-70025\"}";

    [Test]
    public async Task A_post_returns_the_response_as_received()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        Expect.Contains(client.Post(Path, Json), "\"isInHelp\": true", "temsilci-şule");
        Expect.Contains(await client.PostAsync(Path, Json), "temsilci-şule");
        var options = new DiyalogCallOptions { RequesterUserId = "45187" };
        await client.PostAsync(Path, Json, options);
        Expect.Contains(sandbox.Requests(), "\"45187\"");
    }

    [Test]
    public void A_post_is_retried_after_a_500_only_if_it_is_repeatable([Values] bool repeatable)
    {
        using var sandbox = new Sandbox();
        DiyalogOptions options = sandbox.Options();
        options.MaxRetries = 1;
        using var client = new DiyalogClient(options);
        sandbox.QueueAnswer(500, "no");
        var call = new DiyalogCallOptions { Repeatable = repeatable };
        if (repeatable)
        {
            Expect.Contains(client.Post(Path, Json, call), "isInHelp");
        }
        else
        {
            DiyalogException error = Expect.Error(DiyalogErrorCode.Server, () => client.Post(Path, Json, call));
            Assert.That(error.IsRetryable, Is.False);
        }
    }

    [Test]
    public void Invalid_arguments_are_named()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        Assert.That(Name(() => client.Post(null!, Json)), Is.EqualTo("path"));
        Assert.That(Name(() => client.Post("v1", Json)), Is.EqualTo("path"));
        Assert.That(Name(() => client.Post("/v1?x", Json)), Is.EqualTo("path"));
        Assert.That(Name(() => client.Post(Path, null!)), Is.EqualTo("json"));
        Assert.That(Name(() => client.Post(Path, "{")), Is.EqualTo("json"));
        Assert.That(Name(() => client.PostAsync(Path, "{").GetAwaiter().GetResult()), Is.EqualTo("json"));
        Assert.That(Name(() => client.Sign(null!, Path, [])), Is.EqualTo("method"));
        Assert.That(Name(() => client.Sign("POST", "x", [])), Is.EqualTo("path"));
        Assert.That(Name(() => client.Sign("POST", Path, null!)), Is.EqualTo("body"));
    }

    private static string? Name(TestDelegate call) => Assert.Catch<ArgumentException>(call)!.ParamName;

    [Test]
    public void The_pause_that_the_server_asks_for_is_reported()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        sandbox.QueueFault("{\"kind\":\"answer\",\"status\":503,\"headers\":{\"Retry-After\":\"2\"},\"body\":\"busy\"}");
        DiyalogException error =
            Expect.Error(DiyalogErrorCode.HttpStatus, () => client.IsCustomerInOnlineHelp("70022"));
        Assert.That(error.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void Signed_headers_are_those_of_the_request()
    {
        using var sandbox = new Sandbox();
        using DiyalogClient client = sandbox.Client();
        DiyalogSignedHeaders headers = client.Sign("POST", Path, Encoding.UTF8.GetBytes(Json));
        Assert.That(headers.RequesterUserId, Is.EqualTo("45186"));
        Assert.That(headers.Date, Does.EndWith("GMT"));
        Assert.That(headers.Authorization, Does.StartWith("DLGA " + Sandbox.KeyId + ":"));
        Assert.That(client.Sign("GET", "/", []).Authorization, Does.StartWith("DLGA "));
    }
}
