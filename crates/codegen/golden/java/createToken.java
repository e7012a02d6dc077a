// Get an access token
// POST /oauth/token
//
// It also takes:
//   account_id: With `account_credentials`: the account's id.
//   refresh_token: With `refresh_token`: the token to retire.
//   client_id: The app, where no Basic header names it.
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
import java.util.Base64;
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
        String grantType = "account_credentials";

        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        String credentials = setting("API_CLIENT_ID") + ":" + setting("API_CLIENT_SECRET");
        byte[] credentialBytes = credentials.getBytes(StandardCharsets.UTF_8);
        headers.put("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentialBytes));
        headers.put("Content-Type", "application/x-www-form-urlencoded");
        byte[] content = pairs(List.of(List.of("grant_type", grantType))).getBytes(StandardCharsets.UTF_8);

        String path = "/oauth/token";
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
        String accessToken = asText(member(answer, "access_token"));
        show("access_token", accessToken);
        String apiUrl = asText(member(answer, "api_url"));
        show("api_url", apiUrl);
        Long expiresIn = asInteger(member(answer, "expires_in"));
        show("expires_in", expiresIn);
        String refreshToken = asText(member(answer, "refresh_token"));
        show("refresh_token", refreshToken);
        String scope = asText(member(answer, "scope"));
        show("scope", scope);
        String tokenType = asText(member(answer, "token_type"));
        show("token_type", tokenType);
    }
}
