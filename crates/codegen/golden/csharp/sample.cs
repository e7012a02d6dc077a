// Reads JSON that is built like the sample
// Reads standard input.
// Needs .NET Core 3.1, .NET 5 or later.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using static Json;

class AnswerRow
{
    public long? Id { get; set; }
    public string Note { get; set; }
}

class Owner
{
    public string Id { get; set; }
    public JsonElement? ClassValue { get; set; }
}

class Answer
{
    public long? Id { get; set; }
    public string Field2ndName { get; set; }
    public bool? ClassValue { get; set; }
    public double? Mean { get; set; }
    public List<string> Tags { get; set; }
    public List<List<long?>> Grid { get; set; }
    public Owner Owner { get; set; }
    public List<AnswerRow> Rows { get; set; }
    public string UserName { get; set; }
    public string UserNameValue { get; set; }
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

    public static AnswerRow AsAnswerRow(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new AnswerRow
        {
            Id = AsInteger(Member(value, "id")),
            Note = AsText(Member(value, "note")),
        };
    }

    public static Owner AsOwner(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new Owner
        {
            Id = AsText(Member(value, "id")),
            ClassValue = AsJson(Member(value, "class")),
        };
    }

    public static Answer AsAnswer(JsonElement value)
    {
        return value.ValueKind != JsonValueKind.Object ? null : new Answer
        {
            Id = AsInteger(Member(value, "id")),
            Field2ndName = AsText(Member(value, "2nd-name")),
            ClassValue = AsBoolean(Member(value, "class")),
            Mean = AsNumber(Member(value, "mean")),
            Tags = AsList(Member(value, "tags"), AsText),
            Grid = AsList(Member(value, "grid"), row => AsList(row, AsInteger)),
            Owner = AsOwner(Member(value, "owner")),
            Rows = AsList(Member(value, "rows"), AsAnswerRow),
            UserName = AsText(Member(value, "userName")),
            UserNameValue = AsText(Member(value, "user_name")),
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

    static void ShowAnswerRow(string place, AnswerRow value)
    {
        if (value == null)
            return;
        Show(place + ".id", value.Id);
        Show(place + ".note", value.Note);
    }

    static void ShowOwner(string place, Owner value)
    {
        if (value == null)
            return;
        Show(place + ".id", value.Id);
        Show(place + "." + "class", value.ClassValue);
    }

    static void ShowAnswer(Answer value)
    {
        if (value == null)
            return;
        Show("id", value.Id);
        Show("2nd-name", value.Field2ndName);
        Show("class", value.ClassValue);
        Show("mean", value.Mean);
        ShowList("tags", value.Tags, (at, element) => Show(at, element));
        ShowList("grid", value.Grid, (at1, row1) => ShowList(at1, row1, (at, element) => Show(at, element)));
        ShowOwner("owner", value.Owner);
        ShowList("rows", value.Rows, ShowAnswerRow);
        Show("userName", value.UserName);
        Show("user_name", value.UserNameValue);
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
            throw new InvalidDataException($"standard input is not JSON ({error.Message})");
        }
    }

    static async Task Run()
    {
        var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        ShowAnswer(Parse(await input.ReadToEndAsync()));
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
