// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.
// For .NET Core 3.1, .NET 5 or later.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;

class Sample
{
    static readonly TextWriter Out = Utf8(Console.OpenStandardOutput());
    static readonly TextWriter Err = Utf8(Console.OpenStandardError());

    static TextWriter Utf8(Stream stream)
    {
        return new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    static Exception Fail(string message)
    {
        Err.WriteLine(message);
        Environment.Exit(1);
        return new InvalidOperationException(message);
    }

    /// <summary>A value of an object; undefined where there is none.</summary>
    static JsonElement Member(JsonElement parent, string name)
    {
        JsonElement value = default(JsonElement);
        if (parent.ValueKind == JsonValueKind.Object)
            parent.TryGetProperty(name, out value);
        return value;
    }

    static string AsText(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String: return value.GetString();
            case JsonValueKind.Number: return value.GetRawText();
            case JsonValueKind.True: return "true";
            case JsonValueKind.False: return "false";
            default: return null;
        }
    }

    static long? AsInteger(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return null;
        long number;
        if (value.TryGetInt64(out number))
            return number;
        double fraction = value.GetDouble();
        if (Math.Abs(fraction) >= 9.2e18)
            throw Fail(value.GetRawText() + " does not fit in 64 bits");
        return (long)fraction;
    }

    /// <summary>Prints a value on one line; nothing if there is none.</summary>
    static void Show(string place, object value)
    {
        if (value == null)
            return;
        string text = value is bool truth ? (truth ? "true" : "false")
            : value is double number ? number.ToString("G15", CultureInfo.InvariantCulture)
            : Convert.ToString(value, CultureInfo.InvariantCulture);
        Out.WriteLine(place + ": " + text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r"));
    }

    /// <summary>A variable of the environment.</summary>
    static string Setting(string name)
    {
        string value = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(value))
            throw Fail("set " + name + " in the environment");
        return value;
    }

    /// <summary>Percent-encodes all but letters, digits and -._~.</summary>
    static string Encode(string text)
    {
        return Uri.EscapeDataString(text);
    }

    /// <summary>Arrays of a name and its values, as a query or a form.</summary>
    static string Pairs(params string[][] parameters)
    {
        return string.Join("&", parameters.Select(p => Encode(p[0]) + "=" + string.Join(",", p.Skip(1).Select(Encode))));
    }

    static string Header(HttpResponseMessage response, string name)
    {
        IEnumerable<string> values;
        return response.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";
    }

    /// <summary>How long an answer with status 429 asks to wait: in seconds, or up to an instant.</summary>
    static TimeSpan WaitTime(HttpResponseMessage response)
    {
        string retryAfter = Header(response, "Retry-After");
        int seconds;
        if (int.TryParse(retryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
            return TimeSpan.FromSeconds(seconds);
        DateTimeOffset until;
        if (!DateTimeOffset.TryParse(retryAfter, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out until))
            return TimeSpan.FromSeconds(1);
        TimeSpan wait = until - DateTimeOffset.UtcNow;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>A good answer; after 429 it waits and asks again, at most five times.</summary>
    static async Task<HttpResponseMessage> Send(HttpClient client, Func<HttpRequestMessage> newRequest)
    {
        for (int attempt = 0; ; attempt++)
        {
            HttpRequestMessage request = newRequest();
            HttpResponseMessage response;
            try
            {
                response = await client.SendAsync(request);
            }
            catch (HttpRequestException error)
            {
                throw Fail(request.RequestUri + ": " + error.Message);
            }
            catch (TaskCanceledException)
            {
                throw Fail(request.RequestUri + ": no answer in time");
            }
            if (response.IsSuccessStatusCode)
                return response;
            if ((int)response.StatusCode != 429 || attempt == 5)
                throw Fail("HTTP " + (int)response.StatusCode + ": " + await response.Content.ReadAsStringAsync());
            TimeSpan wait = WaitTime(response);
            Err.WriteLine("429: waiting " + Math.Round(wait.TotalSeconds) + " s");
            await Task.Delay(wait);
        }
    }

    static void Main()
    {
        Run().GetAwaiter().GetResult();
    }

    static async Task Run()
    {
        string baseUrl = Setting("API_BASE_URL").TrimEnd('/');
        string credentials = Setting("API_CLIENT_ID") + ":" + Setting("API_CLIENT_SECRET");
        string authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        string grantType = "account_credentials";

        string path = "/oauth/token";
        string query = Pairs();
        string url = baseUrl + path + (query == "" ? "" : "?" + query);
        // How long a server may take to answer.
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        HttpResponseMessage response = await Send(client, () =>
        {
            var request = new HttpRequestMessage(new HttpMethod("POST"), url);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Headers.Add("Authorization", authorization);
            string form = Pairs(new[] {"grant_type", grantType});
            request.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
            return request;
        });
        string text = await response.Content.ReadAsStringAsync();
        JsonElement answer;
        try
        {
            answer = JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException error)
        {
            throw Fail("the answer is not JSON (" + error.Message + "): " + text);
        }
        string accessToken = AsText(Member(answer, "access_token"));
        Show("access_token", accessToken);
        string apiUrl = AsText(Member(answer, "api_url"));
        Show("api_url", apiUrl);
        long? expiresIn = AsInteger(Member(answer, "expires_in"));
        Show("expires_in", expiresIn);
        string refreshToken = AsText(Member(answer, "refresh_token"));
        Show("refresh_token", refreshToken);
        string scope = AsText(Member(answer, "scope"));
        Show("scope", scope);
        string tokenType = AsText(Member(answer, "token_type"));
        Show("token_type", tokenType);
    }
}
