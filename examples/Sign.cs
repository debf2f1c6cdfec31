// Signs what an HttpClient sends, for programs that keep their own HTTP stack. Settings come from the environment:
// DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.
//
// EXAMPLE=Sign bindings/csharp/run-example.sh /v1/application/iscustomerinonlinehelp '{"customerId": "70022"}'

using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;
using Diyalog;

using var client = new DiyalogClient(DiyalogOptions.FromEnvironment());
// A redirect would carry the signed headers to another host.
var network = new HttpClientHandler { AllowAutoRedirect = false };
using var http = new HttpClient(new SigningHandler(client) { InnerHandler = network });
string endpoint = Environment.GetEnvironmentVariable("DIYALOG_ENDPOINT")!;

HttpResponseMessage response = await http.PostAsync(endpoint + args[0], new StringContent(args[1]));
Console.WriteLine(await response.Content.ReadAsStringAsync());
return response.IsSuccessStatusCode ? 0 : 1;

/// <summary>Signs each request on its way. Put handlers that retry outside of it: each attempt needs a signature of its
/// own.</summary>
internal sealed class SigningHandler(DiyalogClient client) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content ??= new ByteArrayContent([]);
        byte[] body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
        DiyalogSignedHeaders signed = client.Sign(request.Method.Method, request.RequestUri!.AbsolutePath, body);

        // Exactly what is signed: StringContent would add a charset.
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Set("x-dlg-date", signed.Date);
        Set("x-dlg-requester-userid", signed.RequesterUserId);
        Set("x-dlg-authorization", signed.Authorization);
        return await base.SendAsync(request, cancellationToken);

        void Set(string name, string value)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
