using NUnit.Framework;

namespace Diyalog.Tests;

/// <summary>Trust, by the sandbox's certificate authority, which it throws away at its end.</summary>
[TestFixture]
public class TlsTests
{
    [Test]
    public void A_private_authority_is_trusted_by_its_file()
    {
        using (var caFile = new TemporaryFile())
        using (var sandbox = new Sandbox("--tls --ca-file \"" + caFile.FullName + "\""))
        {
            DiyalogOptions options = sandbox.Options();
            options.CaFile = caFile.FullName;
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").StaffId, Is.EqualTo("45001"));
            }
            options.SystemTrust = false;
            using (var client = new DiyalogClient(options))
            {
                Assert.That(client.IsCustomerInOnlineHelp("70022").StaffId, Is.EqualTo("45001"));
            }
        }
    }

    [Test]
    public void An_unknown_authority_is_refused_with_the_fix()
    {
        using (var sandbox = new Sandbox("--tls"))
        using (DiyalogClient client = sandbox.Client())
        {
            DiyalogException error =
                Expect.Error(DiyalogErrorCode.Tls, () => client.IsCustomerInOnlineHelp("70022"));
            Assert.That(error.IsRetryable, Is.False);
            Expect.Contains(error.Message, "ca_file");
        }
    }

    [Test]
    public void A_certificate_for_another_name_is_refused()
    {
        using (var caFile = new TemporaryFile())
        using (var sandbox = new Sandbox("--tls --server-name other.example --ca-file \"" + caFile.FullName + "\""))
        {
            DiyalogOptions options = sandbox.Options();
            options.CaFile = caFile.FullName;
            using (var client = new DiyalogClient(options))
            {
                Expect.Error(DiyalogErrorCode.Tls, () => client.IsCustomerInOnlineHelp("70022"));
            }
        }
    }

    [Test]
    public void Files_that_hold_no_certificates_are_named()
    {
        using (var noCertificate = new TemporaryFile("nothing\n"))
        {
            var options = new DiyalogOptions
            {
                Endpoint = "https://api.bank.example",
                AccessKeyId = Sandbox.KeyId,
                AccessKeySecret = Sandbox.Secret,
                CaFile = noCertificate.FullName,
            };
            Assert.That(
                Expect.Throws<System.ArgumentException>(() => new DiyalogClient(options)).ParamName,
                Is.EqualTo("CaFile"));

            options.CaFile = null;
            options.ClientCertificateFile = noCertificate.FullName;
            options.ClientKeyFile = noCertificate.FullName;
            Assert.That(
                Expect.Throws<System.ArgumentException>(() => new DiyalogClient(options)).ParamName,
                Is.EqualTo("ClientCertificateFile"));
        }
    }
}
