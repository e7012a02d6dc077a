// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
        string authorization = "Bearer " + Setting("API_TOKEN");

        string path = "/v2/users";
        string query = Pairs();
        string url = baseUrl + path + (query == "" ? "" : "?" + query);
        // How long a server may take to answer.
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        int userCount = 0;
        while (url != null)
        {
            HttpResponseMessage response = await Send(client, () =>
            {
                var request = new HttpRequestMessage(new HttpMethod("GET"), url);
                request.Headers.TryAddWithoutValidation("Accept", "application/json");
                request.Headers.Add("Authorization", authorization);
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
            string nextPageToken = AsText(Member(answer, "next_page_token"));
            Show("next_page_token", nextPageToken);
            long? pageCount = AsInteger(Member(answer, "page_count"));
            Show("page_count", pageCount);
            long? pageSize = AsInteger(Member(answer, "page_size"));
            Show("page_size", pageSize);
            long? totalRecords = AsInteger(Member(answer, "total_records"));
            Show("total_records", totalRecords);
            long? pageNumber = AsInteger(Member(answer, "page_number"));
            Show("page_number", pageNumber);
            JsonElement usersValue = Member(answer, "users");
            if (usersValue.ValueKind == JsonValueKind.Array)
            {
                int userIndex = 0;
                foreach (JsonElement user in usersValue.EnumerateArray())
                {
                    string createdAt = AsText(Member(user, "created_at"));
                    Show("users[" + (userCount + userIndex) + "].created_at", createdAt);
                    JsonElement customAttributes = Member(user, "custom_attributes");
                    if (customAttributes.ValueKind == JsonValueKind.Array)
                    {
                        int customAttributeIndex = 0;
                        foreach (JsonElement customAttribute in customAttributes.EnumerateArray())
                        {
                            string key = AsText(Member(customAttribute, "key"));
                            Show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].key", key);
                            string customAttributeName = AsText(Member(customAttribute, "name"));
                            Show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].name", customAttributeName);
                            string customAttributeValue = AsText(Member(customAttribute, "value"));
                            Show("users[" + (userCount + userIndex) + "].custom_attributes[" + customAttributeIndex + "].value", customAttributeValue);
                            customAttributeIndex++;
                        }
                    }
                    string dept = AsText(Member(user, "dept"));
                    Show("users[" + (userCount + userIndex) + "].dept", dept);
                    string displayName = AsText(Member(user, "display_name"));
                    Show("users[" + (userCount + userIndex) + "].display_name", displayName);
                    JsonElement divisionIds = Member(user, "division_ids");
                    if (divisionIds.ValueKind == JsonValueKind.Array)
                    {
                        int divisionIdIndex = 0;
                        foreach (JsonElement divisionId in divisionIds.EnumerateArray())
                        {
                            Show("users[" + (userCount + userIndex) + "].division_ids[" + divisionIdIndex + "]", AsText(divisionId));
                            divisionIdIndex++;
                        }
                    }
                    string email = AsText(Member(user, "email"));
                    Show("users[" + (userCount + userIndex) + "].email", email);
                    string employeeUniqueId = AsText(Member(user, "employee_unique_id"));
                    Show("users[" + (userCount + userIndex) + "].employee_unique_id", employeeUniqueId);
                    string firstName = AsText(Member(user, "first_name"));
                    Show("users[" + (userCount + userIndex) + "].first_name", firstName);
                    JsonElement groupIds = Member(user, "group_ids");
                    if (groupIds.ValueKind == JsonValueKind.Array)
                    {
                        int groupIdIndex = 0;
                        foreach (JsonElement groupId in groupIds.EnumerateArray())
                        {
                            Show("users[" + (userCount + userIndex) + "].group_ids[" + groupIdIndex + "]", AsText(groupId));
                            groupIdIndex++;
                        }
                    }
                    string hostKey = AsText(Member(user, "host_key"));
                    Show("users[" + (userCount + userIndex) + "].host_key", hostKey);
                    string id = AsText(Member(user, "id"));
                    Show("users[" + (userCount + userIndex) + "].id", id);
                    JsonElement imGroupIds = Member(user, "im_group_ids");
                    if (imGroupIds.ValueKind == JsonValueKind.Array)
                    {
                        int imGroupIdIndex = 0;
                        foreach (JsonElement imGroupId in imGroupIds.EnumerateArray())
                        {
                            Show("users[" + (userCount + userIndex) + "].im_group_ids[" + imGroupIdIndex + "]", AsText(imGroupId));
                            imGroupIdIndex++;
                        }
                    }
                    string lastClientVersion = AsText(Member(user, "last_client_version"));
                    Show("users[" + (userCount + userIndex) + "].last_client_version", lastClientVersion);
                    string lastLoginTime = AsText(Member(user, "last_login_time"));
                    Show("users[" + (userCount + userIndex) + "].last_login_time", lastLoginTime);
                    string lastName = AsText(Member(user, "last_name"));
                    Show("users[" + (userCount + userIndex) + "].last_name", lastName);
                    JsonElement licenseInfoList = Member(user, "license_info_list");
                    if (licenseInfoList.ValueKind == JsonValueKind.Array)
                    {
                        int licenseInfoListItemIndex = 0;
                        foreach (JsonElement licenseInfoListItem in licenseInfoList.EnumerateArray())
                        {
                            long? licenseOption = AsInteger(Member(licenseInfoListItem, "license_option"));
                            Show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_option", licenseOption);
                            string licenseType = AsText(Member(licenseInfoListItem, "license_type"));
                            Show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].license_type", licenseType);
                            string subscriptionId = AsText(Member(licenseInfoListItem, "subscription_id"));
                            Show("users[" + (userCount + userIndex) + "].license_info_list[" + licenseInfoListItemIndex + "].subscription_id", subscriptionId);
                            licenseInfoListItemIndex++;
                        }
                    }
                    string planUnitedType = AsText(Member(user, "plan_united_type"));
                    Show("users[" + (userCount + userIndex) + "].plan_united_type", planUnitedType);
                    long? pmi = AsInteger(Member(user, "pmi"));
                    Show("users[" + (userCount + userIndex) + "].pmi", pmi);
                    string roleId = AsText(Member(user, "role_id"));
                    Show("users[" + (userCount + userIndex) + "].role_id", roleId);
                    string userStatus = AsText(Member(user, "status"));
                    Show("users[" + (userCount + userIndex) + "].status", userStatus);
                    string timezone = AsText(Member(user, "timezone"));
                    Show("users[" + (userCount + userIndex) + "].timezone", timezone);
                    long? type = AsInteger(Member(user, "type"));
                    Show("users[" + (userCount + userIndex) + "].type", type);
                    string userCreatedAt = AsText(Member(user, "user_created_at"));
                    Show("users[" + (userCount + userIndex) + "].user_created_at", userCreatedAt);
                    long? verified = AsInteger(Member(user, "verified"));
                    Show("users[" + (userCount + userIndex) + "].verified", verified);
                    userIndex++;
                }
                userCount += userIndex;
            }

            // The next page, if there is one.
            JsonElement token = Member(answer, "next_page_token");
            bool hasNext = token.ValueKind == JsonValueKind.String && token.GetString() != "";
            string separator = query == "" ? "?" : "?" + query + "&";
            url = hasNext ? baseUrl + path + separator + Pairs(new[] {"next_page_token", token.GetString() }) : null;
        }
    }
}
