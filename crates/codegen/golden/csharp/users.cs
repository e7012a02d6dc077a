// List users
// GET /v2/users
//
// Optional parameters:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records per page, at most 2000; larger values mean 2000. Default: 30.
//   page_number: Number of the page, from 1. For older clients; prefer `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is accepted; they are always included.
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

class LicenseInfoListItem
{
    public long? LicenseOption { get; set; }
    public string LicenseType { get; set; }
    public string SubscriptionId { get; set; }
}

class CustomAttribute
{
    public string Key { get; set; }
    public string Name { get; set; }
    public string ValueValue { get; set; }
}

class User
{
    public string CreatedAt { get; set; }
    public List<CustomAttribute> CustomAttributes { get; set; }
    public string Dept { get; set; }
    public string DisplayName { get; set; }
    public List<string> DivisionIds { get; set; }
    public string Email { get; set; }
    public string EmployeeUniqueId { get; set; }
    public string FirstName { get; set; }
    public List<string> GroupIds { get; set; }
    public string HostKey { get; set; }
    public string Id { get; set; }
    public List<string> ImGroupIds { get; set; }
    public string LastClientVersion { get; set; }
    public string LastLoginTime { get; set; }
    public string LastName { get; set; }
    public List<LicenseInfoListItem> LicenseInfoList { get; set; }
    public string PlanUnitedType { get; set; }
    public long? Pmi { get; set; }
    public string RoleId { get; set; }
    public string Status { get; set; }
    public string Timezone { get; set; }
    public long? Type { get; set; }
    public string UserCreatedAt { get; set; }
    public long? Verified { get; set; }
}

class Answer
{
    public string NextPageToken { get; set; }
    public long? PageCount { get; set; }
    public long? PageSize { get; set; }
    public long? TotalRecords { get; set; }
    public long? PageNumber { get; set; }
    public List<User> Users { get; set; }
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

    public static LicenseInfoListItem AsLicenseInfoListItem(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new LicenseInfoListItem
        {
            LicenseOption = AsInteger(Member(value, "license_option")),
            LicenseType = AsText(Member(value, "license_type")),
            SubscriptionId = AsText(Member(value, "subscription_id")),
        };
    }

    public static CustomAttribute AsCustomAttribute(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new CustomAttribute
        {
            Key = AsText(Member(value, "key")),
            Name = AsText(Member(value, "name")),
            ValueValue = AsText(Member(value, "value")),
        };
    }

    public static User AsUser(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new User
        {
            CreatedAt = AsText(Member(value, "created_at")),
            CustomAttributes = AsList(Member(value, "custom_attributes"), AsCustomAttribute),
            Dept = AsText(Member(value, "dept")),
            DisplayName = AsText(Member(value, "display_name")),
            DivisionIds = AsList(Member(value, "division_ids"), AsText),
            Email = AsText(Member(value, "email")),
            EmployeeUniqueId = AsText(Member(value, "employee_unique_id")),
            FirstName = AsText(Member(value, "first_name")),
            GroupIds = AsList(Member(value, "group_ids"), AsText),
            HostKey = AsText(Member(value, "host_key")),
            Id = AsText(Member(value, "id")),
            ImGroupIds = AsList(Member(value, "im_group_ids"), AsText),
            LastClientVersion = AsText(Member(value, "last_client_version")),
            LastLoginTime = AsText(Member(value, "last_login_time")),
            LastName = AsText(Member(value, "last_name")),
            LicenseInfoList = AsList(Member(value, "license_info_list"), AsLicenseInfoListItem),
            PlanUnitedType = AsText(Member(value, "plan_united_type")),
            Pmi = AsInteger(Member(value, "pmi")),
            RoleId = AsText(Member(value, "role_id")),
            Status = AsText(Member(value, "status")),
            Timezone = AsText(Member(value, "timezone")),
            Type = AsInteger(Member(value, "type")),
            UserCreatedAt = AsText(Member(value, "user_created_at")),
            Verified = AsInteger(Member(value, "verified")),
        };
    }

