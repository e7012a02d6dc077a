// Reads JSON that is built like the sample
// Reads standard input.
// Needs Java 17 or later, with Gson in the class path.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);

    record AnswerRow(
        Long id,
        String note) {
        static AnswerRow of(JsonElement json) {
            return !json.isJsonObject() ? null : new AnswerRow(
                asInteger(member(json, "id")),
                asText(member(json, "note")));
        }
    }

    record Owner(
        String id,
        JsonElement classValue) {
        static Owner of(JsonElement json) {
            return !json.isJsonObject() ? null : new Owner(
                asText(member(json, "id")),
                asJson(member(json, "class")));
        }
    }

    record Answer(
        Long id,
        String field2ndName,
        Boolean classValue,
        Double mean,
        List<String> tags,
        List<List<Long>> grid,
        Owner owner,
        List<AnswerRow> rows,
        String userName,
        String userNameValue) {
        static Answer of(JsonElement json) {
            return !json.isJsonObject() ? null : new Answer(
                asInteger(member(json, "id")),
                asText(member(json, "2nd-name")),
                asBoolean(member(json, "class")),
                asNumber(member(json, "mean")),
                asList(member(json, "tags"), Sample::asText),
                asList(member(json, "grid"), row -> asList(row, Sample::asInteger)),
                Owner.of(member(json, "owner")),
                asList(member(json, "rows"), AnswerRow::of),
                asText(member(json, "userName")),
                asText(member(json, "user_name")));
        }
    }

    /** Returns a member of an object, or JSON's null if there is none. */
    static JsonElement member(JsonElement parent, String name) {
        boolean has = parent.isJsonObject() && parent.getAsJsonObject().has(name);
        return has ? parent.getAsJsonObject().get(name) : JsonNull.INSTANCE;
    }

    static String asText(JsonElement value) {
        return value.isJsonPrimitive() ? value.getAsString() : null;
    }

    static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    static Long asInteger(JsonElement value) {
        if (!isNumber(value)) {
            return null;
        }
        BigDecimal number = value.getAsBigDecimal();
        if (number.precision() - number.scale() > 19 || number.toBigInteger().bitLength() > 63) {
            throw new ArithmeticException(value + " does not fit in 64 bits");
        }
        return number.longValue();
    }

    static Double asNumber(JsonElement value) {
        return isNumber(value) ? (Double) value.getAsDouble() : null;
    }

    static Boolean asBoolean(JsonElement value) {
        boolean isBoolean = value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
        return isBoolean ? (Boolean) value.getAsBoolean() : null;
    }

    static JsonElement asJson(JsonElement value) {
        return value.isJsonNull() ? null : value;
    }

    /** Reads each element of an array. */
    static <T> List<T> asList(JsonElement value, Function<JsonElement, T> read) {
        List<T> list = new ArrayList<>();
        if (value.isJsonArray()) {
            value.getAsJsonArray().forEach(element -> list.add(read.apply(element)));
        }
        return list;
    }

    /** Prints a value on its own line, and nothing if there is none. */
    static void show(String place, Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        if (value instanceof Double number) {
            text = new BigDecimal(number).round(new MathContext(15)).stripTrailingZeros().toPlainString();
        } else if (value instanceof JsonElement json && json.isJsonPrimitive()) {
            text = json.getAsString();
        }
        OUT.print(place + ": " + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + "\n");
    }

    static <T> void showList(String place, List<T> list, BiConsumer<String, T> show) {
        int index = 0;
        for (T element : list) {
            show.accept(place + "[" + index++ + "]", element);
        }
    }

    static void showAnswerRow(String place, AnswerRow value) {
        if (value == null) {
            return;
        }
        show(place + ".id", value.id);
        show(place + ".note", value.note);
    }

    static void showOwner(String place, Owner value) {
        if (value == null) {
            return;
        }
        show(place + ".id", value.id);
        show(place + "." + "class", value.classValue);
    }

    static void showAnswer(Answer value) {
        if (value == null) {
            return;
        }
        show("id", value.id);
        show("2nd-name", value.field2ndName);
        show("class", value.classValue);
        show("mean", value.mean);
        showList("tags", value.tags, Sample::show);
        showList("grid", value.grid, (place, row) -> showList(place, row, Sample::show));
        showOwner("owner", value.owner);
        showList("rows", value.rows, Sample::showAnswerRow);
        show("userName", value.userName);
        show("user_name", value.userNameValue);
    }

    static Answer parse(String text) throws IOException {
        try {
            JsonElement json = new Gson().getAdapter(JsonElement.class).fromJson(text);
            return Answer.of(json);
        } catch (IOException | JsonParseException error) {
            throw new IOException("standard input is not JSON (" + error.getMessage() + ")", error);
        }
    }

    static void run() throws IOException, InterruptedException {
        String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        showAnswer(parse(input));
    }

    public static void main(String[] args) throws InterruptedException {
        try {
            run();
        } catch (IOException | RuntimeException error) {
            ERR.println(error.getMessage());
            System.exit(1);
        }
    }
}
