// Reads JSON that is built like the sample
// Reads standard input.
// For .NET Core 3.1, .NET 5 or later.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
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

    static double? AsNumber(JsonElement value)
    {
        return value.ValueKind == JsonValueKind.Number ? value.GetDouble() : (double?)null;
    }

    /// <summary>A value of which the description does not say what it holds: objects and arrays as JSON.</summary>
    static string AsJson(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined: case JsonValueKind.Null: return null;
            case JsonValueKind.String: return value.GetString();
            case JsonValueKind.Object: case JsonValueKind.Array: return Regex.Replace(value.GetRawText(), "[\r\n]+", "");
            default: return value.GetRawText();
        }
    }

    static bool? AsBoolean(JsonElement value)
    {
        bool isBoolean = value.ValueKind == JsonValueKind.True || value.ValueKind == JsonValueKind.False;
        return isBoolean ? value.GetBoolean() : (bool?)null;
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

    static void Main()
    {
        Run().GetAwaiter().GetResult();
    }

    static async Task Run()
    {
        var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        JsonElement answer = JsonDocument.Parse(await input.ReadToEndAsync()).RootElement;
        long? id = AsInteger(Member(answer, "id"));
        Show("id", id);
        string field2ndName = AsText(Member(answer, "2nd-name"));
        Show("2nd-name", field2ndName);
        bool? classValue = AsBoolean(Member(answer, "class"));
        Show("class", classValue);
        double? mean = AsNumber(Member(answer, "mean"));
        Show("mean", mean);
        JsonElement tags = Member(answer, "tags");
        if (tags.ValueKind == JsonValueKind.Array)
        {
            int tagIndex = 0;
            foreach (JsonElement tag in tags.EnumerateArray())
            {
                Show("tags[" + tagIndex + "]", AsText(tag));
                tagIndex++;
            }
        }
        JsonElement grid = Member(answer, "grid");
        if (grid.ValueKind == JsonValueKind.Array)
        {
            int gridItemIndex = 0;
            foreach (JsonElement gridItem in grid.EnumerateArray())
            {
                JsonElement inner = gridItem;
                if (inner.ValueKind == JsonValueKind.Array)
                {
                    int innerItemIndex = 0;
                    foreach (JsonElement innerItem in inner.EnumerateArray())
                    {
                        Show("grid[" + gridItemIndex + "][" + innerItemIndex + "]", AsInteger(innerItem));
                        innerItemIndex++;
                    }
                }
                gridItemIndex++;
            }
        }
        JsonElement owner = Member(answer, "owner");
        if (owner.ValueKind == JsonValueKind.Object)
        {
            string ownerId = AsText(Member(owner, "id"));
            Show("owner.id", ownerId);
            string ownerClass = AsJson(Member(owner, "class"));
            Show("owner.class", ownerClass);
        }
        JsonElement rows = Member(answer, "rows");
        if (rows.ValueKind == JsonValueKind.Array)
        {
            int rowIndex = 0;
            foreach (JsonElement row in rows.EnumerateArray())
            {
                long? rowId = AsInteger(Member(row, "id"));
                Show("rows[" + rowIndex + "].id", rowId);
                string note = AsText(Member(row, "note"));
                Show("rows[" + rowIndex + "].note", note);
                rowIndex++;
            }
        }
        string userName = AsText(Member(answer, "userName"));
        Show("userName", userName);
        string userNameValue = AsText(Member(answer, "user_name"));
        Show("user_name", userNameValue);
    }
}
