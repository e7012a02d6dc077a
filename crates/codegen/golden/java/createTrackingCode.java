// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
// For Java 11 or later, with Gson in the class path.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.PrintStream;
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

public class Sample {
    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    /** How long a server may take to answer. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);
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

    /** A variable of the environment. */
    static String setting(String name) {
        String value = System.getenv(name);
        if (value == null || value.isEmpty()) {
            throw fail("set " + name + " in the environment");
        }
        return value;
    }

    /** Percent-encodes all but letters, digits and -._~. */
    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    }

    /** Lists of a name and its values, as a query or a form. */
    static String pairs(List<List<String>> parameters) {
        List<String> written = new ArrayList<>();
        for (List<String> parameter : parameters) {
            List<String> values = new ArrayList<>();
            for (String value : parameter.subList(1, parameter.size())) {
                values.add(encode(value));
            }
            written.add(encode(parameter.get(0)) + "=" + String.join(",", values));
        }
        return String.join("&", written);
    }

    /** How long an answer with status 429 asks to wait: in seconds, or up to an instant. */
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

    /** A good answer; after 429 it waits and asks again, at most five times. */
    static HttpResponse<String> send(HttpClient client, String url, Map<String, String> headers, byte[] content)
            throws InterruptedException {
        HttpRequest.BodyPublisher body =
            content == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(content);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).method("POST", body);
        headers.forEach(request::setHeader);
        for (int attempt = 0; ; attempt++) {
            HttpResponse<String> response;
            try {
                response = client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            } catch (IOException error) {
                throw fail(url + ": " + error);
            }
            if (response.statusCode() / 100 == 2) {
                return response;
            }
            if (response.statusCode() != 429 || attempt == 5) {
                throw fail("HTTP " + response.statusCode() + ": " + response.body());
            }
            Duration wait = waitTime(response);
            ERR.println("429: waiting " + wait.toSeconds() + " s");
            Thread.sleep(wait.toMillis());
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        String baseUrl = setting("API_BASE_URL").replaceAll("/+$", "");

        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("Authorization", "Bearer " + setting("API_TOKEN"));
        headers.put("Content-Type", "application/json");
        byte[] content = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}".getBytes(StandardCharsets.UTF_8);

        String path = "/v1/admin/meeting/config/trackingCodes";
        List<List<String>> query = new ArrayList<>();
        HttpClient client = HttpClient.newHttpClient();
        String url = baseUrl + path + (query.isEmpty() ? "" : "?" + pairs(query));
        HttpResponse<String> response = send(client, url, headers, content);
        JsonElement answer;
        try {
            answer = new Gson().getAdapter(JsonElement.class).fromJson(response.body());
        } catch (IOException | JsonParseException error) {
            throw fail("the answer is not JSON (" + error.getMessage() + "): " + response.body());
        }
        String hostProfileCode = asText(member(answer, "hostProfileCode"));
        show("hostProfileCode", hostProfileCode);
        String id = asText(member(answer, "id"));
        show("id", id);
        String inputMode = asText(member(answer, "inputMode"));
        show("inputMode", inputMode);
        String nameValue = asText(member(answer, "name"));
        show("name", nameValue);
        JsonElement options = member(answer, "options");
        if (options.isJsonArray()) {
            for (int optionIndex = 0; optionIndex < options.getAsJsonArray().size(); optionIndex++) {
                JsonElement option = options.getAsJsonArray().get(optionIndex);
                Boolean defaultValue = asBoolean(member(option, "defaultValue"));
                show("options[" + optionIndex + "].defaultValue", defaultValue);
                String optionValue = asText(member(option, "value"));
                show("options[" + optionIndex + "].value", optionValue);
            }
        }
        JsonElement scheduleStartCodes = member(answer, "scheduleStartCodes");
        if (scheduleStartCodes.isJsonArray()) {
            for (int scheduleStartCodeIndex = 0; scheduleStartCodeIndex < scheduleStartCodes.getAsJsonArray().size(); scheduleStartCodeIndex++) {
                JsonElement scheduleStartCode = scheduleStartCodes.getAsJsonArray().get(scheduleStartCodeIndex);
                String service = asText(member(scheduleStartCode, "service"));
                show("scheduleStartCodes[" + scheduleStartCodeIndex + "].service", service);
                String scheduleStartCodeType = asText(member(scheduleStartCode, "type"));
                show("scheduleStartCodes[" + scheduleStartCodeIndex + "].type", scheduleStartCodeType);
            }
        }
        String siteUrl = asText(member(answer, "siteUrl"));
        show("siteUrl", siteUrl);
    }
}
