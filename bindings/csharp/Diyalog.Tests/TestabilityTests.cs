using System;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
#if NET
using System.Threading.Tasks;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
#endif
using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>What users need to test their own programs: doubles, values that compare, JSON.</summary>
[TestFixture]
public partial class TestabilityTests
{
    private static readonly HelpStatus InHelp = new(true, HelpType.Inbound, "inbound", "45001");

    [Test]
    public void A_derived_class_is_a_double()
    {
        using DiyalogClient client = new Double();
        Assert.That(client.IsCustomerInOnlineHelp("70022"), Is.SameAs(InHelp));
        Assert.That(client.IsCustomerInOnlineHelp("70022", new DiyalogCallOptions()), Is.SameAs(InHelp));
        NotSupportedException error =
            Assert.Throws<NotSupportedException>(() => client.IsCustomerInOnlineHelpAsync("70022"))!;
        Expect.Contains(error.Message, nameof(Double), "override");
        Assert.Throws<NotSupportedException>(() => client.AreCustomersInOnlineHelp(["1"]));
        Assert.Throws<NotSupportedException>(() => client.Post("/v1/x", "{}"));
        Assert.Throws<NotSupportedException>(() => client.Sign("POST", "/v1/x", []));
    }

    private sealed class Double : DiyalogClient
    {
        public override HelpStatus IsCustomerInOnlineHelp(
            string customerId, DiyalogCallOptions? options, CancellationToken cancellationToken) => InHelp;
    }

#if NET
    [Test]
    public async Task A_mocking_library_makes_doubles()
    {
        DiyalogClient client = Substitute.For<DiyalogClient>();
        client.IsCustomerInOnlineHelp("70022").Returns(InHelp);
        client.IsCustomerInOnlineHelpAsync("70022").Returns(InHelp);
        client.IsCustomerInOnlineHelpAsync("down")
            .ThrowsAsync(new DiyalogException(DiyalogErrorCode.Connect, "no connection", isRetryable: true));

        Assert.That(client.IsCustomerInOnlineHelp("70022"), Is.SameAs(InHelp));
        Assert.That(await client.IsCustomerInOnlineHelpAsync("70022"), Is.SameAs(InHelp));
        DiyalogException error =
            Assert.ThrowsAsync<DiyalogException>(() => client.IsCustomerInOnlineHelpAsync("down"))!;
        Assert.That(error.IsRetryable, Is.True);
    }
#endif

    [Test]
    public void Statuses_compare_by_value()
    {
        var same = new HelpStatus(true, HelpType.Inbound, "inbound", "45001");
        Assert.That(same, Is.EqualTo(InHelp));
        Assert.That(same.GetHashCode(), Is.EqualTo(InHelp.GetHashCode()));
        Assert.That(same == InHelp, Is.True);
        Assert.That(new HelpStatus(true, HelpType.Inbound, "inbound", "45002"), Is.Not.EqualTo(InHelp));
        Assert.That(new HelpStatus(false, HelpType.None, null, null, 400).CustomerFound, Is.False);
    }

    [Test]
    public void Values_describe_themselves()
    {
        Expect.Contains(InHelp.ToString(), "IsInHelp = True", "Inbound", "45001");
        Expect.Contains(new HelpLookup("70022", InHelp, null).ToString(), "70022", "45001");
        var headers = new DiyalogSignedHeaders("date", "45186", "secret");
        Assert.That(headers.ToString(), Does.Contain("45186").And.Not.Contain("secret"));
    }

    [Test]
    public void A_lookup_has_a_status_or_an_error()
    {
        Assert.Throws<ArgumentException>(() => new HelpLookup("1", null, null));
        Assert.Throws<ArgumentException>(() => new HelpLookup("1", InHelp, new TimeoutException()));
    }

    [Test]
    public void Statuses_round_trip_through_json()
    {
        foreach (HelpStatus status in new[] { InHelp, new HelpStatus(false, HelpType.None, null, null, 400) })
        {
            string json = JsonSerializer.Serialize(status);
            Assert.That(JsonSerializer.Deserialize<HelpStatus>(json), Is.EqualTo(status), json);
            var web = new JsonSerializerOptions(JsonSerializerDefaults.Web);
            string camelCase = JsonSerializer.Serialize(status, web);
            Expect.Contains(camelCase, "\"isInHelp\":", "\"customerFound\":");
            Assert.That(JsonSerializer.Deserialize<HelpStatus>(camelCase, web), Is.EqualTo(status));
            string generated = JsonSerializer.Serialize(status, Context.Default.HelpStatus);
            Assert.That(JsonSerializer.Deserialize(generated, Context.Default.HelpStatus), Is.EqualTo(status));
        }
    }

    [JsonSerializable(typeof(HelpStatus))]
    private sealed partial class Context : JsonSerializerContext;
}
