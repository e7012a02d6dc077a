// Reads JSON that is built like the sample
// Reads standard input.
// For Java 11 or later, with Gson in the class path.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);

    static RuntimeException fail(String message) {
        ERR.println(message);
        System.exit(1);
        return new IllegalStateException();
    }

    /** A value of an object; JSON's null where there is none. */
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
        java.math.BigDecimal number = value.getAsBigDecimal();
        if (number.precision() - number.scale() > 19 || number.toBigInteger().bitLength() > 63) {
            throw fail(value + " does not fit in 64 bits");
        }
        return number.longValue();
    }

    static Double asNumber(JsonElement value) {
        return isNumber(value) ? (Double) value.getAsDouble() : null;
    }

    /** A value of which the description does not say what it holds: objects and arrays as JSON. */
    static String asJson(JsonElement value) {
        if (value.isJsonNull()) {
            return null;
        }
        return value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    static Boolean asBoolean(JsonElement value) {
        boolean is = value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
        return is ? (Boolean) value.getAsBoolean() : null;
    }

    /** Prints a value on one line; nothing if there is none. */
    static void show(String place, Object value) {
        if (value == null) {
            return;
        }
        String text = value.toString();
        if (value instanceof Double) {
            // Up to 15 digits, without zeros at the end.
            text = new java.math.BigDecimal((Double) value).round(new java.math.MathContext(15)).stripTrailingZeros().toPlainString();
        }
        OUT.print(place + ": " + text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r") + "\n");
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        JsonElement answer = new Gson().getAdapter(JsonElement.class).fromJson(input);
        Long id = asInteger(member(answer, "id"));
        show("id", id);
        String field2ndName = asText(member(answer, "2nd-name"));
        show("2nd-name", field2ndName);
        Boolean classValue = asBoolean(member(answer, "class"));
        show("class", classValue);
        Double mean = asNumber(member(answer, "mean"));
        show("mean", mean);
        JsonElement tags = member(answer, "tags");
        if (tags.isJsonArray()) {
            for (int tagIndex = 0; tagIndex < tags.getAsJsonArray().size(); tagIndex++) {
                JsonElement tag = tags.getAsJsonArray().get(tagIndex);
                show("tags[" + tagIndex + "]", asText(tag));
            }
        }
        JsonElement grid = member(answer, "grid");
        if (grid.isJsonArray()) {
            for (int gridItemIndex = 0; gridItemIndex < grid.getAsJsonArray().size(); gridItemIndex++) {
                JsonElement gridItem = grid.getAsJsonArray().get(gridItemIndex);
                JsonElement inner = gridItem;
                if (inner.isJsonArray()) {
                    for (int innerItemIndex = 0; innerItemIndex < inner.getAsJsonArray().size(); innerItemIndex++) {
                        JsonElement innerItem = inner.getAsJsonArray().get(innerItemIndex);
                        show("grid[" + gridItemIndex + "][" + innerItemIndex + "]", asInteger(innerItem));
                    }
                }
            }
        }
        JsonElement owner = member(answer, "owner");
        if (owner.isJsonObject()) {
            String ownerId = asText(member(owner, "id"));
            show("owner.id", ownerId);
            String ownerClass = asJson(member(owner, "class"));
            show("owner.class", ownerClass);
        }
        JsonElement rows = member(answer, "rows");
        if (rows.isJsonArray()) {
            for (int rowIndex = 0; rowIndex < rows.getAsJsonArray().size(); rowIndex++) {
                JsonElement row = rows.getAsJsonArray().get(rowIndex);
                Long rowId = asInteger(member(row, "id"));
                show("rows[" + rowIndex + "].id", rowId);
                String note = asText(member(row, "note"));
                show("rows[" + rowIndex + "].note", note);
            }
        }
        String userName = asText(member(answer, "userName"));
        show("userName", userName);
        String userNameValue = asText(member(answer, "user_name"));
        show("user_name", userNameValue);
    }
}
