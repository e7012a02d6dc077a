// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
// Needs Java 17 or later, with Gson in the class path.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    static final PrintStream ERR = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    /** Maximum time for a response. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    record ScheduleStartCode(
        String service,
        String type) {
        static ScheduleStartCode of(JsonElement json) {
            return !json.isJsonObject() ? null : new ScheduleStartCode(
                asText(member(json, "service")),
                asText(member(json, "type")));
        }
    }

    record Option(
        Boolean defaultValue,
        String value) {
        static Option of(JsonElement json) {
            return !json.isJsonObject() ? null : new Option(
                asBoolean(member(json, "defaultValue")),
                asText(member(json, "value")));
        }
    }

    record Answer(
        String hostProfileCode,
        String id,
        String inputMode,
        String name,
        List<Option> options,
        List<ScheduleStartCode> scheduleStartCodes,
        String siteUrl) {
        static Answer of(JsonElement json) {
            return !json.isJsonObject() ? null : new Answer(
                asText(member(json, "hostProfileCode")),
                asText(member(json, "id")),
                asText(member(json, "inputMode")),
                asText(member(json, "name")),
                asList(member(json, "options"), Option::of),
                asList(member(json, "scheduleStartCodes"), ScheduleStartCode::of),
                asText(member(json, "siteUrl")));
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

    static void showScheduleStartCode(String place, ScheduleStartCode value) {
        if (value == null) {
            return;
        }
        show(place + ".service", value.service);
        show(place + ".type", value.type);
    }

    static void showOption(String place, Option value) {
        if (value == null) {
            return;
        }
        show(place + ".defaultValue", value.defaultValue);
        show(place + ".value", value.value);
    }

    static void showAnswer(Answer value) {
        if (value == null) {
            return;
        }
        show("hostProfileCode", value.hostProfileCode);
        show("id", value.id);
        show("inputMode", value.inputMode);
        show("name", value.name);
        showList("options", value.options, Sample::showOption);
        showList("scheduleStartCodes", value.scheduleStartCodes, Sample::showScheduleStartCode);
        show("siteUrl", value.siteUrl);
    }

    static Answer parse(String text) throws IOException {
        try {
            JsonElement json = new Gson().getAdapter(JsonElement.class).fromJson(text);
            return Answer.of(json);
        } catch (IOException | JsonParseException error) {
            throw new IOException("the response is not JSON (" + error.getMessage() + "): " + text, error);
        }
    }

    /** Returns an environment variable. */
    static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException("set " + name + " in the environment");
        }
        return value;
    }

    /** Percent-encodes everything but letters, digits and -._~ */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** Writes parameters, lists of a name and its values, as a query or a form. */
    static String pairs(List<List<String>> parameters) {
        return parameters.stream().map(Sample::pair).collect(Collectors.joining("&"));
    }

    static String pair(List<String> parameter) {
        String values = parameter.stream().skip(1).map(Sample::encode).collect(Collectors.joining(","));
        return encode(parameter.get(0)) + "=" + values;
    }

    /** Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time. */
    static Duration waitTime(HttpResponse<String> response) {
        String retryAfter = response.headers().firstValue("Retry-After").orElse("1");
        if (retryAfter.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(retryAfter));
        }
        try {
            Duration wait = Duration.between(Instant.now(), OffsetDateTime.parse(retryAfter).toInstant());
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeParseException error) {
            return Duration.ofSeconds(1);
        }
    }

    /** Sends the request and returns a successful response. Retries up to five times after 429. */
    static HttpResponse<String> send(HttpClient client, String url, Map<String, String> headers, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
            .timeout(TIMEOUT)
            .method("POST", HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::setHeader);
        for (int attempt = 0; ; attempt++) {
            HttpResponse<String> response;
            try {
                response = client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            } catch (IOException error) {
                throw new IOException(url + ": " + error, error);
            }
            if (response.statusCode() / 100 == 2) {
                return response;
            }
            if (response.statusCode() != 429 || attempt == 5) {
                throw new IOException("HTTP " + response.statusCode() + ": " + response.body());
            }
            Duration wait = waitTime(response);
            ERR.println("429: waiting " + wait.toSeconds() + " s");
            Thread.sleep(wait.toMillis());
        }
    }

    /** Create a tracking code. */
    static Answer createTrackingCode()
            throws IOException, InterruptedException {
        String baseUrl = setting("API_BASE_URL").replaceAll("/+$", "");
        String path = "/v1/admin/meeting/config/trackingCodes";

        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("Authorization", "Bearer " + setting("API_TOKEN"));
        headers.put("Content-Type", "application/json");
        byte[] body = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}".getBytes(StandardCharsets.UTF_8);

        String url = baseUrl + path;
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<String> response = send(client, url, headers, body);
        return parse(response.body());
    }

    static void run() throws IOException, InterruptedException {
        showAnswer(createTrackingCode());
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