    public static Answer AsAnswer(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new Answer
        {
            NextPageToken = AsText(Member(value, "next_page_token")),
            PageCount = AsInteger(Member(value, "page_count")),
            PageSize = AsInteger(Member(value, "page_size")),
            TotalRecords = AsInteger(Member(value, "total_records")),
            PageNumber = AsInteger(Member(value, "page_number")),
            Users = AsList(Member(value, "users"), AsUser),
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

    /// <summary>How many elements of each list have been printed: a list continues on the next page.</summary>
    static readonly Dictionary<string, int> Printed = new Dictionary<string, int>();

    static void ShowList<T>(string place, List<T> list, Action<string, T> show)
    {
        int index;
        Printed.TryGetValue(place, out index);
        foreach (T element in list)
            show($"{place}[{index++}]", element);
        Printed[place] = index;
    }

    static void ShowLicenseInfoListItem(string place, LicenseInfoListItem value)
    {
        if (value == null)
            return;
        Show(place + ".license_option", value.LicenseOption);
        Show(place + ".license_type", value.LicenseType);
        Show(place + ".subscription_id", value.SubscriptionId);
    }

    static void ShowCustomAttribute(string place, CustomAttribute value)
    {
        if (value == null)
            return;
        Show(place + ".key", value.Key);
        Show(place + ".name", value.Name);
        Show(place + ".value", value.ValueValue);
    }

    static void ShowUser(string place, User value)
    {
        if (value == null)
            return;
        Show(place + ".created_at", value.CreatedAt);
        ShowList(place + ".custom_attributes", value.CustomAttributes, ShowCustomAttribute);
        Show(place + ".dept", value.Dept);
        Show(place + ".display_name", value.DisplayName);
        ShowList(place + ".division_ids", value.DivisionIds, (at, element) => Show(at, element));
        Show(place + ".email", value.Email);
        Show(place + ".employee_unique_id", value.EmployeeUniqueId);
        Show(place + ".first_name", value.FirstName);
        ShowList(place + ".group_ids", value.GroupIds, (at, element) => Show(at, element));
        Show(place + ".host_key", value.HostKey);
        Show(place + ".id", value.Id);
        ShowList(place + ".im_group_ids", value.ImGroupIds, (at, element) => Show(at, element));
        Show(place + ".last_client_version", value.LastClientVersion);
        Show(place + ".last_login_time", value.LastLoginTime);
        Show(place + ".last_name", value.LastName);
        ShowList(place + ".license_info_list", value.LicenseInfoList, ShowLicenseInfoListItem);
        Show(place + ".plan_united_type", value.PlanUnitedType);
        Show(place + ".pmi", value.Pmi);
        Show(place + ".role_id", value.RoleId);
        Show(place + ".status", value.Status);
        Show(place + ".timezone", value.Timezone);
        Show(place + ".type", value.Type);
        Show(place + ".user_created_at", value.UserCreatedAt);
        Show(place + ".verified", value.Verified);
    }

    static void ShowAnswer(Answer value)
    {
        if (value == null)
            return;
        Show("next_page_token", value.NextPageToken);
        Show("page_count", value.PageCount);
        Show("page_size", value.PageSize);
        Show("total_records", value.TotalRecords);
        Show("page_number", value.PageNumber);
        ShowList("users", value.Users, ShowUser);
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

    /// <summary>List users: passes each page on.</summary>
    static async Task Users(Action<Answer> handle)
    {
        string baseUrl = Setting("API_BASE_URL").TrimEnd('/');
        string authorization = "Bearer " + Setting("API_TOKEN");
        string path = "/v2/users";
        string url = baseUrl + path;

        Func<HttpRequestMessage> newRequest = () =>
        {
            var request = new HttpRequestMessage(new HttpMethod("GET"), url);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            request.Headers.Add("Authorization", authorization);
            return request;
        };

        while (url != null)
        {
            HttpResponseMessage response = await Send(newRequest);
            Answer page = Parse(await response.Content.ReadAsStringAsync());
            handle(page);
            url = null;
            if (!string.IsNullOrEmpty(page?.NextPageToken))
                url = $"{baseUrl}{path}?{Pairs(new[] { "next_page_token", page.NextPageToken })}";
        }
    }

    static async Task Run()
    {
        await Users(page => ShowAnswer(page));
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
