// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
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

class ScheduleStartCode
{
    public string Service { get; set; }
    public string Type { get; set; }
}

class Option
{
    public bool? DefaultValue { get; set; }
    public string ValueValue { get; set; }
}

class Answer
{
    public string HostProfileCode { get; set; }
    public string Id { get; set; }
    public string InputMode { get; set; }
    public string Name { get; set; }
    public List<Option> Options { get; set; }
    public List<ScheduleStartCode> ScheduleStartCodes { get; set; }
    public string SiteUrl { get; set; }
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

    public static ScheduleStartCode AsScheduleStartCode(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new ScheduleStartCode
        {
            Service = AsText(Member(value, "service")),
            Type = AsText(Member(value, "type")),
        };
    }

    public static Option AsOption(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new Option
        {
            DefaultValue = AsBoolean(Member(value, "defaultValue")),
            ValueValue = AsText(Member(value, "value")),
        };
    }

    public static Answer AsAnswer(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new Answer
        {
            HostProfileCode = AsText(Member(value, "hostProfileCode")),
            Id = AsText(Member(value, "id")),
            InputMode = AsText(Member(value, "inputMode")),
            Name = AsText(Member(value, "name")),
            Options = AsList(Member(value, "options"), AsOption),
            ScheduleStartCodes = AsList(Member(value, "scheduleStartCodes"), AsScheduleStartCode),
            SiteUrl = AsText(Member(value, "siteUrl")),
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

    static void ShowScheduleStartCode(string place, ScheduleStartCode value)
    {
        if (value == null)
            return;
        Show(place + ".service", value.Service);
        Show(place + ".type", value.Type);
    }

    static void ShowOption(string place, Option value)
    {
        if (value == null)
            return;
        Show(place + ".defaultValue", value.DefaultValue);
        Show(place + ".value", value.ValueValue);
    }

    static void ShowAnswer(Answer value)
    {
        if (value == null)
            return;
        Show("hostProfileCode", value.HostProfileCode);
        Show("id", value.Id);
        Show("inputMode", value.InputMode);
        Show("name", value.Name);
        ShowList("options", value.Options, ShowOption);
        ShowList("scheduleStartCodes", value.ScheduleStartCodes, ShowScheduleStartCode);
        Show("siteUrl", value.SiteUrl);
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

    /// <summary>Create a tracking code.</summary>
    static async Task<Answer> CreateTrackingCode()
    {
        string baseUrl = Setting("API_BASE_URL").TrimEnd('/');
        string authorization = "Bearer " + Setting("API_TOKEN");
        string path = "/v1/admin/meeting/config/trackingCodes";
        string url = baseUrl + path;

        Func<HttpRequestMessage> newRequest = () =>
        {
            var request = new HttpRequestMessage(new HttpMethod("POST"), url);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Headers.Add("Authorization", authorization);
            request.Content = new StringContent("{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}");
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
            return request;
        };

        HttpResponseMessage response = await Send(newRequest);
        string text = await response.Content.ReadAsStringAsync();
        return Parse(text);
    }

    static async Task Run()
    {
        ShowAnswer(await CreateTrackingCode());
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
