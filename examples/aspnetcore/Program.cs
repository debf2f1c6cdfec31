// A service that answers whether a customer is in a live chat: GET /customers/70022, health at /health.
// The section "Diyalog" of the configuration has the settings, such as the variable Diyalog__Endpoint.

using Diyalog;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddDiyalog(builder.Configuration.GetSection("Diyalog"));
builder.Services.AddHealthChecks().AddDiyalog();
var app = builder.Build();

app.MapHealthChecks("/health");
app.MapGet("/customers/{id}", async (string id, DiyalogClient client, CancellationToken cancellationToken) =>
{
    try
    {
        // The token is cancelled when the browser leaves, and the lookup with it.
        HelpStatus status = await client.IsCustomerInOnlineHelpAsync(id, cancellationToken);
        return status.CustomerFound ? Results.Ok(status) : Results.NotFound();
    }
    catch (ArgumentException error)
    {
        return Results.BadRequest(error.Message);
    }
    catch (DiyalogException error)
    {
        return Results.Problem(error.Message, statusCode: error.IsRetryable ? 503 : 502);
    }
});
app.Run();
