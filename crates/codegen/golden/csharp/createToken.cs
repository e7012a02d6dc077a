// Get an access token
// POST /oauth/token
//
// Optional parameters:
//   account_id: With `account_credentials`: the account's id.
//   code: With `authorization_code`: the code. It is valid once, for five minutes.
//   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
//   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, if there is no Basic header.
// Needs .NET Core 3.1, .NET 5 or later.

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
using static Json;

class Answer
{
    public string AccessToken { get; set; }
    public string ApiUrl { get; set; }
    public long? ExpiresIn { get; set; }
    public string RefreshToken { get; set; }
    public string Scope { get; set; }
    public string TokenType { get; set; }
}

/// <summary>Reads values of JSON. A value that is absent, null or of another type is null.</summary>
static class Json
{
    public static JsonElement Member(JsonElement parent, string name)
    {
        JsonElement value = default(JsonElement);
        if (parent.ValueKind == JsonValueKind.Object)
            parent.TryGetProperty(name, out value);
        return value;
    }

    public static string AsText(JsonElement value)
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

    public static long? AsInteger(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return null;
        long number;
        if (value.TryGetInt64(out number))
            return number;
        double fraction = value.GetDouble();
        if (Math.Abs(fraction) >= 9.2e18)
            throw new OverflowException($"{value.GetRawText()} does not fit in 64 bits");
        return (long)fraction;
    }

    public static double? AsNumber(JsonElement value)
    {
        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : (double?)null;
    }

    public static bool? AsBoolean(JsonElement value)
    {
        bool isBoolean = value.ValueKind == JsonValueKind.True || value.ValueKind == JsonValueKind.False;
        return isBoolean ? value.GetBoolean() : (bool?)null;
    }

    public static JsonElement? AsJson(JsonElement value)
    {
        bool isAbsent = value.ValueKind == JsonValueKind.Undefined || value.ValueKind == JsonValueKind.Null;
        return isAbsent ? (JsonElement?)null : value;
    }

    public static List<T> AsList<T>(JsonElement value, Func<JsonElement, T> read)
    {
        bool isList = value.ValueKind == JsonValueKind.Array;
        return isList ? value.EnumerateArray().Select(read).ToList() : new List<T>();
    }

    public static Answer AsAnswer(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new Answer
        {
            AccessToken = AsText(Member(value, "access_token")),
            ApiUrl = AsText(Member(value, "api_url")),
            ExpiresIn = AsInteger(Member(value, "expires_in")),
            RefreshToken = AsText(Member(value, "refresh_token")),
            Scope = AsText(Member(value, "scope")),
            TokenType = AsText(Member(value, "token_type")),
        };
    }
}

class Sample
{
    static readonly TextWriter Out = Utf8(Console.OpenStandardOutput());
    static readonly TextWriter Err = Utf8(Console.OpenStandardError());

    static TextWriter Utf8(Stream stream)
    {
        return new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Prints a value on its own line, and nothing if there is none.</summary>
    static void Show(string place, object value)
    {
        if (value == null)
            return;
        string text = value is bool truth ? (truth ? "true" : "false")
            : value is double number ? number.ToString("G15", CultureInfo.InvariantCulture)
            : value is JsonElement json ? AsText(json) ?? Regex.Replace(json.GetRawText(), "[\r\n]+", "")
            : Convert.ToString(value, CultureInfo.InvariantCulture);
        Out.WriteLine($"{place}: {text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\r", "\\r")}");
    }

    static void ShowList<T>(string place, List<T> list, Action<string, T> show)
    {
        int index = 0;
        foreach (T element in list)
            show($"{place}[{index++}]", element);
    }

    static void ShowAnswer(Answer value)
    {
        if (value == null)
            return;
        Show("access_token", value.AccessToken);
        Show("api_url", value.ApiUrl);
        Show("expires_in", value.ExpiresIn);
        Show("refresh_token", value.RefreshToken);
        Show("scope", value.Scope);
        Show("token_type", value.TokenType);
    }

    static Answer Parse(string text)
    {
        try
        {
            JsonElement json = JsonDocument.Parse(text).RootElement;
            return AsAnswer(json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"the response is not JSON ({error.Message}): {text}");
        }
    }

    /// <summary>Returns an environment variable.</summary>
    static string Setting(string name)
    {
        string value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrEmpty(value) ? throw new InvalidOperationException($"set {name} in the environment") : value;
    }

    /// <summary>Percent-encodes everything but letters, digits and -._~</summary>
    static string Encode(string text)
    {
        return Uri.EscapeDataString(text);
    }

    /// <summary>Writes parameters, arrays of a name and its values, as a query or a form.</summary>
    static string Pairs(params string[][] parameters)
    {
        return string.Join("&", parameters.Select(p => $"{Encode(p[0])}={string.Join(",", p.Skip(1).Select(Encode))}"));
    }

    static string Header(HttpResponseMessage response, string name)
    {
        IEnumerable<string> values;
        return response.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";
    }

    /// <summary>Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.</summary>
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

    // Gives up after 60 seconds without a response.
    static readonly HttpClient Client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>Sends the request and returns a successful response. Retries up to five times after 429.</summary>
    static async Task<HttpResponseMessage> Send(Func<HttpRequestMessage> newRequest)
    {
        for (int attempt = 0; ; attempt++)
        {
            HttpRequestMessage request = newRequest();
            HttpResponseMessage response;
            try
            {
                response = await Client.SendAsync(request);
            }
            catch (HttpRequestException error)
            {
                throw new IOException($"{request.RequestUri}: {error.Message}");
            }
            catch (TaskCanceledException)
            {
                throw new IOException($"{request.RequestUri}: no response in time");
            }
            if (response.IsSuccessStatusCode)
                return response;
            if ((int)response.StatusCode != 429 || attempt == 5)
                throw new IOException($"HTTP {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
            TimeSpan wait = WaitTime(response);
            Err.WriteLine($"429: waiting {Math.Round(wait.TotalSeconds)} s");
            await Task.Delay(wait);
        }
    }

    /// <summary>Get an access token.</summary>
    static async Task<Answer> CreateToken(string grantType = "account_credentials")
    {
        string baseUrl = Setting("API_BASE_URL").TrimEnd('/');
        string credentials = Setting("API_CLIENT_ID") + ":" + Setting("API_CLIENT_SECRET");
        string authorization = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials));
        string path = "/oauth/token";
        string url = baseUrl + path;

        Func<HttpRequestMessage> newRequest = () =>
        {
            var request = new HttpRequestMessage(new HttpMethod("POST"), url);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Headers.Add("Authorization", authorization);
            string form = Pairs(new[] { "grant_type", grantType });
            request.Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded");
            return request;
        };

        HttpResponseMessage response = await Send(newRequest);
        string text = await response.Content.ReadAsStringAsync();
        return Parse(text);
    }

    static async Task Run()
    {
        ShowAnswer(await CreateToken());
    }

    static int Main()
    {
        try
        {
            Run().GetAwaiter().GetResult();
            return 0;
        }
        catch (Exception error)
        {
            Err.WriteLine(error.Message);
            return 1;
        }
    }
}
